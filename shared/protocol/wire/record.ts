// The register's record, as JSON, so that any tool can show it.
import { isCpuSet } from "../../machine/cpuSet.ts";
import type { Operation, Register } from "../messages.ts";
import { isCount, isCpu, isLife, isText, outcomes, type Refusal, type Unread, wireLimits } from "./frame.ts";

const states: ReadonlyArray<Register["state"]> = ["open", "commit", "abort", "done"];
const operations: readonly Operation[] = ["patch", "unpatch"];

const isOneOf = <Word>(words: readonly Word[], value: unknown): value is Word => words.includes(value as Word);

const areIncarnations = (value: unknown): value is Register["incarnations"] => {
  if (!Array.isArray(value)) return false;
  let previous = -1;
  for (const pair of value as Unread) {
    if (!Array.isArray(pair) || pair.length !== 2) return false;
    const [cpu, incarnation] = pair as Unread;
    if (!isCpu(cpu) || cpu <= previous || !isLife(incarnation)) return false;
    previous = cpu;
  }
  return true;
};

export const readRegister = (value: unknown): Register | Refusal => {
  if (typeof value !== "object" || value === null) return "not a record";
  const { term, holder, epoch, state, outcome, operation, ...rest } = value as Readonly<Record<keyof Register, unknown>>;
  const { patch, step, attempt, version, target, participants, incarnations } = rest;
  if (!isCount(term) || !isCount(holder) || !isCount(epoch)) return "not a term, holder and epoch";
  if (!isCount(step) || !isCount(attempt) || !isCount(version) || !isCount(target)) return "not a step, attempt and versions";
  if (!isOneOf(states, state) || !isOneOf(operations, operation)) return "not a state or operation";
  if (outcome !== null && !isOneOf(outcomes, outcome)) return "not an outcome";
  if (!isText(patch)) return "not a patch";
  if (!isCpuSet(participants, wireLimits.cpus)) return "not a set of CPUs";
  if (!areIncarnations(incarnations)) return "not a list of incarnations";
  return { term, holder, epoch, state, outcome, operation, patch, step, attempt, version, target, participants, incarnations };
};
