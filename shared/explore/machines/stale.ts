// Packets that can change no machine any more, and so are taken out of the network.
//
// Only where that is sure, and only while machines keep their rules: a coordinator's term and epoch never fall, and what a CPU has obeyed
// falls at most with its life. So what has become old for one life of a CPU is taken to arrive in that life, and not in a later one: of a
// stop a later life would at most ack it, for its welcome names that epoch as left; of a transition only searches say so.
import { noCpus, size, toArray, without } from "../../machine/cpuSet.ts";
import { admittedIncarnation } from "../../protocol/coordinator/register.ts";
import type { CoordinatorState } from "../../protocol/coordinator/state.ts";
import type { CpuState } from "../../protocol/cpu/state.ts";
import { type Ack, isRoundMessage, type Message } from "../../protocol/messages.ts";
import type { AnyInput } from "../../protocol/observer.ts";
import { compareStamps } from "../../protocol/stamp.ts";
import type { ActorState } from "./actors.ts";
import type { StepwiseLife } from "./stepwiseLife.ts";

export const isStale = (actor: ActorState, input: AnyInput): boolean => {
  if (actor.kind === "gone") return true;
  if (input.kind !== "deliver") return false;
  if (actor.kind === "coordinator") return isStaleForCoordinator(actor.state, input.msg);
  if (actor.kind === "dead") return input.msg.kind === "welcome" && input.msg.incarnation <= actor.incarnation;
  return isStaleForCpu(actor.state, input.msg);
};

const isStaleForCpu = (state: CpuState<StepwiseLife>, msg: Message): boolean => {
  if (msg.kind === "welcome") return msg.incarnation < state.incarnation || (state.life !== null && msg.incarnation === state.incarnation);
  if (state.life === null) return false;
  return isRoundMessage(msg) ? compareStamps(msg, state) < 0 : msg.kind === "ack" && isStaleForCombiner(state, msg);
};

/** Of a round that is over for it, or from those only whom it has heard. A round that it is asked again it hands on no more. */
const isStaleForCombiner = (state: CpuState<StepwiseLife>, msg: Ack): boolean => {
  const order = compareStamps(msg, state);
  return order < 0 || (order === 0 && size(without(msg.cpus, state.combining?.missing ?? noCpus)) === size(msg.cpus));
};

/** The term that it holds, or asks for; 0 if it knows of none yet. */
const termOf = ({ term, proposed }: CoordinatorState): number => (term === 0 ? (proposed?.term ?? 0) : term);

/** To what was said to a newer coordinator it would stand down, which to others is no more than saying nothing any more. */
export const isFromNewerTerm = (actor: ActorState, input: AnyInput): boolean => {
  if (actor.kind !== "coordinator" || input.kind !== "deliver") return false;
  const { msg } = input;
  const term = termOf(actor.state);
  return term > 0 && (msg.kind === "ack" || msg.kind === "withdraw") && msg.term > term;
};

/**
 * What comes while it asks the register is judged by what it asks for: if that is not what stands there then, it stands down, or holds a
 * later term. To an answer to a newer coordinator it would stand down, which to others is no more than saying nothing any more. And what
 * is late of an epoch that is decided calls forth its exit only (C8), to which whoever has left says yes and does nothing (R1), as does
 * whoever joined since: its welcome names the epoch as left.
 */
const isStaleForCoordinator = (state: CoordinatorState, msg: Message): boolean => {
  const { activity, roundsAsked } = state;
  if (activity === "stood-down") return true;
  const record = state.proposed ?? state.record;
  const term = termOf(state);
  // It knows nothing yet.
  if (record === null || term === 0) return false;
  switch (msg.kind) {
    case "ack":
      return compareStamps(msg, { term, epoch: record.epoch, round: roundsAsked }) < 0 || isCounted(state, msg);
    case "withdraw":
      return msg.epoch < record.epoch || (msg.epoch === record.epoch && record.state !== "open");
    case "hello":
      return msg.incarnation < admittedIncarnation(record, msg.cpu);
    default:
      return false;
  }
};

/** Each of its CPUs has answered the round that is being asked. */
const isCounted = ({ term, record, round, activity }: CoordinatorState, { cpus, ...msg }: Ack): boolean => {
  if (activity !== "round" || round === null || record === null) return false;
  return (
    compareStamps(msg, { term, epoch: record.epoch, round: round.number }) === 0 && toArray(cpus).every((cpu) => round.awaited[cpu] === 0)
  );
};
