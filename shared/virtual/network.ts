// The simulated interconnect: how long an IPI takes, and what the packet rules do to it.
import type { Profile } from "../kernel/profile.ts";
import { type CpuSet, oneCpu } from "../machine/cpuSet.ts";
import { type Actor, type Destination, isCoordinator } from "../machine/machine.ts";
import { exponential, type Random, stream } from "../machine/random.ts";
import { type Fate, type Packet, pass } from "../nemesis/packet.ts";
import type { PacketRules } from "../nemesis/packetRules.ts";
import { isRoundMessage, type Message, type Phase } from "../protocol/messages.ts";
import type { PacketCounts } from "../protocol/observer.ts";
import type { Acting, Living } from "./actors.ts";
import { type Agenda, classes, kinds } from "./agenda.ts";
import { grown } from "./column.ts";
import { ProcessQueues } from "./processQueues.ts";

/** The phase that a message belongs to: a round says it, everything else is of what its sender is at. */
const phaseOf = (msg: Message, senderPhase: Phase | undefined): Phase | undefined => (isRoundMessage(msg) ? msg.ask.do : senderPhase);

/** So many copies of a message make a batch: fewer are as well off as events of their own, which need no arrays. */
const leastBatch = 8;

/** So many messages are worth being held back. */
const leastHeld = 16;

/** Whom a packet for this actor is for: all coordinators hear what one is told. */
export const destinationOf = (receiver: Actor): Destination => (isCoordinator(receiver) ? "coordinators" : oneCpu(receiver));

/** The coordinator runs beside CPU 0. */
const socketOf = (actor: Actor, profile: Profile): number => (isCoordinator(actor) ? 0 : Math.floor(actor / profile.cpusPerSocket));

/** A packet on its way, as whoever draws a picture of a run sees it. */
export interface Carried extends Packet {
  readonly msg: Message;
  readonly fate: Fate;
  /** When it would arrive, were it neither lost nor delayed. */
  readonly arrivesAt: number;
}

/** CPUs at the same phase that say the same, each at its own time and clock. */
interface Senders {
  readonly cpus: Int32Array;
  readonly times: Float64Array;
  readonly clocks: Float64Array;
  readonly phase: Phase | undefined;
}

/** The copies of messages that get through: who gets each, when, and from whom at what clock. */
class Arrivals {
  count = 0;
  times = new Float64Array(16);
  actors = new Int32Array(16);
  senders = new Int32Array(16);
  clocks = new Float64Array(16);

  add(actor: Actor, time: number, sender: Actor, clock: number): void {
    if (this.count === this.times.length) this.grow();
    this.actors[this.count] = actor;
    this.senders[this.count] = sender;
    this.clocks[this.count] = clock;
    this.times[this.count++] = time;
  }

  clear(): void {
    this.count = 0;
  }

  private grow(): void {
    const room = 2 * this.count;
    this.times = grown(this.times, new Float64Array(room));
    this.actors = grown(this.actors, new Int32Array(room));
    this.senders = grown(this.senders, new Int32Array(room));
    this.clocks = grown(this.clocks, new Float64Array(room));
  }
}

export class Network {
  private readonly random: Random;
  private readonly profile: Profile;
  private readonly rules: PacketRules;
  private readonly counts: PacketCounts;
  private readonly agenda: Agenda;
  /** What came of the packets carried since it was last emptied. One for all messages, so that sending allocates nothing. */
  private readonly arrivals = new Arrivals();
  private readonly watch: ((packet: Carried) => void) | undefined;
  /** What arrives of what is held back until all of it leaves as one batch; null while nothing is. */
  private held: Message[] | null = null;
  /** What one actor asks at one moment is one broadcast, in however many messages it says so: how many packets it has come to. */
  private readonly broadcast = { from: 0, at: -1, sent: 0 };
  /** Null where every CPU is hardware of its own. */
  private readonly queues: ProcessQueues | null;

  constructor(
    profile: Profile,
    seed: number,
    rules: PacketRules,
    counts: PacketCounts,
    agenda: Agenda,
    watch: ((packet: Carried) => void) | undefined,
  ) {
    this.watch = watch;
    this.agenda = agenda;
    this.random = stream(seed, "network");
    this.profile = profile;
    this.queues = profile.processes === undefined ? null : new ProcessQueues(profile.processes, profile.cpusPerSocket);
    this.rules = rules;
    this.counts = counts;
  }

  /** `mark` is handed on to whoever is at hand when it arrives. */
  send(from: Acting, to: Destination, coordinators: readonly Living[], msg: Message, at: number, mark = 0): void {
    if (to === "coordinators") this.toCoordinators(from, coordinators, msg, at, mark);
    else this.toCpus(from, to, msg, at, mark);
  }

  toCpus(from: Acting, to: CpuSet, msg: Message, at: number, mark = 0): void {
    const { broadcast } = this;
    const isRound = isRoundMessage(msg);
    let order = isRound && broadcast.from === from.actor && broadcast.at === at ? broadcast.sent : 0;
    for (let i = 0; i < to.length; i += 2) {
      const last = to[i + 1] as number;
      for (let cpu = to[i] as number; cpu <= last; cpu++) this.carry(from.actor, from.clock, from.phase, cpu, msg, at, order++);
    }
    if (isRound) {
      broadcast.from = from.actor;
      broadcast.at = at;
      broadcast.sent = order;
    }
    this.arrive(from, msg, mark);
  }

  /** To all that live. */
  toCoordinators(from: Acting, coordinators: readonly Living[], msg: Message, at: number, mark = 0): void {
    for (const coordinator of coordinators)
      if (coordinator.alive) this.carry(from.actor, from.clock, from.phase, coordinator.actor, msg, at, 0);
    this.arrive(from, msg, mark);
  }

  /** What each of these CPUs says, as if they sent it in turn: where each packet is carried by itself. */
  sendEach(senders: Senders, to: Actor, msg: Message, mark: number): void {
    const { cpus, times, clocks, phase } = senders;
    const { arrivals } = this;
    for (let i = 0; i < cpus.length; i++) {
      this.carry(cpus[i] as Actor, clocks[i] as number, phase, to, msg, times[i] as number, 0);
    }
    const { count } = arrivals;
    arrivals.clear();
    if (count === 0) return;
    const members = { as: arrivals.senders.slice(0, count), clocks: arrivals.clocks.slice(0, count) };
    this.agenda.addAll(arrivals.times.slice(0, count), classes.message, kinds.deliver, members, to, 0, mark, 0, msg);
  }

  /** Carries one packet, for the arrivals to tell: no copy of it, one or two. `order` is its place in a broadcast. */
  private carry(from: Actor, clock: number, senderPhase: Phase | undefined, to: Actor, msg: Message, at: number, order: number): void {
    this.counts.sent++;
    const base = at + this.latency(from, to) + order * this.profile.sendNs;
    if (this.rules.none && this.watch === undefined) {
      this.arrivals.add(to, base, from, clock);
      return;
    }
    const packet: Packet = { from, to, kind: msg.kind, phase: phaseOf(msg, senderPhase), at };
    const fate = this.rules.none ? pass : this.rules.fate(packet);
    this.watch?.({ ...packet, msg, fate, arrivesAt: base });
    switch (fate.kind) {
      case "lost":
        this.counts.dropped++;
        return;
      case "corrupted":
        this.counts.corrupted++;
        return;
      case "delayed":
        this.counts.delayed++;
        this.arrivals.add(to, base + fate.ns, from, clock);
        return;
      case "copied":
        this.counts.duplicated++;
        this.arrivals.add(to, base, from, clock);
        this.arrivals.add(to, base + fate.ns, from, clock);
        return;
      case "pass":
        this.arrivals.add(to, base, from, clock);
    }
  }

  /**
   * From here on what is sent is held back, unless so few messages are expected: what leaves at one moment, with nothing between, may as well
   * arrive as one batch.
   */
  hold(expected: number): void {
    if (expected >= leastHeld) this.held ??= [];
  }

  release(): void {
    const { held, arrivals } = this;
    if (held === null) return;
    this.held = null;
    const { count } = arrivals;
    arrivals.clear();
    if (count === 0) return;
    const times = arrivals.times.slice(0, count);
    const actors = arrivals.actors.slice(0, count);
    const members = { actors, as: arrivals.senders.slice(0, count), clocks: arrivals.clocks.slice(0, count), bodies: held };
    this.agenda.addAll(times, classes.message, kinds.deliver, members, 0, 0, 0, 0, null);
  }

  /** Schedules all copies of a message that get through. */
  private arrive({ actor: from, clock }: Acting, msg: Message, mark: number): void {
    const { count, times, actors } = this.arrivals;
    if (this.held !== null) {
      while (this.held.length < count) this.held.push(msg);
      return;
    }
    this.arrivals.clear();
    if (count === 0) return;
    this.queues?.putOff(from, times, actors, count);
    if (count < leastBatch) {
      for (let i = 0; i < count; i++) {
        this.agenda.add(times[i] as number, classes.message, kinds.deliver, actors[i] as Actor, -1, from, mark, clock, msg);
      }
    } else {
      const members = { actors: actors.slice(0, count) };
      this.agenda.addAll(
        times.slice(0, count),
        classes.message,
        kinds.deliver,
        members,
        members.actors[0] as Actor,
        from,
        mark,
        clock,
        msg,
      );
    }
  }

  private latency(from: Actor, to: Actor): number {
    const { ipiNs } = this.profile;
    const near = socketOf(from, this.profile) === socketOf(to, this.profile);
    return Math.round((near ? ipiNs.near : ipiNs.far) + exponential(this.random, ipiNs.jitter));
  }
}
