// An epoch from its opening over its one decision to its end, whatever kind of rounds it has (C1, C4, C5, C6, C8).
import { type CpuSet, filter, has, noCpus, oneCpu, size, without } from "../../machine/cpuSet.ts";
import { type Ack, type Ask, type Outcome, type Register, roundMessage, type Withdraw } from "../messages.ts";
import { cutShort, write } from "./decide.ts";
import { everyoneIsHere, welcome } from "./members.ts";
import { admitted, admittedIncarnation, opened } from "./register.ts";
import { askRun, countAck, endRound } from "./rounds.ts";
import { type CoordinatorContext, type CoordinatorState, coordinatorTimers, type Purpose, type Turn } from "./state.ts";
import { advanceStop, askExit, beginStop } from "./stop.ts";
import { advanceTransition, beginTransition, onTransitionAborted, onTransitionCommitted, onTransitionLimit } from "./transition.ts";

/** True where tasks or functions are brought over one by one, and no stop is made. */
const isGradual = (context: CoordinatorContext): boolean => context.model.gradual !== null;

// ---- the register ----

/** The register's answer: what was asked for decides what comes next. Whoever reads a higher term stands down for good (C6). */
export const onRegister = (
  state: CoordinatorState,
  context: CoordinatorContext,
  turn: Turn,
  revision: number,
  record: Register | null,
): void => {
  const { purpose } = state;
  if (purpose === null) return;
  const mine = context.rules.holdsTerm(state, record);
  state.purpose = null;
  if (mine && purpose === "check") return;
  state.revision = revision;
  state.record = record;
  if (purpose === "read" || (purpose === "take" && !mine)) {
    write(state, turn, "take", context.rules.takes(record, context, state.life));
    return;
  }
  if (!mine) {
    state.activity = "stood-down";
    state.proposed = null;
    turn.announce({ fact: "stood-down", life: state.life, term: state.term });
    for (const timer of coordinatorTimers) turn.cancelTimer(timer);
    return;
  }
  onWritten(state, context, turn, purpose, record as Register);
};

const onWritten = (state: CoordinatorState, context: CoordinatorContext, turn: Turn, purpose: Purpose, record: Register): void => {
  const of = { life: state.life, term: record.term, epoch: record.epoch };
  switch (purpose) {
    case "take":
      state.term = record.term;
      turn.announce({ fact: "took", life: state.life, term: record.term });
      return recover(state, context, turn, record);
    case "admit":
      return welcomeAdmitted(state, context, turn, record);
    case "open":
      tellOpened(state, turn, record);
      return begin(state, context, turn);
    case "commit":
      turn.announce({ fact: "decided", ...of, outcome: "committed", reason: null });
      return onCommitted(state, context, turn);
    case "abort":
      turn.announce({ fact: "decided", ...of, outcome: "aborted", reason: state.reason });
      return onAborted(state, context, turn);
    case "close":
      turn.announce({ fact: "closed", ...of, outcome: record.outcome as Outcome, version: record.version });
      return onClosed(state, context, turn, record);
    case "read":
    case "check":
      throw new Error("a read is never written");
  }
};

/** C6: finish the one epoch that the last coordinator left, as it was decided, before anything else. An open transition goes on. */
const recover = (state: CoordinatorState, context: CoordinatorContext, turn: Turn, record: Register): void => {
  state.lost = filter(record.participants, (cpu) => (state.dead.get(cpu) ?? 0) >= admittedIncarnation(record, cpu));
  if (record.state === "abort") {
    turn.announce({
      fact: "decided",
      life: state.life,
      term: state.term,
      epoch: record.epoch,
      outcome: "aborted",
      reason: { why: "takeover", cpus: noCpus, busy: [] },
    });
    onAborted(state, context, turn);
  } else if (record.state === "commit") {
    turn.announce({ fact: "decided", life: state.life, term: state.term, epoch: record.epoch, outcome: "committed", reason: null });
    onCommitted(state, context, turn);
  } else if (record.state === "open") {
    // Whoever opened it may have died before it could say so.
    tellOpened(state, turn, record);
    begin(state, context, turn);
  } else state.activity = "idle";
};

const tellOpened = (state: CoordinatorState, turn: Turn, record: Register): void => {
  const { term, epoch, operation, target, attempt, participants, incarnations } = record;
  turn.announce({ fact: "opened", life: state.life, term, epoch, operation, target, attempt, participants, incarnations });
};

const onCommitted = (state: CoordinatorState, context: CoordinatorContext, turn: Turn): void =>
  isGradual(context) ? onTransitionCommitted(state, context, turn) : askRun(state, context, turn);

const onAborted = (state: CoordinatorState, context: CoordinatorContext, turn: Turn): void =>
  isGradual(context) ? onTransitionAborted(state, context, turn) : askExit(state, context, turn, "aborted");

// ---- between stops ----

/** At the end of every turn: admit whoever waits, where that is possible; when idle, the next operation, then the end. */
export const proceed = (state: CoordinatorState, context: CoordinatorContext, turn: Turn): void => {
  const record = state.record as Register;
  if (state.greeted.size > 0 && context.rules.mayAdmit(state, context)) write(state, turn, "admit", admitted(record, state.greeted));
  else if (state.activity === "idle" && everyoneIsHere(state, context)) next(state, context, turn, record);
};

const beginsAt = ({ pace }: CoordinatorContext, step: number): number => (pace === undefined ? 0 : pace.firstNs + step * pace.everyNs);

const next = (state: CoordinatorState, context: CoordinatorContext, turn: Turn, record: Register): void => {
  const participants = without(record.participants, state.lost);
  const left = record.step < state.operations.length;
  const earlyNs = left ? beginsAt(context, record.step) - turn.at : 0;
  if (earlyNs > 0) {
    state.activity = "pausing";
    turn.setTimer("retry", earlyNs);
  } else if (left && record.attempt < context.model.attempts && participants.length > 0)
    write(state, turn, "open", opened(record, state.operations, participants, context));
  else {
    state.activity = "finished";
    turn.announce({
      fact: "finished",
      life: state.life,
      term: state.term,
      outcome: left ? "gave-up" : "committed",
      version: record.version,
    });
  }
};

const welcomeAdmitted = (state: CoordinatorState, context: CoordinatorContext, turn: Turn, record: Register): void => {
  const { greeted } = state;
  state.greeted = new Map();
  state.lost = filter(state.lost, (cpu) => !greeted.has(cpu));
  turn.announce({ fact: "admitted", life: state.life, term: state.term, incarnations: [...greeted], version: record.version });
  for (const [cpu, incarnation] of greeted) turn.send(oneCpu(cpu), welcome(state, context, cpu, incarnation));
  state.activity = state.resting;
};

// ---- an epoch ----

const begin = (state: CoordinatorState, context: CoordinatorContext, turn: Turn): void => {
  state.roundsAsked = 0;
  state.busy = [];
  state.busyCpus = [];
  state.reason = null;
  state.lost = filter(state.lost, (cpu) => has((state.record as Register).participants, cpu));
  if (context.model.limitNs !== null) turn.setTimer("limit", context.model.limitNs);
  if (isGradual(context)) beginTransition(state, context, turn);
  else beginStop(state, context, turn);
};

/** At the end of every event: rounds that nobody is missing in any more end, and what follows them begins. */
export const goOn = (state: CoordinatorState, context: CoordinatorContext, turn: Turn): void => {
  while (state.activity === "round" && state.round !== null && context.rules.isRoundOver(state.round)) {
    const { round } = state;
    endRound(state, turn);
    if (isGradual(context)) advanceTransition(state, context, turn, round);
    else advanceStop(state, context, turn, round);
  }
};

const onClosed = (state: CoordinatorState, context: CoordinatorContext, turn: Turn, record: Register): void => {
  if (record.outcome === "aborted" && record.attempt < context.model.attempts) {
    state.activity = "pausing";
    turn.setTimer("retry", context.model.retryNs);
  } else state.activity = "idle";
};

// ---- what comes between ----

export const onAck = (state: CoordinatorState, context: CoordinatorContext, turn: Turn, msg: Ack): void => {
  const strangers = countAck(state, context, msg);
  if (strangers.length > 0) onLate(state, context, turn, msg, strangers);
};

export const onLimit = (state: CoordinatorState, context: CoordinatorContext, turn: Turn): void => {
  const { round } = state;
  if (!context.rules.isUndecided(state) || round === null) return;
  if (isGradual(context)) onTransitionLimit(state, context, turn);
  else cutShort(state, turn, { why: "limit", cpus: filter(round.of, (cpu) => round.awaited[cpu] === 1), busy: [...state.busy] });
};

/**
 * A participant has died. A stop is aborted while that is possible; else it goes on without it, and another CPU writes if it was to
 * (R5, C5). A transition always goes on without it: the tasks that were to switch have died with it.
 */
export const onLost = (state: CoordinatorState, context: CoordinatorContext, turn: Turn, cpu: number): void => {
  const { round } = state;
  if (!isGradual(context) && context.rules.isUndecided(state)) cutShort(state, turn, { why: "death", cpus: oneCpu(cpu), busy: [] });
  else if (round !== null && round.ask.do === "run" && round.ask.active === cpu && !context.rules.isWritten(round)) {
    endRound(state, turn);
    askRun(state, context, turn);
  }
};

export const onWithdraw = (state: CoordinatorState, context: CoordinatorContext, turn: Turn, msg: Withdraw): void => {
  const { record } = state;
  if (record === null || !context.rules.isOfMember(record, msg.cpu, msg.incarnation)) return;
  const current = msg.epoch === record.epoch;
  if (current && context.rules.isUndecided(state)) cutShort(state, turn, { why: "withdraw", cpus: oneCpu(msg.cpu), busy: [] });
  else if (current && record.state === "done") sendEnd(state, context, turn, oneCpu(msg.cpu));
};

/** C8, for a CPU that outlived its own burial or a copy that comes late: an ack of this epoch from before its end is answered with its end. */
const onLate = (state: CoordinatorState, context: CoordinatorContext, turn: Turn, msg: Ack, cpus: CpuSet): void => {
  const { record, round } = state;
  if (round !== null) round.late += size(cpus);
  if (record?.state === "done" && msg.epoch === record.epoch && msg.term === state.term && msg.round < state.roundsAsked)
    sendEnd(state, context, turn, cpus);
};

const sendEnd = (state: CoordinatorState, context: CoordinatorContext, turn: Turn, cpus: CpuSet): void => {
  const { outcome, version, epoch } = state.record as Register;
  if (outcome === null) return;
  const ended: Ask = outcome === "committed" ? { do: "complete", version } : { do: "cancel", version };
  const what: Ask = isGradual(context) ? ended : { do: "exit", outcome, version };
  turn.send(cpus, roundMessage({ term: state.term, epoch, round: Math.max(1, state.roundsAsked) }, what));
};
