// When it makes sense to ask again: only when neither what was asked nor an answer is on its way, and whoever is asked could answer.
//
// A repetition at any other time adds a packet that is in flight already, or one that is obeyed by doing nothing.
import { has } from "../../machine/cpuSet.ts";
import type { CoordinatorState } from "../../protocol/coordinator/state.ts";
import type { CpuState } from "../../protocol/cpu/state.ts";
import type { Message, Stamp } from "../../protocol/messages.ts";
import { compareStamps } from "../../protocol/stamp.ts";
import type { ActorState } from "./actors.ts";
import type { StepwiseLife } from "./stepwiseLife.ts";

type Messages = readonly Message[];

const isOf = (msg: Message, stamp: Stamp): boolean => "round" in msg && compareStamps(msg, stamp) === 0;

/** It answers this round for this CPU. */
export const isAckOf = (msg: Message, stamp: Stamp, cpu: number): boolean => msg.kind === "ack" && has(msg.cpus, cpu) && isOf(msg, stamp);

/** The stamp of the round that this coordinator asks, and the CPUs that it waits for. */
export const askedBy = ({ activity, round, record, term }: CoordinatorState): { stamp: Stamp; missing: readonly number[] } | undefined => {
  if (activity !== "round" || round === null || record === null) return undefined;
  const missing: number[] = [];
  round.awaited.forEach((awaited, cpu) => {
    if (awaited === 1) missing.push(cpu);
  });
  return { stamp: { term, epoch: record.epoch, round: round.number }, missing };
};

/** `toCpu` and `toCoordinator` are in flight. Whoever keeps the rules does not obey what is older than what it has obeyed. */
export const mayAskAgain = (
  stamp: Stamp,
  cpu: number,
  actor: ActorState,
  toCpu: Messages,
  toCoordinator: Messages,
  keepsRules: boolean,
): boolean => {
  if (actor.kind !== "cpu" || actor.state.life === null) return false;
  const order = compareStamps(actor.state, stamp);
  if (keepsRules && order > 0) return false;
  // Whoever has withdrawn has no report either, and answers every repetition by withdrawing again. And whoever was asked by way of a
  // combiner, or is one, answers straight from the first repetition on.
  const isStraight = actor.state.asker === null && actor.state.combining === null;
  const isWorking = order === 0 && actor.state.report === null && actor.state.leftEpoch !== stamp.epoch && isStraight;
  if (isWorking || toCpu.some((msg) => isOf(msg, stamp))) return false;
  return !toCoordinator.some((msg) => isAckOf(msg, stamp, cpu));
};

/** A greeting is repeated to a coordinator that neither has it nor is about to. */
export const mayGreetAgain = (
  { cpu, incarnation }: CpuState<StepwiseLife>,
  coordinator: CoordinatorState,
  toCpu: Messages,
  toCoordinator: Messages,
): boolean => {
  if (coordinator.activity === "stood-down" || toCpu.some((msg) => msg.kind === "welcome" && msg.incarnation === incarnation)) return false;
  const isGreeting = (msg: Message): boolean => msg.kind === "hello" && msg.cpu === cpu && msg.incarnation === incarnation;
  const waits = coordinator.waiting.some((input) => input.kind === "deliver" && isGreeting(input.msg));
  return !waits && coordinator.greeted.get(cpu) !== incarnation && !toCoordinator.some(isGreeting);
};

/** A call is repeated when neither it nor its answer is on its way, and the callee does not owe the answer. */
export const mayCallAgain = (
  { cpu, incarnation, call }: CpuState<StepwiseLife>,
  callee: ActorState,
  toCpu: Messages,
  toCallee: Messages,
): boolean => {
  if (call === null || callee.kind !== "cpu") return false;
  const isCall = (msg: Message): boolean => msg.kind === "call" && msg.id === call.id && msg.incarnation === incarnation;
  const owes = callee.state.owed.some((owed) => owed.caller === cpu && owed.id === call.id && owed.incarnation === incarnation);
  return !owes && !toCallee.some(isCall) && !toCpu.some((msg) => msg.kind === "call-done" && msg.id === call.id);
};
