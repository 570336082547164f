// What the life of a CPU goes by: its program, what the model says of leaving and switching, and where patched functions are on each way.
import type { Program } from "./program.ts";

/** How often a stack reader errs, as probabilities from 0 to 1. */
export interface ReaderRates {
  /** That an unwind stops before the end of the stack. A reliable reader says so; a best-effort one takes what it has for all there is. */
  readonly fails: number;
  /** That a frame is left out and nobody notices, per frame. */
  readonly misses: number;
  /** That a function which the call has run and left is still there as a word, per function: only a scan word by word sees it. */
  readonly stale: number;
}

export interface RuleOptions {
  readonly program: Program;
  readonly tickNs: number;
  /** When may it switch, and what switches as one: the model's two axes. */
  readonly leave: "function" | "patched-set" | "kernel";
  readonly switches: "function" | "task" | "kernel";
  /** How stacks are read, and whether functions that the patch marks as forced are passed over; null where no stack is looked at. */
  readonly check: { readonly reader: "reliable" | "best-effort" | "words"; readonly forced: boolean } | null;
  /** Policies of switching bit by bit; null where the whole kernel switches at once. */
  readonly gradual: {
    readonly idle: boolean;
    readonly tick: boolean;
    readonly wakes: boolean;
    readonly condResched: boolean;
    readonly interrupts: "task" | "cpu";
  } | null;
  /** The patch set, in the batches in which it is redirected. */
  readonly batches: ReadonlyArray<readonly string[]>;
  /** Functions of the patch set that the patch marks as forced. */
  readonly forced: readonly string[];
  readonly stackReader: ReaderRates;
}

/** A function of the patch set on a way through the kernel. */
export interface PatchedCall {
  /** Its place on the way: 0 is the entry point. */
  readonly position: number;
  readonly name: string;
  readonly batch: number;
  readonly forced: boolean;
}

type Way = readonly string[];

export interface Rules extends RuleOptions {
  /** The patched functions of each way that has any, outermost first. */
  readonly patchedOn: ReadonlyMap<Way, readonly PatchedCall[]>;
  /** Kernel entries per ns that call a function of this batch: `entryRates[thread + 1][batch]` of one task, the CPU being free. */
  readonly entryRates: ReadonlyArray<readonly number[]>;
  /** Whose version interrupt handlers run: that of each function by itself, of the task that they interrupted, or of their CPU's flag. */
  readonly handlers: "function" | "task" | "cpu";
  /** Interrupts per ns whose handlers call a function of this batch, and whether any do. */
  readonly handlerRates: readonly number[];
  readonly handlersCall: boolean;
  /** The share of its time that a task has the CPU, `onCpuShares[thread + 1]`, and that nobody has it, as far as nobody waits for it. */
  readonly onCpuShares: readonly number[];
  readonly idleShare: number;
}

export const rulesOf = (options: RuleOptions): Rules => {
  const { program, leave, switches, check, gradual } = options;
  if (leave === "patched-set" && check === null) throw new Error("leaving the patched set needs a way to check stacks");
  if (switches !== "kernel" && gradual === null) throw new Error("switching bit by bit needs policies for it");
  const patchedOn = patchedCalls(options);
  const rates = (entries: readonly WeightedWay[], cycleNs: number): number[] =>
    options.batches.map((_, batch) => {
      const share = entries.reduce(
        (sum, entry) => sum + (patchedOn.get(entry.way)?.some((call) => call.batch === batch) ? entry.share : 0),
        0,
      );
      return share / cycleNs;
    });
  const handlerRates = rates(waysOf(program.interruptRoutes, program.interruptRate), 1);
  const onCpuShares = [1 - program.asleepNs / program.cycleNs, ...program.threads.map(({ working }) => working)];
  return {
    ...options,
    patchedOn,
    handlers: handlersOf(options),
    handlerRates,
    handlersCall: handlerRates.some((rate) => rate > 0),
    onCpuShares,
    idleShare: Math.max(
      0,
      program.tasks.reduce((rest, { thread }) => rest - (onCpuShares[thread + 1] as number), 1),
    ),
    entryRates: [
      rates(
        weighted(program.calls).flatMap(([call, share]) => waysOf(call.routes, share)),
        program.cycleNs,
      ),
      ...program.threads.map((thread) => rates(waysOf(thread.routes, 1), thread.cycleNs)),
    ],
  };
};

/** A flag for all functions of a patch means nothing where each of them switches in its own time. */
const handlersOf = ({ leave, switches, gradual }: RuleOptions): Rules["handlers"] => {
  if (switches === "function" && leave === "function") return "function";
  return switches === "task" && gradual?.interrupts === "cpu" ? "cpu" : "task";
};

interface WeightedWay {
  readonly way: Way;
  readonly share: number;
}

/** Cumulative shares taken apart. */
const weighted = <T extends { readonly upTo: number }>(items: readonly T[]): Array<readonly [T, number]> =>
  items.map((item, index) => [item, item.upTo - (items[index - 1]?.upTo ?? 0)]);

const waysOf = (routes: Program["threads"][number]["routes"], of: number): WeightedWay[] =>
  weighted(routes).map(([route, share]) => ({ way: route.functions, share: of * share }));

const patchedCalls = ({ program, batches, forced }: RuleOptions): Map<Way, readonly PatchedCall[]> => {
  const batchOf = new Map(batches.flatMap((names, batch) => names.map((name) => [name, batch] as const)));
  const exempt = new Set(forced);
  const found = new Map<Way, readonly PatchedCall[]>();
  for (const { routes } of [...program.calls, ...program.threads, { routes: program.interruptRoutes }]) {
    for (const { functions } of routes) {
      const calls = functions.flatMap((name, position) => {
        const batch = batchOf.get(name);
        return batch === undefined ? [] : [{ position, name, batch, forced: exempt.has(name) }];
      });
      if (calls.length > 0) found.set(functions, calls);
    }
  }
  return found;
};
