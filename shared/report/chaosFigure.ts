// A survival surface as a figure.
import { plural } from "../figure/numbers.ts";
import { survivalFigure } from "../figure/survival.ts";
import type { Chaos } from "./chaosSummary.ts";
import { engineText } from "./html/words.ts";

/** The SVG, or null of a study that has no surface. */
export const chaosFigure = ({ surface, engine, cpus, seeds, rows: [row], faults }: Chaos): string | null => {
  if (surface === null) return null;
  const perCell = surface[0]?.committed.of ?? 0;
  const besides = faults.length === 0 ? "" : `, ${faults.join(", ")}`;
  return survivalFigure({
    title: "How often one attempt commits when packets get lost",
    subtitle: `${row?.model ?? "?"}, ${engineText(engine)}, ${plural(cpus, "CPU")}, ${plural(perCell, "run")} a cell, seeds ${seeds.first} to ${seeds.last}${besides}`,
    cells: surface.map(({ lossPercent, pauses, committed: { hits, of }, closedForm }) => ({
      lossPercent,
      pauses,
      committed: of === 0 ? null : hits / of,
      closedForm,
    })),
  });
};
