// The virtual runs of a comparison, in threads.
import type { Ran } from "../engines/engine.ts";
import { virtualOrder } from "../engines/virtual.ts";
import type { VirtualOrder } from "../engines/virtualRun.ts";
import { carryOutInThreads, threadsFor } from "../threads/crew.ts";
import type { Planned } from "./plan.ts";

export interface PoolOrder {
  readonly index: number;
  readonly order: Omit<VirtualOrder, "stop">;
}

/** Two machines of more CPUs than this do not fit into the memory side by side. */
const mostCpusSideBySide = 100_000;

const threadsOf = (planned: readonly Planned[]): number => {
  const large = planned.some(({ configuration }) => configuration.setup.cpus > mostCpusSideBySide);
  return large ? 1 : threadsFor(planned.length);
};

/** `journalOf` says where the journal of a run goes, if it has one. */
export interface PoolOptions {
  readonly planned: readonly Planned[];
  readonly journalOf: (run: Planned) => string;
  readonly onRan: (index: number, ran: Ran) => void;
  /** Which run a thread failed in; the failure itself is thrown. */
  readonly onFailure: (run: Planned) => void;
  readonly signal: AbortSignal;
}

/** Resolves when every run has ended, or after an interrupt those that were under way. */
export const runInThreads = ({ planned, journalOf, onRan, onFailure, signal }: PoolOptions): Promise<void> => {
  const waiting = planned.entries();
  return carryOutInThreads<PoolOrder, Ran, null>({
    worker: new URL("./poolWorker.ts", import.meta.url),
    data: null,
    threads: threadsOf(planned),
    next: () => {
      const { value } = waiting.next();
      if (value === undefined) return undefined;
      const [index, run] = value;
      return { index, order: virtualOrder(run.configuration, journalOf(run)) };
    },
    onAnswer: ({ index }, ran) => onRan(index, ran),
    onFailure: ({ index }) => onFailure(planned[index] as Planned),
    signal,
  });
};
