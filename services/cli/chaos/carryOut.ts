// Carries out a study in threads, adds its runs up in their order, and leaves a checkpoint from which it can be resumed.
import { addTrial, emptyTally, type Tally } from "../../../shared/chaos/tally.ts";
import type { Trial } from "../../../shared/chaos/trial.ts";
import { printFault } from "../../../shared/nemesis/grammar.ts";
import { planOf } from "../../../shared/nemesis/plan.ts";
import type { RunFolder } from "../../recorder/runFolder.ts";
import { carryOutInThreads, threadsFor } from "../threads/crew.ts";
import { Cases, type Study, sizeOf, surfaceCells } from "./cases.ts";
import { takeLiveTrial } from "./live.ts";
import type { Stretch } from "./worker.ts";

/** Why a study is over. */
export type Stopped = "all done" | "failures" | "minutes" | "interrupted";

/** All that is known after the runs before `next`: plain data. */
export interface State {
  next: number;
  readonly tally: Tally;
  /** Of each cell of a surface. */
  readonly cells: Array<{ runs: number; committed: number }>;
}

export const emptyState = ({ given, surface }: Study): State => ({
  next: 0,
  tally: emptyTally(planOf(given.fault ?? [], 0).plan.faults.map(printFault)),
  cells: surface ? surfaceCells.map(() => ({ runs: 0, committed: 0 })) : [],
});

export interface Limits {
  readonly maxFailures: number;
  /** By the clock on the wall. */
  readonly endsAtMs: number;
}

export interface StudyOptions {
  readonly study: Study;
  readonly state: State;
  readonly limits: Limits;
  readonly folder: RunFolder;
  readonly signal: AbortSignal;
  readonly onProgress: (state: State) => void;
  readonly onNotice: (text: string) => void;
  /** Hears of each run that counts. */
  readonly onTrial: (trial: Trial) => void;
}

export const checkpointName = "checkpoint.json";

/** Few enough that an interrupt is heard soon, many enough that handing them over costs nothing. */
const runsAtOnce = 16;

/** A second of work is soon done again. */
const msBetweenCheckpoints = 1_000;

/** The answers of threads come in any order; they are added in that of their numbers. */
class InOrder {
  private readonly early = new Map<number, readonly Trial[]>();
  private readonly options: StudyOptions;

  constructor(options: StudyOptions) {
    this.options = options;
  }

  /** True once nothing that comes later counts any more. */
  get isOver(): boolean {
    const { state, limits } = this.options;
    return state.tally.failed >= limits.maxFailures;
  }

  add({ from }: Stretch, trials: readonly Trial[]): void {
    const { state } = this.options;
    this.early.set(from, trials);
    for (let next = this.early.get(state.next); next !== undefined; next = this.early.get(state.next)) {
      this.early.delete(state.next);
      for (const trial of next) this.addOne(trial);
      // A stretch that an interrupt cut short ends the order.
      if (next.length === 0) return;
    }
  }

  private addOne(trial: Trial): void {
    if (this.isOver) return;
    const { state, study, onTrial } = this.options;
    addTrial(state.tally, trial);
    onTrial(trial);
    const cell = state.cells[Math.floor(state.next / study.seeds)];
    if (cell !== undefined) {
      cell.runs++;
      if (trial.survival === "committed") cell.committed++;
    }
    state.next++;
  }
}

export const carryOutStudy = async (options: StudyOptions): Promise<Stopped> => {
  const { study, state, limits, folder, signal, onProgress, onNotice } = options;
  const size = sizeOf(study);
  const order = new InOrder(options);
  let handed = state.next;
  let savedAt = performance.now();
  const isLate = (): boolean => performance.now() >= limits.endsAtMs;
  const save = (): void => folder.write(checkpointName, `${JSON.stringify(state)}\n`);
  if (study.given.engine === "live") {
    // One after the other: each wants all of the machine.
    const cases = new Cases(study);
    for (; handed < size && !order.isOver && !isLate(); save(), onProgress(state)) {
      const trial = await takeLiveTrial(cases.settingsAt(handed), options);
      if (signal.aborted) break;
      order.add({ from: handed, to: ++handed }, [trial]);
    }
  } else if (handed < size)
    await carryOutInThreads<Stretch, readonly Trial[], Study>({
      worker: new URL("./worker.ts", import.meta.url),
      data: study,
      threads: threadsFor(Math.ceil((size - handed) / runsAtOnce)),
      next: () => {
        if (handed >= size || order.isOver || isLate()) return undefined;
        const from = handed;
        handed = Math.min(size, from + runsAtOnce);
        return { from, to: handed };
      },
      onAnswer: (stretch, trials) => {
        order.add(stretch, trials);
        if (performance.now() - savedAt > msBetweenCheckpoints) {
          save();
          savedAt = performance.now();
        }
        onProgress(state);
      },
      onFailure: ({ from, to }) => onNotice(`a thread failed in one of the runs ${from} to ${to - 1}`),
      signal,
    });
  save();
  if (signal.aborted) return "interrupted";
  if (order.isOver) return "failures";
  return state.next < size ? "minutes" : "all done";
};
