// The coordinator's side of a stop: from opening an epoch over its one decision to its end (C1, C4, C5, C6, C8).
import { filter, fromCpus, has, lowest, noCpus, oneCpu } from "../../machine/cpuSet.ts";
import type { AbortReason } from "../facts.ts";
import type { Ack, Outcome, Register, StopAsk, Withdraw } from "../messages.ts";
import { everyoneIsHere, welcome } from "./members.ts";
import { admitted, admittedIncarnation, closed, decided, opened, taken, won } from "./register.ts";
import { ask, askRun, countAck, endRound } from "./rounds.ts";
import { type CoordinatorContext, type CoordinatorState, coordinatorTimers, type Purpose, type Round, type Turn } from "./state.ts";

// ---- the register ----

const write = (state: CoordinatorState, turn: Turn, purpose: Purpose, record: Register): void => {
  if (state.activity === "idle" || state.activity === "pausing" || state.activity === "finished") state.resting = state.activity;
  state.purpose = purpose;
  state.proposed = record;
  state.activity = "writing";
  turn.propose(state.revision, record);
};

/** Asks whether this life still holds its term. */
export const checkTerm = (state: CoordinatorState, turn: Turn): void => {
  state.purpose = "check";
  turn.propose(-1, null);
};

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
  const mine = purpose === "check" ? record?.term === state.term && record.holder === state.life : won(state, record);
  state.purpose = null;
  if (mine && purpose === "check") return;
  state.revision = revision;
  state.record = record;
  if (purpose === "read" || (purpose === "take" && !mine)) {
    write(state, turn, "take", taken(record, context, state.life));
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
      return welcomeAdmitted(state, turn, record);
    case "open": {
      const { operation, target, attempt, participants, incarnations } = record;
      turn.announce({ fact: "opened", ...of, operation, target, attempt, participants, incarnations });
      return begin(state, context, turn);
    }
    case "commit":
      turn.announce({ fact: "decided", ...of, outcome: "committed", reason: null });
      return askRun(state, context, turn);
    case "abort":
      turn.announce({ fact: "decided", ...of, outcome: "aborted", reason: state.reason });
      return askExit(state, context, turn, "aborted");
    case "close":
      turn.announce({ fact: "closed", ...of, outcome: record.outcome as Outcome, version: record.version });
      return onClosed(state, context, turn, record);
    case "read":
    case "check":
      throw new Error("a read is never written");
  }
};

/** C6: finish the one epoch that the last coordinator left, as it was decided, before anything else. */
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
    askExit(state, context, turn, "aborted");
  } else if (record.state === "commit") {
    turn.announce({ fact: "decided", life: state.life, term: state.term, epoch: record.epoch, outcome: "committed", reason: null });
    askRun(state, context, turn);
    checkRound(state, context, turn);
  } else state.activity = "idle";
};

// ---- between stops ----

/** At the end of every turn, when idle: admit whoever waits, then the next operation, then the end. */
export const proceed = (state: CoordinatorState, context: CoordinatorContext, turn: Turn): void => {
  if (state.activity !== "idle" && state.activity !== "pausing" && state.activity !== "finished") return;
  const record = state.record as Register;
  if (state.greeted.size > 0) write(state, turn, "admit", admitted(record, state.greeted));
  else if (state.activity === "idle" && everyoneIsHere(state, context)) next(state, context, turn, record);
};

const next = (state: CoordinatorState, context: CoordinatorContext, turn: Turn, record: Register): void => {
  const participants = filter(record.participants, (cpu) => !has(state.lost, cpu));
  const left = record.step < context.operations.length;
  if (left && record.attempt < context.model.attempts && participants.length > 0)
    write(state, turn, "open", opened(record, context, participants));
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

const welcomeAdmitted = (state: CoordinatorState, turn: Turn, record: Register): void => {
  const { greeted } = state;
  state.greeted = new Map();
  state.lost = filter(state.lost, (cpu) => !greeted.has(cpu));
  turn.announce({ fact: "admitted", life: state.life, term: state.term, incarnations: [...greeted], version: record.version });
  for (const [cpu, incarnation] of greeted) turn.send(oneCpu(cpu), welcome(state, cpu, incarnation));
  state.activity = state.resting;
};

// ---- an epoch ----

const begin = (state: CoordinatorState, context: CoordinatorContext, turn: Turn): void => {
  state.roundsAsked = 0;
  state.busy = [];
  state.busyCpus = [];
  state.reason = null;
  state.lost = noCpus;
  if (context.model.limitNs !== null) turn.setTimer("limit", context.model.limitNs);
  const { gather } = context.model;
  if (gather === null) ask(state, context, turn, { do: "prepare" });
  else ask(state, context, turn, { do: "gather", pass: gather.passes === 2 ? "sleepers" : "all" });
};

export const onAck = (state: CoordinatorState, context: CoordinatorContext, turn: Turn, msg: Ack): void => {
  if (countAck(state, msg)) checkRound(state, context, turn);
  else onLate(state, turn, msg);
};

/** A round ends when nobody is missing; a `run` also needs its writer (R5). */
const checkRound = (state: CoordinatorState, context: CoordinatorContext, turn: Turn): void => {
  const { round } = state;
  if (round === null || state.activity !== "round" || round.missing > 0) return;
  endRound(state, turn);
  advance(state, context, turn, round);
};

const advance = (state: CoordinatorState, context: CoordinatorContext, turn: Turn, round: Round): void => {
  switch (round.ask.do) {
    case "gather":
      return ask(state, context, turn, round.ask.pass === "sleepers" ? { do: "gather", pass: "all" } : { do: "prepare" });
    case "prepare":
      return ask(state, context, turn, { do: "disable-irq", walker: lowest(round.of) });
    case "disable-irq":
      return decide(state, turn);
    case "run":
      return round.wrote || round.of.length === 0 ? askExit(state, context, turn, "committed") : askRun(state, context, turn);
    case "exit":
      return close(state, turn);
  }
};

/** C4: every vote is in. The register decides; until it has answered nothing else is done. */
const decide = (state: CoordinatorState, turn: Turn): void => {
  turn.cancelTimer("limit");
  if (state.busyCpus.length > 0) abort(state, turn, { why: "busy", cpus: fromCpus(state.busyCpus), busy: [...state.busy] });
  else write(state, turn, "commit", decided(state.record as Register, "committed"));
};

const abort = (state: CoordinatorState, turn: Turn, reason: AbortReason): void => {
  state.reason = reason;
  turn.cancelTimer("limit");
  write(state, turn, "abort", decided(state.record as Register, "aborted"));
};

/** Aborts in the middle of a round. */
const cutShort = (state: CoordinatorState, turn: Turn, reason: AbortReason): void => {
  endRound(state, turn);
  abort(state, turn, reason);
};

const askExit = (state: CoordinatorState, context: CoordinatorContext, turn: Turn, outcome: Outcome): void => {
  const record = state.record as Register;
  ask(state, context, turn, { do: "exit", outcome, version: outcome === "committed" ? record.target : record.version });
  checkRound(state, context, turn);
};

const close = (state: CoordinatorState, turn: Turn): void => {
  state.round = null;
  write(state, turn, "close", closed(state.record as Register));
};

const onClosed = (state: CoordinatorState, context: CoordinatorContext, turn: Turn, record: Register): void => {
  if (record.outcome === "aborted" && record.attempt < context.model.attempts) {
    state.activity = "pausing";
    turn.setTimer("retry", context.model.retryNs);
  } else state.activity = "idle";
};

// ---- what comes between ----

/** The epoch is open and undecided, and a round of it is being asked. */
const isUndecided = (state: CoordinatorState): boolean => state.activity === "round" && state.record?.state === "open";

export const onLimit = (state: CoordinatorState, turn: Turn): void => {
  const { round } = state;
  if (!isUndecided(state) || round === null) return;
  cutShort(state, turn, { why: "limit", cpus: filter(round.of, (cpu) => round.awaited[cpu] === 1), busy: [...state.busy] });
};

/** A participant has died: abort while that is possible; else go on without it, and let another CPU write if it was to (R5, C5). */
export const onLost = (state: CoordinatorState, context: CoordinatorContext, turn: Turn, cpu: number): void => {
  const { round } = state;
  if (isUndecided(state)) cutShort(state, turn, { why: "death", cpus: oneCpu(cpu), busy: [] });
  else if (round !== null && round.ask.do === "run" && round.ask.active === cpu && !round.wrote) {
    endRound(state, turn);
    askRun(state, context, turn);
    checkRound(state, context, turn);
  } else if (round !== null) checkRound(state, context, turn);
  else proceed(state, context, turn);
};

export const onWithdraw = (state: CoordinatorState, turn: Turn, msg: Withdraw): void => {
  const { record } = state;
  if (record === null || msg.incarnation !== admittedIncarnation(record, msg.cpu)) return;
  const current = msg.epoch === record.epoch;
  if (current && isUndecided(state)) cutShort(state, turn, { why: "withdraw", cpus: oneCpu(msg.cpu), busy: [] });
  else if (current && record.state === "done") sendExit(state, turn, msg.cpu);
};

/** C8, for a CPU that outlived its own burial or a copy that comes late: an ack of this epoch from before its end is answered with its end. */
const onLate = (state: CoordinatorState, turn: Turn, msg: Ack): void => {
  const { record, round } = state;
  if (round !== null) round.late++;
  if (record?.state === "done" && msg.epoch === record.epoch && msg.term === state.term && msg.round < state.roundsAsked)
    sendExit(state, turn, msg.cpu);
};

const sendExit = (state: CoordinatorState, turn: Turn, cpu: number): void => {
  const record = state.record as Register;
  if (record.outcome === null) return;
  const what: StopAsk = { do: "exit", outcome: record.outcome, version: record.version };
  turn.send(oneCpu(cpu), { kind: "stop", term: state.term, epoch: record.epoch, round: Math.max(1, state.roundsAsked), ask: what });
};
