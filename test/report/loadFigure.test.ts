// The figure of a load study: a panel for each rate, a line for each model, nothing made up where nothing was measured.
import { expect, it } from "vitest";
import { tailsFigure } from "../../shared/figure/tails.ts";

const points = [
  { us: 50, share: 1 },
  { us: 500, share: 0.01 },
];

it("has the panels in their order, a line for each tail, and one hue for each model", () => {
  const svg = tailsFigure({
    title: "What users feel",
    subtitle: "virtual, seed 1",
    panels: ["2k/s", "50k/s"],
    tails: ["2k/s", "50k/s"].flatMap((panel) => [
      { panel, model: null, points },
      { panel, model: "simple", points },
      { panel, model: "hybrid", points: [] },
    ]),
  });
  expect(svg.indexOf("2k/s")).toBeGreaterThan(0);
  expect(svg.indexOf("2k/s")).toBeLessThan(svg.indexOf("50k/s"));
  expect(svg.match(/stroke="#0072B2"/g)).toHaveLength(2);
  expect(svg).toContain("requests before and between operations");
  expect(svg).toContain("hybrid: no request met an operation");
  expect(svg).toMatch(/<\/svg>\s*$/);
});

const textsOf = (svg: string): readonly string[] => [...svg.matchAll(/>([^<>]+)<\/text>/g)].map(([, text]) => text as string);

const tailOf = (tail: typeof points) =>
  tailsFigure({ title: "", subtitle: "", panels: ["2k/s"], tails: [{ panel: "2k/s", model: "simple", points: tail }] });

it("has ticks at both ends of both axes, with units, and its words in ink", () => {
  const svg = tailOf([...points, { us: 1_300, share: 0.0004 }]);
  expect(textsOf(svg)).toEqual(expect.arrayContaining(["100 µs", "1 ms", "5 ms", "0.01 %", "100 %"]));
  expect(svg.match(/<text[^>]*fill="#0072B2"/g)).toBeNull();
  expect(svg).toMatch(/<rect class="key"[^>]*fill="#0072B2"/);
});

it.each([
  ["no request", []],
  ["one request", [{ us: 70, share: 1 }]],
  ["requests that took no time", [{ us: 0, share: 1 }]],
  [
    "requests that all took the same",
    [
      { us: 70, share: 0.5 },
      { us: 70, share: 0.25 },
    ],
  ],
])("can be read of %s", (_, tail) => {
  const svg = tailOf(tail);
  expect(svg).not.toMatch(/NaN|Infinity/);
  expect(svg.match(/<circle/g) ?? []).toHaveLength(tail.some(({ us }) => us > 0) ? 1 : 0);
});
