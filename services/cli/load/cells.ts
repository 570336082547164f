// Carries out the cells of a load study in threads: those of a sweep, or those that a search for the limit asks for.
import { Bisection } from "../../../shared/load/bisection.ts";
import { held } from "../../../shared/load/threshold.ts";
import type { LoadCell, LoadLimit } from "../../../shared/report/loadSummary.ts";
import type { RunFolder } from "../../recorder/runFolder.ts";
import { virtualOrder } from "../engines/virtual.ts";
import { carryOutInThreads, threadsFor } from "../threads/crew.ts";
import { measureLive } from "./live.ts";
import type { MeasureAnswer, MeasureOrder } from "./measure.ts";
import { keepOutlier, wholeJournal } from "./outlier.ts";
import { type Cell, cellOf, plannedNs, ratesIn, type Study } from "./study.ts";

export interface CellsOptions {
  readonly study: Study;
  readonly folder: RunFolder;
  readonly onCell: (cell: LoadCell) => void;
  readonly onNotice: (text: string) => void;
  readonly signal: AbortSignal;
}

interface Order extends MeasureOrder {
  readonly cell: Cell;
}

const orderOf = (study: Study, cell: Cell, journal: string | null): Order => ({
  cell,
  order: virtualOrder({ ...cell.configuration, journal: journal === null ? "off" : "full", journalAll: true }, journal ?? ""),
  perSecond: cell.perSecond,
  runNs: plannedNs(study),
  afterNs: study.everyNs / 2,
  breakOverNs: study.breakOverNs,
});

const cellResult = ({ thresholds }: Study, { name, perSecond, configuration }: Cell, { ran, felt }: MeasureAnswer): LoadCell | null => {
  if (felt === null) return null;
  const { verdict, reasons, outcome } = ran.judgement;
  const isBalanced = felt.balance.problems.length === 0;
  return {
    name,
    model: configuration.setup.model.name,
    perSecond,
    verdict: isBalanced ? verdict : "violated",
    reasons: [...felt.balance.problems, ...reasons],
    outcome,
    ...felt,
    wire: ran.wire,
    thresholds: thresholds.map((threshold) => held(threshold, felt)),
    resources: { wallMs: ran.wallMs, requestsPerMinute: (felt.balance.answered * 60_000) / ran.wallMs },
  };
};

/** Carries out cells from `next` until there are none; the results come by `onCell`, in the order in which they are ready. */
const carryOut = (
  options: CellsOptions,
  cells: number,
  next: () => Cell | undefined,
  onResult: (cell: Cell, result: LoadCell) => void,
): Promise<void> =>
  options.study.configurations[0].engine === "live" ? oneByOne(options, next, onResult) : inThreads(options, cells, next, onResult);

/** Live: each wants all of this machine. */
const oneByOne = async (
  { study, folder, onCell, onNotice, signal }: CellsOptions,
  next: () => Cell | undefined,
  onResult: (cell: Cell, result: LoadCell) => void,
): Promise<void> => {
  for (let cell = next(); cell !== undefined && !signal.aborted; cell = next()) {
    const { name, perSecond, configuration } = cell;
    const measures = { perSecond, runNs: plannedNs(study), afterNs: study.everyNs / 2, breakOverNs: study.breakOverNs };
    const answer = await measureLive({ name, configuration, measures, folder, onNotice, signal });
    const result = cellResult(study, cell, answer);
    if (result === null) return;
    folder.write(`${name}.hlog`, answer.hlog);
    onResult(cell, result);
    onCell(result);
  }
};

const inThreads = async (
  { study, folder, onCell, onNotice, signal }: CellsOptions,
  cells: number,
  next: () => Cell | undefined,
  onResult: (cell: Cell, result: LoadCell) => void,
): Promise<void> => {
  await carryOutInThreads<Order, MeasureAnswer, null>({
    worker: new URL("./worker.ts", import.meta.url),
    data: null,
    threads: threadsFor(cells),
    next: () => {
      const cell = next();
      return cell && orderOf(study, cell, null);
    },
    onAnswer: ({ cell }, answer) => {
      const result = cellResult(study, cell, answer);
      if (result === null) return;
      folder.write(`${cell.name}.hlog`, answer.hlog);
      onResult(cell, result);
      onCell(result);
    },
    onFailure: ({ cell }) => onNotice(`${cell.name} failed`),
    signal,
  });
};

/** Every model at every rate. */
export const sweepCells = async (options: CellsOptions): Promise<readonly LoadCell[]> => {
  const { study } = options;
  const cells = study.configurations.flatMap((configuration) => ratesIn(study).map((rate) => cellOf(study, configuration, rate)));
  const waiting = cells.values();
  const results = new Map<string, LoadCell>();
  await carryOut(
    options,
    cells.length,
    () => waiting.next().value,
    ({ name }, result) => results.set(name, result),
  );
  return cells.flatMap(({ name }) => results.get(name) ?? []);
};

/** For each model the highest rate that holds every threshold; one rate of each model at a time. */
export const searchLimits = async (
  options: CellsOptions,
  precision: number,
): Promise<{ readonly cells: readonly LoadCell[]; readonly limits: readonly LoadLimit[] }> => {
  const { study } = options;
  const searches = study.configurations.map((configuration) => ({
    configuration,
    bisection: new Bisection(study.sweep.low, study.sweep.high, precision),
    busy: false,
    cells: [] as LoadCell[],
  }));
  const next = (): Cell | undefined => {
    const search = searches.find(({ busy, bisection }) => !busy && bisection.next !== null);
    if (search === undefined) return undefined;
    search.busy = true;
    return cellOf(study, search.configuration, search.bisection.next as number);
  };
  await carryOut(options, searches.length, next, (cell, result) => {
    const search = searches.find(({ configuration }) => configuration.setup.model === cell.configuration.setup.model);
    if (search === undefined) throw new Error(`nobody asked for ${cell.name}`);
    search.busy = false;
    search.cells.push(result);
    search.bisection.tell(cell.perSecond, result.verdict !== "violated" && result.thresholds.every(({ holds }) => holds));
  });
  return {
    cells: searches.flatMap(({ cells }) => cells.toSorted((a, b) => a.perSecond - b.perSecond)),
    limits: searches.map(({ configuration, bisection }) => ({ model: configuration.setup.model.name, ...bisection.limit })),
  };
};

/** The runs that had a request over the limit once more, with their journals: virtual time gives the same run again. */
export const keepOutliers = async (options: CellsOptions, results: readonly LoadCell[]): Promise<void> => {
  const { study, folder, onNotice, signal } = options;
  const slow = results.filter(({ outlier }) => outlier !== null);
  const waiting = slow.values();
  await carryOutInThreads<Order & { readonly of: LoadCell }, MeasureAnswer, null>({
    worker: new URL("./worker.ts", import.meta.url),
    data: null,
    threads: threadsFor(slow.length),
    next: () => {
      const of = waiting.next().value;
      if (of === undefined) return undefined;
      const configuration = study.configurations.find(({ setup }) => setup.model.name === of.model);
      if (configuration === undefined) throw new Error(`no model ${of.model} in this study`);
      return { of, ...orderOf(study, cellOf(study, configuration, of.perSecond), wholeJournal(folder, of.name)) };
    },
    onAnswer: ({ of }, { felt }) => {
      if (felt === null || of.outlier === null) return;
      onNotice(`${of.name}: ${keepOutlier(folder, of.name, wholeJournal(folder, of.name), of.outlier)}`);
    },
    onFailure: ({ of }) => onNotice(`${of.name} failed`),
    signal,
  });
};
