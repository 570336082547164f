// Which kernel functions a system call, a kernel thread or an interrupt runs through: the names that a stack check finds and a patch replaces.
import graph from "./data/callGraph.json" with { type: "json" };

/** One way through the kernel, from the entry point down to the deepest function; a call that sleeps does so in the last one. */
export interface Path {
  /** How often this way is taken, relative to the other ways of the same call, thread or of interrupts. */
  readonly weight: number;
  readonly functions: readonly string[];
}

type Ways = ReadonlyMap<string, readonly Path[]>;

/** The data writes a path as one line of names, so that it reads like a stack. */
const waysOf = (written: Readonly<Record<string, Readonly<Record<string, number>>>>): Ways =>
  new Map(
    Object.entries(written).map(([name, paths]) => [
      name,
      Object.entries(paths).map(([names, weight]) => ({ weight, functions: names.split(" ") })),
    ]),
  );

const calls = waysOf(graph.calls);
const threads = waysOf(graph.threads);
const interrupts = waysOf({ interrupts: graph.interrupts }).get("interrupts") as readonly Path[];

/** Where any thread's work begins: for one that the graph does not know. */
const plainThread: readonly Path[] = [{ weight: 1, functions: ["kthread"] }];

/** The ways of a system call, by the name that strace prints; of one that the graph does not know, its entry point alone. */
export const pathsOf = (call: string): readonly Path[] => calls.get(call) ?? [{ weight: 1, functions: [`__x64_sys_${call}`] }];

/** The ways of a kernel thread's work, by its name with or without what tells one from another: `kworker/0:1`, `jbd2/sda1-8`. */
export const threadPathsOf = (thread: string): readonly Path[] =>
  threads.get(thread) ?? threads.get(thread.split(/[/-]/, 1)[0] as string) ?? plainThread;

/** The ways of interrupts, with the softirqs that follow them on their way out. */
export const interruptPaths = (): readonly Path[] => interrupts;

/** Every function that some way runs through. */
export const functionsKnown = (): ReadonlySet<string> =>
  new Set([...calls.values(), ...threads.values(), interrupts].flatMap((paths) => paths.flatMap((path) => path.functions)));
