// Who takes part: greetings, admissions and deaths (C5, C7).
import { filter, fromCpus, has, oneCpu, size, union } from "../../machine/cpuSet.ts";
import type { Hello, Register, Welcome } from "../messages.ts";
import { admittedIncarnation } from "./register.ts";
import { stopWaitingFor } from "./rounds.ts";
import type { CoordinatorContext, CoordinatorState, Turn } from "./state.ts";

/**
 * C7: admit first, and only when no stop is open; then welcome. An incarnation that is admitted gets the same welcome again. Returns
 * true if a participant is lost by it.
 */
export const onHello = (state: CoordinatorState, context: CoordinatorContext, turn: Turn, msg: Hello): boolean => {
  const record = state.record as Register;
  const known = admittedIncarnation(record, msg.cpu);
  if (context.rules.isAdmitted(record, msg)) {
    turn.send(oneCpu(msg.cpu), welcome(state, context, msg.cpu, known));
    return false;
  }
  if (msg.incarnation < known || msg.incarnation <= (state.dead.get(msg.cpu) ?? 0)) return false;
  if (msg.incarnation > (state.greeted.get(msg.cpu) ?? 0)) state.greeted.set(msg.cpu, msg.incarnation);
  // A newer life proves that the older one has ended.
  return known > 0 && onDied(state, context, msg.cpu, known);
};

/** The version that it is born on, and the last epoch that it is not part of: one that is over, or a transition that has been decided. */
export const welcome = (state: CoordinatorState, context: CoordinatorContext, cpu: number, incarnation: number): Welcome => {
  const record = state.record as Register;
  const isDecided = record.state === "done" || (context.model.gradual !== null && record.state !== "open");
  const epoch = isDecided ? record.epoch : record.epoch - 1;
  return { kind: "welcome", term: state.term, epoch, cpu, incarnation, version: context.rules.versionAtBirth(record, context) };
};

/** C5: a dead CPU leaves the participants. Returns true if it was one. */
export const onDied = (state: CoordinatorState, context: CoordinatorContext, cpu: number, incarnation: number): boolean => {
  if (incarnation <= (state.dead.get(cpu) ?? 0)) return false;
  state.dead.set(cpu, incarnation);
  if ((state.greeted.get(cpu) ?? Infinity) <= incarnation) state.greeted.delete(cpu);
  const record = state.record as Register;
  if (!context.rules.isDeathOfMember(record, cpu, incarnation) || has(state.lost, cpu)) return false;
  state.lost = union(state.lost, oneCpu(cpu));
  if (state.round !== null) stopWaitingFor(state.round, cpu);
  return true;
};

/** Everyone who is expected has been admitted or is known to be dead. */
export const everyoneIsHere = (state: CoordinatorState, context: CoordinatorContext): boolean => {
  const record = state.record as Register;
  if (state.booted || size(record.participants) === context.cpus) return true;
  const gone = filter(fromCpus(state.dead.keys()), (cpu) => !has(record.participants, cpu));
  return size(record.participants) + size(gone) >= context.cpus;
};
