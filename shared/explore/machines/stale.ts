// Packets that can change no machine any more, and so are taken out of the network.
//
// Only where that is sure, and only while machines keep their rules: a coordinator's term and epoch never fall, and what a CPU has obeyed
// falls at most with its life. So what has become old for one life of a CPU is taken to arrive in that life, and not in a later one.
import { admittedIncarnation } from "../../protocol/coordinator/register.ts";
import type { CoordinatorState } from "../../protocol/coordinator/state.ts";
import type { CpuState } from "../../protocol/cpu/state.ts";
import { isRoundMessage, type Message } from "../../protocol/messages.ts";
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
  return isRoundMessage(msg) && state.life !== null && compareStamps(msg, state) < 0;
};

const isStaleForCoordinator = (state: CoordinatorState, msg: Message): boolean => {
  if (state.activity === "stood-down") return true;
  // Before it holds a term it knows nothing yet; what waits for the register's answer is handled after it.
  const { record, purpose, term } = state;
  if (record === null || term === 0 || purpose !== null) return false;
  switch (msg.kind) {
    case "ack":
      return msg.term < term || (msg.term === term && msg.epoch < record.epoch);
    case "withdraw":
      return msg.term <= term && msg.epoch < record.epoch;
    case "hello":
      return msg.incarnation < admittedIncarnation(record, msg.cpu);
    default:
      return false;
  }
};
