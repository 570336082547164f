// Runs selftest cases, each on a kernel of its own, and compares what was printed with what was expected.
import { Hangs, Kernel, type Watch } from "../kernel.ts";
import type { ModuleSpec } from "../module.ts";
import type { Case } from "./case.ts";
import { Shell, StepFailed } from "./steps.ts";

/** The first line that is not as expected, counted from 1; null where one side has no more lines. */
export interface Difference {
  readonly line: number;
  readonly expected: string | null;
  readonly printed: string | null;
}

export type Verdict = "ok" | "differs" | "failed" | "unsupported";

export interface CaseResult {
  readonly id: string;
  readonly title: string;
  readonly verdict: Verdict;
  readonly difference: Difference | null;
  /** The step that failed, or what is not supported. */
  readonly reason: string | null;
  readonly expected: readonly string[];
  readonly printed: readonly string[];
}

/** Enough for one task to be in the way on another CPU than the one that asks. */
export const cpus = 4;

/** What the suite looks at of the kernel's log (functions.sh). */
const isCompared = (line: string): boolean => /livepatch:|test_klp/.test(line) && !/(tainting|taints) kernel/.test(line);

const differenceOf = (expected: readonly string[], printed: readonly string[]): Difference | null => {
  const lines = Math.max(expected.length, printed.length);
  for (let i = 0; i < lines; i++) {
    if (expected[i] !== printed[i]) return { line: i + 1, expected: expected[i] ?? null, printed: printed[i] ?? null };
  }
  return null;
};

/** `watch` is told of what the machines under the kernel announce. */
export const runCase = (
  { id, title, steps, expected: wanted, unsupported }: Case,
  modules: ReadonlyMap<string, ModuleSpec>,
  watch?: Watch,
): CaseResult => {
  const of = { id, title };
  if (unsupported !== null) return { ...of, verdict: "unsupported", difference: null, reason: unsupported, expected: wanted, printed: [] };
  const kernel = new Kernel(modules, cpus, watch);
  const shell = new Shell(kernel);
  const reason = failureOf(shell, steps);
  const expected = wanted.map((line) => shell.fill(line));
  const printed = kernel.log.filter(isCompared);
  const difference = differenceOf(expected, printed);
  const verdict = reason !== null ? "failed" : difference !== null ? "differs" : "ok";
  return { ...of, verdict, difference, reason, expected, printed };
};

/** The first step that fails, and why; the rest of the case is not run then. */
const failureOf = (shell: Shell, steps: Case["steps"]): string | null => {
  for (const [i, step] of steps.entries()) {
    try {
      shell.take(step);
    } catch (error) {
      if (!(error instanceof StepFailed || error instanceof Hangs)) throw error;
      return `steps[${i}] (${step.op}): ${error.message}`;
    }
  }
  return null;
};
