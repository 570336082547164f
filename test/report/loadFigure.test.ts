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
  expect(svg).toContain("grey: requests before and between operations");
  expect(svg).toMatch(/<\/svg>\s*$/);
});
