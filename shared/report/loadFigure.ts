// A load study as one figure: the tails of latency of every model, a panel for each rate.
import { plural } from "../figure/numbers.ts";
import { type TailShown, tailsFigure } from "../figure/tails.ts";
import { printRate } from "../load/rate.ts";
import { engineText } from "./html/words.ts";
import type { Load, LoadCell } from "./loadSummary.ts";

/** More panels than these would be too narrow to read; those of the lowest rates are drawn. */
const mostPanels = 6;

const tailsOf = ({ model, perSecond, ccdf }: LoadCell, isFirst: boolean): readonly TailShown[] => {
  const panel = printRate(perSecond);
  const during: TailShown = { panel, model, points: ccdf.during };
  return isFirst ? [{ panel, model: null, points: ccdf.before }, during] : [during];
};

/** The SVG, or null if nothing was measured. */
export const loadFigure = ({ cells, engine, cpus, workload, arrivals, seed, patches }: Load): string | null => {
  const rates = [...new Set(cells.map(({ perSecond }) => perSecond))].sort((a, b) => a - b).slice(0, mostPanels);
  const shown = cells.filter(({ perSecond }) => rates.includes(perSecond));
  if (shown.length === 0) return null;
  const isFirst = ({ name, perSecond }: LoadCell): boolean => shown.find((cell) => cell.perSecond === perSecond)?.name === name;
  return tailsFigure({
    title: "What users feel while the kernel is patched",
    subtitle: `${engineText(engine)}, ${plural(cpus, "CPU")}, ${workload}, ${arrivals.split(" ")[0]} arrivals, ${plural(patches, "operation")}, seed ${seed}`,
    panels: rates.map(printRate),
    tails: shown.flatMap((cell) => tailsOf(cell, isFirst(cell))),
  });
};
