// Rounds: ask all, count each ack once, ask the missing ones again (C2, C3).
import { type CpuSet, covers, filter, forEach, lowest, noCpus, oneCpu, size, union, without } from "../../machine/cpuSet.ts";
import { pause } from "../backoff.ts";
import { type Ack, type Ask, type Phase, type Register, type Report, type RoundMessage, roundMessage, type Stamp } from "../messages.ts";
import { compareStamps } from "../stamp.ts";
import { subtreeOf, type Way, wayTo } from "../topology.ts";
import { busyLimit, type CoordinatorContext, type CoordinatorState, type Round, type Turn } from "./state.ts";

/** The participants of this epoch that have not died in it. */
export const alive = (state: CoordinatorState): CpuSet => without((state.record as Register).participants, state.lost);

/** Begins a new round of the epoch: what it asks will never change. */
export const ask = (state: CoordinatorState, context: CoordinatorContext, turn: Turn, what: Ask, of = alive(state)): void => {
  const record = state.record as Register;
  const awaited = new Uint8Array(context.cpus);
  forEach(of, (cpu) => {
    awaited[cpu] = 1;
  });
  const way = wayTo(context.topology, context.nodeCpus, of);
  const round: Round = {
    number: ++state.roundsAsked,
    ask: what,
    awaited,
    of,
    subtreeOf: (cpu) => subtreeOf(way, cpu),
    missing: size(of),
    pending: 0,
    acks: 0,
    wrote: false,
    tries: 0,
    resent: 0,
    late: 0,
  };
  state.round = round;
  state.activity = "round";
  turn.announce({ fact: "asked", life: state.life, term: state.term, epoch: record.epoch, round: round.number, ask: what, of });
  askFirst(turn, way, roundMessage({ term: state.term, epoch: record.epoch, round: round.number }, what));
  turn.setTimer("resend", pause(context.resend, 0, state.random));
};

/** The first time a round goes by combiners, where there are some; each repeat goes straight (C3). */
const askFirst = (turn: Turn, { ends, branches }: Way, msg: RoundMessage): void => {
  for (const relay of branches) turn.send(oneCpu(lowest(relay.subtree)), { ...msg, relay });
  if (ends.length > 0) turn.send(ends, msg);
};

/** `run` is asked of all; the lowest-numbered CPU alive writes (R5). */
export const askRun = (state: CoordinatorState, context: CoordinatorContext, turn: Turn): void => {
  const of = alive(state);
  ask(state, context, turn, { do: "run", active: lowest(of) }, of);
};

/** The resend timer: only the missing ones are asked again. */
export const askAgain = (state: CoordinatorState, context: CoordinatorContext, turn: Turn): void => {
  const { round } = state;
  if (round === null || state.activity !== "round") return;
  const missing = filter(round.of, (cpu) => round.awaited[cpu] === 1);
  round.tries++;
  round.resent += size(missing);
  const { epoch } = state.record as Register;
  turn.send(missing, roundMessage({ term: state.term, epoch, round: round.number }, round.ask));
  turn.setTimer("resend", pause(context.resend, round.tries, state.random));
};

/** Counts an ack of this very term, epoch, round and incarnation, once for each CPU (C2). Returns the CPUs of which it is none. */
export const countAck = (state: CoordinatorState, context: CoordinatorContext, msg: Ack): CpuSet => {
  const { round, record } = state;
  const { rules } = context;
  const { cpus, incarnation, report } = msg;
  if (round === null || record === null || !rules.isOfRound(state, msg) || !fits(report.kind, round.ask.do)) return cpus;
  if (!mayCarry(round, msg)) return cpus;
  let strangers = noCpus;
  for (let i = 0; i < cpus.length; i += 2) {
    for (let cpu = cpus[i] as number; cpu <= (cpus[i + 1] as number); cpu++) {
      if (!rules.isOfMember(record, cpu, incarnation)) strangers = union(strangers, oneCpu(cpu));
      else if (rules.isCopy(round, cpu)) round.late++;
      else countCpu(state, round, cpu, report);
    }
  }
  return strangers;
};

/** The round under way, if it is the one of this stamp: while it waits for anybody, no ack does more than to be counted. */
const roundOf = ({ activity, term, record, round }: CoordinatorState, stamp: Stamp): Round | null =>
  activity === "round" &&
  record !== null &&
  round !== null &&
  compareStamps(stamp, { term, epoch: record.epoch, round: round.number }) === 0
    ? round
    : null;

/** True while the round of this stamp waits for this CPU, so that it does not end whoever else answers. */
export const waitsFor = (state: CoordinatorState, stamp: Stamp, cpu: number): boolean => roundOf(state, stamp)?.awaited[cpu] === 1;

/** So many acks of this stamp can be counted before anything comes of them; 0 if they are of another round, or something is awaited first. */
export const countable = (state: CoordinatorState, stamp: Stamp): number =>
  state.purpose === null ? (roundOf(state, stamp)?.missing ?? 0) : 0;

/** A combiner speaks for nobody but itself and those who were asked by way of it. */
const mayCarry = (round: Round, { carrier, cpus }: Ack): boolean => carrier === undefined || covers(round.subtreeOf(carrier), cpus);

const countCpu = (state: CoordinatorState, round: Round, cpu: number, report: Report): void => {
  round.awaited[cpu] = 0;
  round.missing--;
  round.acks++;
  noteReport(state, round, cpu, report);
};

/** Only `clear` is a clear vote (C4): an answer to another question is none to this. */
const fits = (report: Report["kind"], phase: Phase): boolean => {
  switch (phase) {
    case "disable-irq":
      return report === "clear" || report === "busy";
    case "run":
      return report === "done" || report === "wrote";
    case "start":
    case "check":
    case "signal":
    case "reverse":
    case "force":
      return report === "pending";
    default:
      return report === "done";
  }
};

const noteReport = (state: CoordinatorState, round: Round, cpu: number, report: Report): void => {
  if (report.kind === "wrote") round.wrote = true;
  if (!("busy" in report) || (report.kind === "pending" && report.busy.length === 0)) return;
  if (report.kind === "pending") round.pending++;
  state.busyCpus.push(cpu);
  for (const busy of report.busy) if (state.busy.length < busyLimit) state.busy.push({ cpu, ...busy });
};

/** A dead CPU is waited for no longer. */
export const stopWaitingFor = (round: Round, cpu: number): void => {
  if (round.awaited[cpu] !== 1) return;
  round.awaited[cpu] = 0;
  round.missing--;
};

/** Ends the round in the books; what follows is for the caller to say. */
export const endRound = (state: CoordinatorState, turn: Turn): void => {
  const round = state.round as Round;
  const { epoch } = state.record as Register;
  turn.cancelTimer("resend");
  turn.announce({
    fact: "round-ended",
    life: state.life,
    term: state.term,
    epoch,
    round: round.number,
    phase: round.ask.do,
    acks: round.acks,
    resent: round.resent,
    late: round.late,
  });
};
