// A combiner: a CPU that hands the first asking of a round on to those below it, and answers for them all with one message.
//
// It only carries. What it carries up is what it has heard, CPU by CPU with their incarnation, and never how many they are: so a copy
// changes nothing, and whoever it has not heard is missing where that counts. It waits for its subtree until its time is up, or until the
// coordinator asks it straight; from then on what comes goes up at once. So whatever becomes of it costs time and no guarantee.
import { type CpuSet, covers, lowest, oneCpu, size, slice, union } from "../../machine/cpuSet.ts";
import { type Ack, type Relay, type Report, type RoundMessage, roundMessage } from "../messages.ts";
import { compareStamps } from "../stamp.ts";
import { heightOf, subtreeOf, wayBelow } from "../topology.ts";
import type { CpuContext, CpuState, Turn } from "./state.ts";

/** What a combiner knows of those below it. */
export interface Combining {
  readonly relay: Relay;
  /** For whom one of those below it may speak. It follows from `relay`: a function, since it is nothing that tells two states apart. */
  readonly subtreeOf: (cpu: number) => CpuSet;
  /** Those whose ack has not come. */
  missing: CpuSet;
  /** What has come and not gone up; those that say the same are one. */
  heard: readonly Ack[];
  /** It waits for those that are missing, and for its own answer. */
  waits: boolean;
}

/** The rest of what it was asked for first is asked below, and its answers are waited for. */
export const beginRelay = <L>(state: CpuState<L>, context: CpuContext<L>, turn: Turn, msg: RoundMessage): void => {
  letGo(state, turn);
  const { relay } = msg;
  if (relay === undefined || lowest(relay.subtree) !== state.cpu) return;
  const below = slice(relay.subtree, 1, size(relay.subtree));
  const way = wayBelow(relay);
  const { ends, branches } = way;
  for (const branch of branches) turn.toCpus(oneCpu(lowest(branch.subtree)), { ...msg, relay: branch });
  if (ends.length > 0) turn.toCpus(ends, roundMessage(msg, msg.ask));
  state.combining = { relay, subtreeOf: (cpu) => subtreeOf(way, cpu), missing: below, heard: [], waits: true };
  turn.setTimer("combine", combineNs(context, relay));
};

const letGo = <L>(state: CpuState<L>, turn: Turn): void => {
  if (state.combining?.waits === true) turn.cancelTimer("combine");
  state.combining = null;
};

/**
 * The higher, the longer, so that each hears what those below it could gather; and all of it in half the shortest pause after which
 * the coordinator asks again: only those are to be asked twice of whom nothing has come.
 */
const combineNs = <L>({ cpus, resend }: CpuContext<L>, { fanout, subtree }: Relay): number =>
  Math.max(1, Math.round((resend.firstNs / 4) * (heightOf(size(subtree), fanout) / heightOf(cpus, fanout))));

/** Says what this CPU has to say in its round to whoever asked it; a combiner waits until it can speak for those below it too. */
export const answer = <L>(state: CpuState<L>, context: CpuContext<L>, turn: Turn): void => {
  const { combining } = state;
  if (combining?.waits !== true) send(state, turn, ownAck(state), ownNs(state, turn));
  else if (combining.missing.length === 0) speakForAll(state, context, turn, combining);
};

/** An ack of those below. Of another round nobody waits for it: its sender is asked again, straight, as long as it is missing. */
export const hear = <L>(state: CpuState<L>, context: CpuContext<L>, turn: Turn, msg: Ack): void => {
  const { combining } = state;
  if (combining === null || !isOfSubtree(state, combining, msg)) return;
  const missing = context.rules.stillMissing(combining, msg);
  if (size(missing) === size(combining.missing)) return;
  combining.missing = missing;
  combining.heard = join(combining.heard, asSaid(msg));
  if (!combining.waits) carryHeard(state, context, turn, combining);
  else if (missing.length === 0 && state.report !== null) speakForAll(state, context, turn, combining);
};

/** Whoever carried it. */
const asSaid = (msg: Ack): Ack => {
  if (msg.carrier === undefined) return msg;
  const { carrier: _, ...said } = msg;
  return said;
};

const isOfSubtree = <L>(state: CpuState<L>, { relay, subtreeOf: spokenForBy }: Combining, msg: Ack): boolean => {
  if (compareStamps(msg, state) !== 0) return false;
  const { cpus, carrier } = msg;
  const spokenFor = carrier === undefined ? slice(relay.subtree, 1, size(relay.subtree)) : spokenForBy(carrier);
  return covers(spokenFor, cpus);
};

/** Its time is up, or the coordinator asks it straight: what has come goes up now, and what is to come when it comes. */
export const stopWaiting = <L>(state: CpuState<L>, context: CpuContext<L>, turn: Turn): void => {
  const { combining } = state;
  if (combining?.waits !== true) return;
  combining.waits = false;
  turn.cancelTimer("combine");
  carryHeard(state, context, turn, combining);
  if (state.report !== null) send(state, turn, ownAck(state), ownNs(state, turn));
};

/** Whoever has brought all is no combiner any more. */
const carryHeard = <L>(state: CpuState<L>, context: CpuContext<L>, turn: Turn, combining: Combining): void => {
  const { heard, missing } = combining;
  combining.heard = [];
  for (const ack of heard) carry(state, context, turn, combining, ack, 0);
  if (missing.length === 0) state.combining = null;
};

/** Its own answer is one of them, and leaves no sooner than its work is done. */
const speakForAll = <L>(state: CpuState<L>, context: CpuContext<L>, turn: Turn, combining: Combining): void => {
  letGo(state, turn);
  for (const ack of join(combining.heard, ownAck(state))) carry(state, context, turn, combining, ack, ownNs(state, turn));
};

const carry = <L>(state: CpuState<L>, { rules }: CpuContext<L>, turn: Turn, combining: Combining, ack: Ack, afterNs: number): void =>
  send(state, turn, { ...ack, cpus: rules.speaksFor(combining, ack.cpus), carrier: state.cpu }, afterNs);

const send = <L>({ asker }: CpuState<L>, turn: Turn, ack: Ack, afterNs: number): void => {
  if (asker === null) turn.toCoordinators(ack, afterNs);
  else turn.toCpus(oneCpu(asker), ack, afterNs);
};

const ownAck = <L>({ cpu, incarnation, term, epoch, round, report }: CpuState<L>): Ack => {
  if (report === null) throw new Error("there is nothing to answer yet");
  return { kind: "ack", term, epoch, round, cpus: oneCpu(cpu), incarnation, report };
};

/** The work that is still between the ask and the answer. */
const ownNs = <L>({ answeredAt, workNs }: CpuState<L>, { at }: Turn): number =>
  workNs === 0 || answeredAt === at ? workNs : Math.max(0, answeredAt + workNs - at);

const join = (acks: readonly Ack[], more: Ack): readonly Ack[] => {
  const alike = acks.findIndex((ack) => ack.incarnation === more.incarnation && sayTheSame(ack.report, more.report));
  if (alike < 0) return [...acks, more];
  return acks.map((ack, i) => (i === alike ? { ...ack, cpus: union(ack.cpus, more.cpus) } : ack));
};

/** Whoever names tasks says what only it can say. */
const sayTheSame = (a: Report, b: Report): boolean => a.kind === b.kind && !names(a) && !names(b);

const names = (report: Report): boolean => "busy" in report && report.busy.length > 0;
