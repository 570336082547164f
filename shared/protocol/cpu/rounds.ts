// What every round has in common for a CPU: which asks it obeys, and how it answers (R1 of docs/protocol.md).
import type { Blocker } from "../../kernel/life.ts";
import { type Actor, isCoordinator } from "../../machine/machine.ts";
import { type Busy, isSwitchAsk, type Report, type RoundMessage } from "../messages.ts";
import { compareStamps } from "../stamp.ts";
import { planCall, serveOwed } from "./calls.ts";
import { answer, beginRelay, stopWaiting } from "./relay.ts";
import type { CpuContext, CpuState, Turn } from "./state.ts";

/** A CPU that has been welcomed: its tasks exist. */
export type Up<L> = CpuState<L> & { life: L };

export const done: Report = { kind: "done" };
export const wrote: Report = { kind: "wrote" };

/** What becomes of a round's ask. */
export type Standing = "obey" | "answered";

/** A fact of the round that this CPU is in. */
export const ofRound = <L, F extends string>(state: CpuState<L>, fact: F) => {
  const { cpu, incarnation, term, epoch, round } = state;
  return { fact, cpu, incarnation, term, epoch, round };
};

/** `afterNs`: the work between the ask and its ack. */
export const ack = <L>(state: CpuState<L>, context: CpuContext<L>, turn: Turn, report: Report, afterNs = 0): void => {
  state.report = report;
  state.answeredAt = turn.at;
  state.workNs = afterNs;
  answer(state, context, turn);
};

export const withdraw = <L>(state: CpuState<L>, turn: Turn, term: number, epoch: number): void =>
  turn.toCoordinators({ kind: "withdraw", term, epoch, cpu: state.cpu, incarnation: state.incarnation });

export const ignore = <L>(state: CpuState<L>, turn: Turn, message: string): void =>
  turn.announce({ fact: "ignored", cpu: state.cpu, incarnation: state.incarnation, message });

export const busyOf = ({ task, function: name, why }: Blocker): Busy => ({ task, function: name, why });

export const nameLastOut = <L>(state: Up<L>, turn: Turn, last: Blocker | undefined, forNs: number | null): void => {
  if (last === undefined) return;
  turn.announce({ ...ofRound(state, "blocked"), task: last.task, function: last.function, why: last.why, forNs });
};

/** R1: a newer round is to be obeyed, the same one gets the same ack again, an older one is late. */
export const receive = <L>(state: Up<L>, context: CpuContext<L>, turn: Turn, from: Actor, msg: RoundMessage): Standing => {
  const { rules } = context;
  const isSame = compareStamps(msg, state) === 0;
  if (rules.isLate(state, msg)) ignore(state, turn, `late ${msg.ask.do}`);
  else if (isSame && state.report !== null) answerAgain(state, context, turn, from, msg);
  else if (rules.hasLeft(state, msg)) answerLeft(state, context, turn, from, msg);
  else if (isSame) answerAgain(state, context, turn, from, msg);
  else return admit(state, context, turn, from, msg);
  return "answered";
};

/** What a coordinator asks straight, and not as the first of a tree, is answered straight from here on. */
const answerAgain = <L>(state: Up<L>, context: CpuContext<L>, turn: Turn, from: Actor, msg: RoundMessage): void => {
  const isStraight = context.rules.isStraight(from, msg);
  if (isStraight) state.asker = null;
  if (isStraight && state.combining?.waits === true) stopWaiting(state, context, turn);
  else if (state.report !== null) answer(state, context, turn);
};

const admit = <L>(state: Up<L>, context: CpuContext<L>, turn: Turn, from: Actor, msg: RoundMessage): Standing => {
  if (state.stage !== "running" && msg.epoch > state.epoch) {
    ignore(state, turn, `${msg.ask.do} of an epoch that began before the last one was left`);
    return "answered";
  }
  if (!isVoted(state) && needsVote(msg)) {
    ignore(state, turn, `${msg.ask.do} without a vote`);
    return "answered";
  }
  adopt(state, context, turn, from, msg);
  return "obey";
};

/** Nothing is written or committed on a CPU that has not voted (C4): whoever asks for it is no coordinator that keeps the rules. */
const needsVote = ({ ask }: RoundMessage): boolean => ask.do === "run" || (ask.do === "exit" && ask.outcome === "committed");

const isVoted = <L>({ stage }: CpuState<L>): boolean => stage === "voted" || stage === "ran";

const adopt = <L>(state: CpuState<L>, context: CpuContext<L>, turn: Turn, from: Actor, msg: RoundMessage): void => {
  state.term = msg.term;
  state.epoch = msg.epoch;
  state.round = msg.round;
  state.ask = msg.ask;
  state.report = null;
  state.asker = isCoordinator(from) ? null : from;
  beginRelay(state, context, turn, msg);
};

/** What is asked of everyone after the decision, whether or not they have left. */
const isAfterDecision = ({ ask }: RoundMessage): boolean =>
  ask.do === "run" || ask.do === "exit" || ask.do === "complete" || ask.do === "cancel";

/** An epoch once left is never entered again (R1): what follows its decision gets an ack and nothing else; a withdrawal is repeated (R8). */
const answerLeft = <L>(state: CpuState<L>, context: CpuContext<L>, turn: Turn, from: Actor, msg: RoundMessage): void => {
  const { leftEpoch: epoch, leftHow: how } = state;
  if (isAfterDecision(msg)) {
    adopt(state, context, turn, from, msg);
    // Whoever has left by a committed exit knows that the text was written before it.
    const written = msg.ask.do === "run" && msg.epoch === epoch && how === "committed";
    ack(state, context, turn, written ? wrote : done);
  } else if (msg.epoch === epoch && isSwitchAsk(msg.ask)) {
    // Whoever took over may ask again for what is done: nobody of this CPU is missing any more.
    adopt(state, context, turn, from, msg);
    ack(state, context, turn, { kind: "pending", busy: [] });
  } else if (msg.epoch === epoch && how === "withdrew") withdraw(state, turn, msg.term, msg.epoch);
  else ignore(state, turn, `${msg.ask.do} of an epoch that was left`);
};

/** The epoch is over for this CPU. */
export const leave = <L>(state: Up<L>, context: CpuContext<L>, turn: Turn, epoch: number, how: CpuState<L>["leftHow"]): void => {
  state.leftEpoch = epoch;
  state.leftHow = how;
  state.stage = "running";
  turn.cancelTimer("hold-limit");
  turn.cancelTimer("gathered");
  serveOwed(state, turn);
  if (state.call === null) planCall(state, context, turn);
};
