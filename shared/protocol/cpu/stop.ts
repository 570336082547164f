// The CPU's side of a stop: rules R1 to R6 and R8 of docs/protocol.md.
import type { Blocker } from "../../kernel/life.ts";
import type { Report, Stop, StopAsk } from "../messages.ts";
import { compareStamps } from "../stamp.ts";
import { planCall, serveOwed } from "./calls.ts";
import type { CpuContext, CpuState, Turn } from "./state.ts";

/** A CPU that has been welcomed: its tasks exist. */
export type Up<L> = CpuState<L> & { life: L };

const done: Report = { kind: "done" };
const wrote: Report = { kind: "wrote" };
const clear: Report = { kind: "clear" };

/** A fact of the round that this CPU is in. */
const ofRound = <L, F extends string>(state: CpuState<L>, fact: F) => {
  const { cpu, incarnation } = state;
  const { term, epoch, round } = state.highest;
  return { fact, cpu, incarnation, term, epoch, round };
};

const ack = <L>(state: CpuState<L>, turn: Turn, report: Report, afterNs = 0): void => {
  state.report = report;
  state.workUntil = turn.at + afterNs;
  const { cpu, incarnation } = state;
  const { term, epoch, round } = state.highest;
  turn.toCoordinators({ kind: "ack", term, epoch, round, cpu, incarnation, report }, afterNs);
};

const withdraw = <L>(state: CpuState<L>, turn: Turn, term: number, epoch: number): void =>
  turn.toCoordinators({ kind: "withdraw", term, epoch, cpu: state.cpu, incarnation: state.incarnation });

const ignore = <L>(state: CpuState<L>, turn: Turn, message: string): void =>
  turn.announce({ fact: "ignored", cpu: state.cpu, incarnation: state.incarnation, message });

/** R1: a newer round is obeyed, the same one gets the same ack again, an older one is late. */
export const onStop = <L>(state: Up<L>, context: CpuContext<L>, turn: Turn, msg: Stop): void => {
  const order = compareStamps(msg, state.highest);
  if (order < 0) ignore(state, turn, `late ${msg.ask.do}`);
  else if (msg.epoch <= state.left.epoch) answerLeft(state, turn, msg);
  else if (order > 0) {
    if (state.stage !== "running" && msg.epoch > state.highest.epoch) {
      ignore(state, turn, `${msg.ask.do} of an epoch that began before the last one was left`);
      return;
    }
    if (!isVoted(state) && needsVote(msg.ask)) {
      ignore(state, turn, `${msg.ask.do} without a vote`);
      return;
    }
    adopt(state, msg);
    obey(state, context, turn, msg.ask);
  } else if (state.report !== null) ack(state, turn, state.report, Math.max(0, state.workUntil - turn.at));
};

/** Nothing is written or committed on a CPU that has not voted (C4): whoever asks for it is no coordinator that keeps the rules. */
const needsVote = (ask: StopAsk): boolean => ask.do === "run" || (ask.do === "exit" && ask.outcome === "committed");

const isVoted = <L>({ stage }: CpuState<L>): boolean => stage === "voted" || stage === "ran";

const adopt = <L>(state: CpuState<L>, msg: Stop): void => {
  const { highest } = state;
  highest.term = msg.term;
  highest.epoch = msg.epoch;
  highest.round = msg.round;
  state.ask = msg.ask;
  state.report = null;
};

/** An epoch once left is never entered again (R1): `run` and `exit` get an ack and nothing else; a withdrawal is repeated (R8). */
const answerLeft = <L>(state: CpuState<L>, turn: Turn, msg: Stop): void => {
  const { epoch, how } = state.left;
  if (msg.ask.do === "run" || msg.ask.do === "exit") {
    adopt(state, msg);
    // Whoever has left by a committed exit knows that the text was written before it.
    const written = msg.ask.do === "run" && msg.epoch === epoch && how === "committed";
    ack(state, turn, written ? wrote : done);
  } else if (msg.epoch === epoch && how === "withdrew") withdraw(state, turn, msg.term, msg.epoch);
  else ignore(state, turn, `${msg.ask.do} of an epoch that was left`);
};

const obey = <L>(state: Up<L>, context: CpuContext<L>, turn: Turn, ask: StopAsk): void => {
  context.life.advance(state.life, turn.at);
  switch (ask.do) {
    case "gather":
      return gather(state, context, turn, ask.pass);
    case "prepare":
    case "disable-irq":
      return takeCpu(state, context, turn);
    case "run":
      return run(state, context, turn, ask.active);
    case "exit":
      return exit(state, context, turn, ask);
  }
};

// ---- R2: gather ----

const gather = <L>(state: Up<L>, context: CpuContext<L>, turn: Turn, pass: "sleepers" | "all"): void => {
  if (state.stage === "running") turn.setTimer("hold-limit", context.holdLimitNs);
  state.stage = "gathering";
  context.life.hold(state.life, pass);
  waitForTasks(state, context, turn);
};

/** Acks the gather if every task is held; else waits for the moment when the last one will be. */
const waitForTasks = <L>(state: Up<L>, context: CpuContext<L>, turn: Turn): void => {
  const { heldAt, last } = context.life.outlook(state.life);
  if (heldAt <= turn.at) {
    state.stage = "held";
    turn.announce({ ...ofRound(state, "held"), census: context.life.census(state.life) });
    ack(state, turn, done);
    return;
  }
  const forNs = heldAt === Infinity ? null : heldAt - turn.at;
  nameLastOut(state, turn, last, forNs);
  if (forNs !== null) turn.setTimer("gathered", forNs);
};

const nameLastOut = <L>(state: Up<L>, turn: Turn, last: Blocker | undefined, forNs: number | null): void => {
  if (last === undefined) return;
  turn.announce({ ...ofRound(state, "blocked"), task: last.task, function: last.function, why: last.why, forNs });
};

export const onGathered = <L>(state: Up<L>, context: CpuContext<L>, turn: Turn): void => {
  if (state.stage !== "gathering") return;
  context.life.advance(state.life, turn.at);
  waitForTasks(state, context, turn);
};

// ---- R3, R4: prepare and the vote ----

/** The stopper takes the CPU as soon as no task spins for another CPU; then the ask that waits for it is answered. */
const takeCpu = <L>(state: Up<L>, context: CpuContext<L>, turn: Turn): void => {
  if (state.stage === "running") turn.setTimer("hold-limit", context.holdLimitNs);
  if (state.stage === "gathering") turn.cancelTimer("gathered");
  if (state.call !== null && state.stage !== "stopped") {
    state.stage = "stopping";
    nameLastOut(state, turn, context.life.outlook(state.life).last, null);
    return;
  }
  if (state.stage !== "stopped" && state.stage !== "voted") {
    context.life.freeze(state.life);
    state.stage = "stopped";
    turn.announce({ ...ofRound(state, "stopped") });
  }
  if (state.ask?.do === "prepare") ack(state, turn, done, context.stopperWakeNs);
  else vote(state, context, turn);
};

/** The leave condition is checked now, for every task: the gather may be stale. From here on only `exit` lets this CPU go. */
const vote = <L>(state: Up<L>, context: CpuContext<L>, turn: Turn): void => {
  const busy = context.life.busy(state.life).map((blocker) => ({ task: blocker.task, function: blocker.function, why: blocker.why }));
  const report: Report = busy.length === 0 ? clear : { kind: "busy", busy };
  state.stage = "voted";
  turn.cancelTimer("hold-limit");
  turn.announce({ ...ofRound(state, "voted"), report, census: context.life.census(state.life) });
  ack(state, turn, report);
};

/** A wait for another CPU is over: a gather may be complete now, a stopper may take the CPU. */
export const onSpinEnded = <L>(state: Up<L>, context: CpuContext<L>, turn: Turn): void => {
  if (state.stage === "gathering") waitForTasks(state, context, turn);
  else if (state.stage === "stopping") takeCpu(state, context, turn);
};

// ---- R5, R6: run and exit ----

const run = <L>(state: Up<L>, context: CpuContext<L>, turn: Turn, active: number): void => {
  state.stage = "ran";
  if (active !== state.cpu) {
    ack(state, turn, done);
    return;
  }
  turn.announce({ ...ofRound(state, "wrote") });
  ack(state, turn, wrote, context.writeNs);
};

const exit = <L>(state: Up<L>, context: CpuContext<L>, turn: Turn, ask: StopAsk & { do: "exit" }): void => {
  const census = context.life.census(state.life);
  if (ask.outcome === "committed") state.version = ask.version;
  const straddles = context.life.release(state.life, state.version);
  turn.announce({ ...ofRound(state, "resumed"), outcome: ask.outcome, version: state.version, census, straddles });
  leave(state, context, turn, state.highest.epoch, ask.outcome);
  ack(state, turn, done);
};

const leave = <L>(state: Up<L>, context: CpuContext<L>, turn: Turn, epoch: number, how: CpuState<L>["left"]["how"]): void => {
  state.left.epoch = epoch;
  state.left.how = how;
  state.stage = "running";
  turn.cancelTimer("hold-limit");
  turn.cancelTimer("gathered");
  serveOwed(state, turn);
  if (state.call === null) planCall(state, context, turn);
};

/** R8: held too long without having voted. Only a lost coordinator lets it come to this. */
export const onHoldLimit = <L>(state: Up<L>, context: CpuContext<L>, turn: Turn): void => {
  if (state.stage === "running" || state.stage === "voted" || state.stage === "ran") return;
  context.life.advance(state.life, turn.at);
  context.life.release(state.life, state.version);
  const { term, epoch } = state.highest;
  turn.announce({ fact: "withdrew", cpu: state.cpu, incarnation: state.incarnation, term, epoch });
  leave(state, context, turn, epoch, "withdrew");
  state.report = null;
  withdraw(state, turn, term, epoch);
};
