// The CPU's side of a stop: rules R1 to R6 and R8 of docs/protocol.md.
import type { Blocker } from "../../kernel/life.ts";
import { uniform } from "../../machine/random.ts";
import type { Report, StopAsk } from "../messages.ts";
import { ack, busyOf, done, leave, nameLastOut, type Up, withdraw, wrote } from "./rounds.ts";
import type { CpuContext, CpuState, Turn } from "./state.ts";

const clear: Report = { kind: "clear" };

/** Does what a round of a stop asks. */
export const obeyStop = <L>(state: Up<L>, context: CpuContext<L>, turn: Turn, ask: StopAsk): void => {
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
  if (heldAt === turn.at || heldAt <= turn.at) {
    state.stage = "held";
    const { cpu, incarnation, term, epoch, round } = state;
    turn.announce({ fact: "held", cpu, incarnation, term, epoch, round, census: context.life.census(state.life) });
    ack(state, context, turn, done);
    return;
  }
  const forNs = heldAt === Infinity ? null : heldAt - turn.at;
  nameLastOut(state, turn, last, forNs);
  if (forNs !== null) turn.setTimer("gathered", forNs);
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
  if (state.stage !== "stopping" && !isStopped(state)) {
    state.updatingSince = turn.at;
    state.nmi = false;
  }
  if (state.call !== null && state.stage !== "stopped") {
    state.stage = "stopping";
    nameLastOut(state, turn, context.life.outlook(state.life).last, null);
    return;
  }
  if (!isStopped(state)) {
    context.life.freeze(state.life);
    state.stage = "stopped";
    const { cpu, incarnation, term, epoch, round } = state;
    turn.announce({ fact: "stopped", cpu, incarnation, term, epoch, round });
  }
  if (state.ask?.do === "disable-irq") vote(state, context, turn, state.ask.walker);
  else ack(state, context, turn, done, context.stopperWakeNs + turns(state, context));
};

const isStopped = <L>({ stage }: CpuState<L>): boolean => stage === "stopped" || stage === "voted";

/** A CPU that spins sees what is asked only when it has its turn on a core of the host: somewhen while the others have theirs. */
const turns = <L>(state: Up<L>, context: CpuContext<L>): number =>
  context.turnsNs === 0 ? 0 : Math.round(uniform(state.random) * context.turnsNs);

/** The leave condition is checked now, for every task: the gather may be stale. From here on only `exit` lets this CPU go. */
const vote = <L>(state: Up<L>, context: CpuContext<L>, turn: Turn, walker: number): void => {
  const report = reportOf([...vetoes(state, context, turn), ...context.life.busy(state.life)]);
  state.stage = "voted";
  if (!context.rules.mayWithdraw(state.stage)) turn.cancelTimer("hold-limit");
  const { cpu, incarnation, term, epoch, round } = state;
  turn.announce({ fact: "voted", cpu, incarnation, term, epoch, round, report, census: context.life.census(state.life) });
  ack(state, context, turn, report, turns(state, context) + (walker === state.cpu ? context.walkNs.walker : context.walkNs.other));
};

const reportOf = (busy: readonly Blocker[]): Report => (busy.length === 0 ? clear : { kind: "busy", busy: busy.map(busyOf) });

/**
 * An NMI that goes through a patched function while the update is being made saw it half made: it must fail. That lasts from before
 * the stop until every task has been looked at (kmod/core/core.c), which for this CPU is from the first ask to the end of the walk.
 */
const vetoes = <L>(state: Up<L>, context: CpuContext<L>, turn: Turn): Blocker[] => {
  if (!context.nmiVeto || !(state.nmi || drawsNmi(state, context, turn))) return [];
  return [{ task: "nmi", function: context.nmiFunction, why: "NMI in a patched function" }];
};

/** Whether one of the workload's own NMIs has come, or comes before the whole machine has been walked. */
const drawsNmi = <L>(state: Up<L>, context: CpuContext<L>, turn: Turn): boolean => {
  if (context.nmisPerSecond === 0) return false;
  const expected = (context.nmisPerSecond * (turn.at - state.updatingSince + context.walkNs.walker)) / 1e9;
  return uniform(state.random) < 1 - Math.exp(-expected);
};

/** Any other moment is harmless: before it is asked the update has not begun, after the vote it is decided without this CPU. */
export const onNmi = <L>(state: CpuState<L>): void => {
  if (state.stage === "stopping" || state.stage === "stopped") state.nmi = true;
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
    ack(state, context, turn, done, turns(state, context));
    return;
  }
  const { cpu, incarnation, term, epoch, round } = state;
  turn.announce({ fact: "wrote", cpu, incarnation, term, epoch, round });
  ack(state, context, turn, wrote, context.writeNs + turns(state, context));
};

const exit = <L>(state: Up<L>, context: CpuContext<L>, turn: Turn, ask: StopAsk & { do: "exit" }): void => {
  const census = context.life.census(state.life);
  if (ask.outcome === "committed") state.version = ask.version;
  const straddles = context.life.release(state.life, state.version);
  const { outcome } = ask;
  const { cpu, incarnation, term, epoch, round, version } = state;
  turn.announce({ fact: "resumed", cpu, incarnation, term, epoch, round, outcome, version, census, straddles });
  leave(state, context, turn, epoch, outcome);
  ack(state, context, turn, done, turns(state, context));
};

/** R8: held too long without having voted. Only a lost coordinator lets it come to this. */
export const onHoldLimit = <L>(state: Up<L>, context: CpuContext<L>, turn: Turn): void => {
  if (!context.rules.mayWithdraw(state.stage)) return;
  context.life.advance(state.life, turn.at);
  context.life.release(state.life, state.version);
  const { term, epoch } = state;
  turn.announce({ fact: "withdrew", cpu: state.cpu, incarnation: state.incarnation, term, epoch });
  leave(state, context, turn, epoch, "withdrew");
  state.report = null;
  withdraw(state, turn, term, epoch);
};
