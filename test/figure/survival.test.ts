// The survival surface as a picture: a number in every cell, and theory beside it where there is some.
import { assert, describe, it } from "vitest";
import { type SurvivalCell, survivalFigure } from "../../shared/figure/survival.ts";

const cellOf = (lossPercent: number, pauses: number, committed: number | null, closedForm: number | null): SurvivalCell => ({
  lossPercent,
  pauses,
  committed,
  closedForm,
});

const wordsIn = (svg: string): readonly string[] => [...svg.matchAll(/<text[^>]*>([^<]+)<\/text>/g)].map(([, word]) => word as string);

describe("survival figure", () => {
  const svg = survivalFigure({
    title: "t",
    subtitle: "s",
    cells: [cellOf(1, 1, 0.788, 0.805), cellOf(1, 4, 1, 0.99996), cellOf(20, 1, 0, 0.0001), cellOf(20, 4, null, null)],
  });

  it("has what was seen and what theory says in each cell, and tells nothing as certain that is not", () => {
    const words = wordsIn(svg);
    for (const word of ["78.8", "(80.5)", "100.0", "(&gt;99.9)", "0.0", "(&lt;0.1)", "-"]) assert.include(words, word);
    assert.lengthOf(
      words.filter((word) => word.startsWith("(")),
      3,
    );
  });

  it("is darker the more survive, and grey where nobody looked", () => {
    const fills = [...svg.matchAll(/<rect [^>]*fill="(#[0-9a-fA-F]{6})"/g)].map(([, fill]) => fill);
    assert.deepStrictEqual(fills.slice(-4), ["#2a7fb5", "#0072B2", "#ffffff", "#eeeeee"]);
  });
});
