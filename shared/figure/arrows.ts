// How a message is drawn, whatever the axis: the head of one that arrives, the cross of one that never does.
import { element, through } from "./element.ts";
import { lostColour } from "./palette.ts";

type Point = readonly [x: number, y: number];

export const arrowhead = ([fromX, fromY]: Point, [x, y]: Point, fill: string): string => {
  const length = Math.hypot(x - fromX, y - fromY) || 1;
  const [dx, dy] = [(x - fromX) / length, (y - fromY) / length];
  const [bx, by] = [x - 6 * dx, y - 6 * dy];
  const corners = through([
    [x, y],
    [bx - 2.6 * dy, by + 2.6 * dx],
    [bx + 2.6 * dy, by - 2.6 * dx],
  ]);
  return element("path", { d: `${corners}Z`, fill, stroke: "none" });
};

/** What holds a dashed line and its cross. */
export const lostLine = { fill: "none", stroke: lostColour, "stroke-width": 1.5 } as const;

/** Two strokes across each other. */
export const cross = ([x, y]: Point, size: number): string =>
  element("path", {
    d: `M${x - size},${y - size}l${2 * size},${2 * size}M${x - size},${y + size}l${2 * size},${-2 * size}`,
    "stroke-width": 2,
  });

/** A dashed line that ends in a cross. */
export const crossed = (from: Point, [x, y]: Point): readonly string[] => {
  const at: Point = [Math.round(10 * x) / 10, Math.round(10 * y) / 10];
  return [element("path", { d: through([from, at]), "stroke-dasharray": "4 3" }), cross(at, 4)];
};
