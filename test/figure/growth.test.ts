// The figure of growth: everything that it was given is in it, it stands alone, and the same figures give the same bytes.
import { parseHTML } from "linkedom";
import { assert, describe, it } from "vitest";
import { type CurveShown, type GrowthShown, growthFigure } from "../../shared/figure/growth.ts";
import { pngOf } from "../../shared/figure/png.ts";

const curve = (label: string, model: string | null, valueAt: (x: number) => number): CurveShown => ({
  label,
  model,
  sizes: [2, 16, 128, 1024].map((x) => ({ x, median: valueAt(x), low: 0.8 * valueAt(x), high: 1.2 * valueAt(x), runs: [valueAt(x)] })),
  law: { sentence: `grows as a law of ${label}`, valueAt },
});

const shown: GrowthShown = {
  title: "Stop & go <of the machine>",
  subtitle: "virtual engine, seeds 1 to 5",
  xLabel: "CPUs",
  yLabel: "completion",
  yText: (us) => `${us} µs`,
  curves: [curve("simple flat", "simple", (x) => 20 + 3 * x), curve("hybrid", "hybrid", (x) => 9e5 + x)],
  floor: { label: "harness", sizes: [2, 16, 128, 1024].map((x) => ({ x, y: x })) },
};

const textsOf = (svg: string): readonly string[] => {
  const { document } = parseHTML(`<body>${svg}</body>`);
  return [...document.querySelectorAll("text")].map((text) => text.textContent ?? "");
};

describe("the figure of growth", () => {
  it("names its subject, axes, curves, laws and floor, whatever letters are in them", () => {
    const texts = textsOf(growthFigure(shown));
    for (const wanted of [shown.title, shown.subtitle, "simple flat", "hybrid", "harness", "hybrid: grows as a law of hybrid"])
      assert.include(texts, wanted);
    for (const axis of ["CPUs", "completion"]) assert.isTrue(texts.some((text) => text.includes(axis)));
    for (const tick of ["2", "16", "128", "1\u202f024"]) assert.include(texts, tick);
  });

  it("asks for nothing from outside", () => {
    const links = growthFigure(shown).match(/(?:href|src|url)\s*[=(]\s*["']?[^#"')]+/g) ?? [];
    assert.deepStrictEqual(links, []);
  });

  it("is the same for the same figures", () => {
    assert.strictEqual(growthFigure(shown), growthFigure(shown));
  });

  it("leaves out what has no place on a logarithmic axis, and draws the rest", () => {
    const withZero = { ...shown, curves: [curve("flat", null, (x) => (x === 2 ? 0 : x))], floor: null };
    const svg = growthFigure(withZero);
    assert.notInclude(svg, "NaN");
    assert.notInclude(svg, "Infinity");
    assert.include(textsOf(svg), "flat");
  });

  it("becomes a PNG of twice its size", () => {
    const png = Buffer.from(pngOf(growthFigure(shown)));
    assert.strictEqual(png.toString("latin1", 1, 4), "PNG");
    assert.strictEqual(png.readUInt32BE(16), 2 * 860);
  });
});
