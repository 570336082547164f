// A selftest case as data: steps to take, and the lines that the kernel log must then show, in order.

/** Until when a step waits after what it does. */
export const waits = ["transition==0", "transition==1", "sysfs dir present", "sysfs dir gone"] as const;
export type Wait = (typeof waits)[number];

export type Step =
  | {
      readonly op: "insmod";
      readonly module: string;
      readonly params: Readonly<Record<string, string>>;
      readonly wait: Wait | null;
      readonly mustFail: boolean;
    }
  | { readonly op: "rmmod"; readonly module: string; readonly precondition: "refcnt==0" | null }
  | { readonly op: "writeEnabled"; readonly patch: string; readonly value: string; readonly wait: Wait | null; readonly mustFail: boolean }
  | { readonly op: "writeParam"; readonly module: string; readonly param: string; readonly value: string }
  | {
      readonly op: "assertRead";
      readonly file: string;
      readonly equals: string | null;
      readonly differsFrom: string | null;
      readonly contains: string | null;
    }
  | { readonly op: "waitRead"; readonly file: string; readonly equals: string }
  | { readonly op: "readIntoLog"; readonly file: string; readonly onlyIfContains: string | null }
  | { readonly op: "readAndLogIfEqual"; readonly file: string; readonly equals: string; readonly text: string }
  | { readonly op: "waitSysfs" | "assertSysfsValue"; readonly patch: string; readonly attr: string; readonly value: string }
  | { readonly op: "assertSysfsMode"; readonly patch: string; readonly attr: string; readonly mode: string }
  | { readonly op: "assertPatchDirCount" | "waitPatchDirCount"; readonly value: number }
  | { readonly op: "setFtraceEnabled"; readonly value: string; readonly mustFail: boolean }
  | { readonly op: "ftraceFunction"; readonly function: readonly string[] }
  | { readonly op: "assertTraced"; readonly function: readonly string[] }
  | { readonly op: "enableKprobes" | "killTasks" }
  | { readonly op: "spawnTasks"; readonly count: Count; readonly calls: string }
  | { readonly op: "logLine"; readonly text: string };

/** So many tasks, but no more than `most`. */
export interface Count {
  readonly of: number | "onlineCpus";
  readonly most: number;
}

export interface Case {
  readonly id: string;
  readonly title: string;
  readonly steps: readonly Step[];
  readonly expected: readonly string[];
  /** What of it this program does not have, with its place; the case is not run then. */
  readonly unsupported: string | null;
}

/** Stands for the pids of the tasks that were spawned, in parameters and in expected lines. */
export const pidsMark = "{PIDS}";
