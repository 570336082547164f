// The records that a coordinator writes to the register, and how it tells whether a write of its own won.
import { type CpuSet, fromCpus, has, noCpus, union } from "../../machine/cpuSet.ts";
import type { Operation, Outcome, Register } from "../messages.ts";
import { initialVersion } from "../setup.ts";
import type { CoordinatorContext, CoordinatorState } from "./state.ts";

/** The incarnation of `cpu` that the record has admitted, or 0. */
export const admittedIncarnation = (record: Register, cpu: number): number => {
  if (!has(record.participants, cpu)) return 0;
  for (const [restarted, incarnation] of record.incarnations) if (restarted === cpu) return incarnation;
  return 1;
};

/** The first record of a machine, or the next term over the one that is there; an open stop is aborted by it (C6). */
export const taken = (record: Register | null, context: CoordinatorContext, life: number): Register => {
  if (record === null) {
    return {
      term: 1,
      holder: life,
      epoch: 0,
      state: "done",
      outcome: null,
      operation: context.operations[0] ?? "patch",
      patch: context.patch,
      step: 0,
      attempt: 0,
      version: initialVersion,
      target: initialVersion,
      participants: noCpus,
      incarnations: [],
    };
  }
  const next = { ...record, term: record.term + 1, holder: life };
  return record.state === "open" && context.model.gradual === null ? { ...next, state: "abort", outcome: "aborted" } : next;
};

/** The greeted incarnations become members. */
export const admitted = (record: Register, greeted: ReadonlyMap<number, number>): Register => {
  const incarnations = new Map(record.incarnations);
  for (const [cpu, incarnation] of greeted) {
    if (incarnation > 1) incarnations.set(cpu, incarnation);
    else incarnations.delete(cpu);
  }
  return {
    ...record,
    participants: union(record.participants, fromCpus(greeted.keys())),
    incarnations: [...incarnations].sort((a, b) => a[0] - b[0]),
  };
};

/** A new epoch of the next operation, with every member that is not known to be dead. */
export const opened = (
  record: Register,
  operations: readonly Operation[],
  alive: CpuSet,
  { rules }: Pick<CoordinatorContext, "rules">,
): Register => {
  const operation = operations[record.step] as Operation;
  return {
    ...record,
    epoch: record.epoch + 1,
    state: "open",
    outcome: null,
    operation,
    attempt: record.attempt + 1,
    target: rules.targetOf(operation, record.version),
    participants: alive,
    incarnations: record.incarnations.filter(([cpu]) => has(alive, cpu)),
  };
};

export const decided = (record: Register, outcome: Outcome): Register => ({
  ...record,
  state: outcome === "committed" ? "commit" : "abort",
  outcome,
});

/** The epoch is over: a commit brings its version into force and moves on to the next operation. */
export const closed = (record: Register): Register =>
  record.outcome === "committed"
    ? { ...record, state: "done", version: record.target, step: record.step + 1, attempt: 0 }
    : { ...record, state: "done", target: record.version };

/** The answer shows that what this life proposed is what stands there: nobody else writes its term and life. */
export const won = (state: CoordinatorState, answer: Register | null): boolean =>
  answer !== null &&
  state.proposed !== null &&
  answer.term === state.proposed.term &&
  answer.holder === state.proposed.holder &&
  answer.epoch === state.proposed.epoch &&
  answer.state === state.proposed.state &&
  sameMembers(answer, state.proposed);

const sameMembers = (a: Register, b: Register): boolean =>
  a.participants.length === b.participants.length &&
  a.participants.every((bound, i) => bound === b.participants[i]) &&
  a.incarnations.length === b.incarnations.length &&
  a.incarnations.every(([cpu, incarnation], i) => cpu === b.incarnations[i]?.[0] && incarnation === b.incarnations[i]?.[1]);
