// The verdict on a run, its reasons, and the exit code that says the same.
//
// Violated if a monitor of the model's own guarantees fired; else unknown if a limit of the run was reached, a fault was never applied,
// something is missing from the record, or an operation was not carried out; else valid. What a monitor found only after something was
// missing may come of that alone (an act whose record is lost looks like one that was left out), so that is unknown as well. A run whose
// faults were switched off by its time limit and that then ended is judged like any other: every run ends healed, and that it converges is
// the point.
import type { End } from "../protocol/observer.ts";
import type { Violation } from "./monitor.ts";
import type { Statistics } from "./statistics.ts";

/** How often a fault of the plan could have struck, and how often it did. */
export interface FaultTally {
  readonly text: string;
  readonly matched: number;
  readonly applied: number;
}

export interface Judged extends Pick<Statistics, "outcome" | "pending" | "turningBack"> {
  readonly end: Pick<End, "ended">;
  readonly violations: readonly Violation[];
  readonly faults: readonly FaultTally[];
  readonly operations: { readonly asked: number; readonly committed: number };
  /** Who is to blame for the last abort, in words. */
  readonly blocker: string | undefined;
  /** What else makes the record doubtful: gaps in a journal. */
  readonly doubts: readonly string[];
  /** What may be missing from the record before the first violation that was found; nothing if that was found before. */
  readonly missing: readonly string[];
}

export interface Verdict {
  readonly verdict: "valid" | "violated" | "unknown";
  /** Why it is not valid. */
  readonly reasons: readonly string[];
  readonly exitCode: 0 | 1 | 2 | 3;
}

export const judge = (judged: Judged): Verdict => {
  const { violations, missing } = judged;
  if (violations.length > 0) {
    // That a run is stuck its driver says, and no record.
    const onlyStuck = violations.every(({ monitor }) => monitor === "converges");
    if (missing.length > 0 && !onlyStuck)
      return {
        verdict: "unknown",
        reasons: [...missing, ...reasonsOf(violations).map((reason) => `it looks as if: ${reason}`)],
        exitCode: 2,
      };
    const reasons = onlyStuck ? [...reasonsOf(violations), ...blockerOf(judged)] : reasonsOf(violations);
    return { verdict: "violated", reasons, exitCode: onlyStuck ? 3 : 1 };
  }
  const reasons = [...limitsOf(judged), ...judged.doubts, ...faultsOf(judged), ...workOf(judged)];
  return reasons.length > 0 ? { verdict: "unknown", reasons, exitCode: 2 } : { verdict: "valid", reasons, exitCode: 0 };
};

/** The first violation of each monitor speaks for the others. */
const reasonsOf = (violations: readonly Violation[]): string[] => {
  const byMonitor = Map.groupBy(violations, ({ monitor }) => monitor);
  return [...byMonitor].map(([monitor, [first, ...more]]) => {
    const others = more.length > 0 ? ` (and ${more.length} more)` : "";
    return `${monitor}: ${first?.reason ?? ""}${others}`;
  });
};

const limitsOf = ({ end, pending, turningBack }: Judged): string[] => {
  switch (end.ended) {
    case "event-limit":
      return ["the run reached its limit of events"];
    case "interrupted":
      return ["the run was interrupted"];
    case "environment":
      return ["the run lost its environment"];
    case "open":
      return turningBack === null
        ? ["still open after the time limit: nothing bounds this model"]
        : [`turning back since ${seconds(turningBack.sinceUs)}, and nothing bounds that: ${stillOn(pending, turningBack.from)}`];
    case "finished":
    case "stuck":
      return [];
  }
};

const seconds = (us: number): string => `${(us / 1e6).toPrecision(3)} s`;

const stillOn = (tasks: number, version: number): string => `${tasks} ${tasks === 1 ? "task" : "tasks"} still on version ${version}`;

const faultsOf = ({ faults }: Judged): string[] =>
  faults
    .filter(({ applied }) => applied === 0)
    .map(({ text, matched }) => {
      const how = matched === 0 ? "it matched nothing" : `it matched ${matched} times, and nothing came of it`;
      return `the fault "${text}" was never applied: ${how}`;
    });

const blockerOf = ({ blocker }: Judged): string[] => (blocker === undefined ? [] : [blocker]);

/** What was to be done and was not. */
const workOf = (judged: Judged): string[] => {
  const { outcome, operations, turningBack } = judged;
  if (outcome === "committed") return [];
  const done =
    operations.committed === 0 ? "nothing was patched" : `only ${operations.committed} of ${operations.asked} operations were carried out`;
  const cutOff = turningBack === null ? "the run ended before that" : "it was being turned back";
  return [`${done}: ${outcome === "aborted" ? "given up" : cutOff}`, ...blockerOf(judged)];
};
