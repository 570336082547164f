// Finds for each message that arrived the one that was sent, and so which were never received: a journal names neither.
//
// A resend is word for word what was sent before. Of several that may have arrived, Lamport's clock often tells which it was (in virtual
// time: a clock that jumps has jumped to the sender's next number); else the last one that had time to arrive is taken, which is right
// where the earlier ones were lost and takes one for the other where they were only late. One that arrives when none is left is a copy.
import { has, size, toArray, without } from "../machine/cpuSet.ts";
import { type Actor, type Destination, isCoordinator } from "../machine/machine.ts";
import type { Ack, Message } from "../protocol/messages.ts";
import type { Lives } from "./lives.ts";
import type { Of, Sent, Show, Why } from "./moment.ts";

/** How far what is known of the engine narrows down who sent what arrived. */
export interface Trips {
  /** True if a turn's clock is the greater of its own and the message's, plus one. */
  readonly exactClocks: boolean;
  /** No message takes less. */
  readonly shortestNs: number;
  /** What is not there after this long, and neither is the run, may have been still on its way. */
  readonly longestNs: number;
}

/** When something is done, and by whom. */
interface Turn {
  readonly at: number;
  readonly clock: number;
  readonly actor: Actor;
}

/** What arrived, and the clock of its receiver before it. */
interface Arrival extends Turn {
  readonly from: Actor;
  readonly msg: Message;
  readonly clockBefore: number;
}

interface Open extends Sent {
  /** It bears the clock that its sender has when it leaves, which may be later than its turn's. */
  readonly isHeldBack: boolean;
  /** Those who have not got it yet. */
  readonly waiting: Set<Actor>;
  /** Who lived when it was said to every coordinator; one that starts before it arrives gets it too. */
  readonly coordinators: readonly Actor[] | null;
}

const keyOf = (from: Actor, msg: Message): string => `${from} ${JSON.stringify(msg)}`;

/** The same for acks that say the same of different CPUs. */
const answerOf = ({ term, epoch, round, incarnation, report }: Ack): string => JSON.stringify([term, epoch, round, incarnation, report]);

/** What was sent within an epoch. */
class Generation {
  private readonly sent = new Map<string, Open[]>();
  private readonly acks = new Map<string, Open[]>();

  get size(): number {
    return this.sent.size;
  }

  add(sent: Open): void {
    append(this.sent, keyOf(sent.from, sent.msg), sent);
    if (sent.msg.kind === "ack") append(this.acks, answerOf(sent.msg), sent);
  }

  like(from: Actor, msg: Message): readonly Open[] {
    return this.sent.get(keyOf(from, msg)) ?? [];
  }

  /** Of which the answer of several CPUs may have been made. */
  within(ack: Ack): readonly Open[] {
    const alike = this.acks.get(answerOf(ack)) ?? [];
    return alike.filter(({ msg }) => msg.kind === "ack" && size(without(msg.cpus, ack.cpus)) === 0);
  }

  missed(): readonly Open[] {
    return [...this.sent.values()].flat().filter(({ waiting }) => waiting.size > 0);
  }
}

const append = (map: Map<string, Open[]>, key: string, sent: Open): void => {
  const before = map.get(key);
  if (before === undefined) map.set(key, [sent]);
  else before.push(sent);
};

/** After so many different messages the older half is settled, as after an epoch. */
const mostMessages = 200_000;

export class Exchange {
  private readonly trips: Trips;
  private readonly lives: Lives;
  private readonly show: Show;
  private current = new Generation();
  /** Of the epoch before: what is late may still come. */
  private previous = new Generation();
  private ids = 0;
  /** What took longest of all that arrived: on a busy machine more than its engine is known for. */
  private slowestNs = 0;

  constructor(trips: Trips, lives: Lives, show: Show) {
    this.trips = trips;
    this.lives = lives;
    this.show = show;
  }

  /** It leaves `afterNs` after the turn. */
  send({ actor: from, at: turnAt, clock }: Turn, to: Destination, msg: Message, afterNs: number): void {
    const coordinators = to === "coordinators" ? this.lives.coordinators() : null;
    const again = this.current.like(from, msg).length + this.previous.like(from, msg).length > 0;
    const waiting = new Set(to === "coordinators" ? coordinators : toArray(to));
    const at = turnAt + afterNs;
    const sent: Open = { id: ++this.ids, from, to, msg, at, clock, again, isHeldBack: afterNs > 0, waiting, coordinators };
    this.current.add(sent);
    this.show({ is: "sent", at, clock, actor: from, sent });
    if (this.current.size >= mostMessages) this.turnOver(turnAt);
  }

  arrive(arrival: Arrival): void {
    const { from, msg } = arrival;
    const alike = [...this.previous.like(from, msg), ...this.current.like(from, msg)];
    if (alike.length === 0 && msg.kind === "ack" && size(msg.cpus) > 1) return this.arriveTogether(arrival, msg);
    this.met(arrival, alike);
  }

  /** Live, a host hands on in one message what several CPUs have answered alike. */
  private arriveTogether(arrival: Arrival, ack: Ack): void {
    const parts = Map.groupBy([...this.previous.within(ack), ...this.current.within(ack)], ({ from }) => from);
    if (parts.size === 0) this.met(arrival, []);
    for (const [from, alike] of parts) this.met({ ...arrival, from, msg: alike[0]?.msg ?? ack }, alike);
  }

  /** One of these has arrived. */
  private met(arrival: Arrival, alike: readonly Open[]): void {
    const { at, clock, actor, from, msg } = arrival;
    const known = alike.filter((sent) => this.mayBe(sent, arrival));
    const fresh = known.filter(({ waiting }) => waiting.has(actor));
    const inTime = fresh.filter((sent) => sent.at + this.trips.shortestNs <= at);
    const sent = newest(inTime) ?? newest(fresh) ?? newest(known);
    if (sent !== undefined) this.slowestNs = Math.max(this.slowestNs, at - sent.at);
    const copy = sent !== undefined && !sent.waiting.delete(actor) && (sent.coordinators?.includes(actor) ?? true);
    this.show({ is: "arrived", at, clock, actor, from, msg, sent: sent ?? null, copy });
  }

  /** An epoch opens: nobody answers any more to what belongs to the one before the last, though it may still be on its way. */
  turnOver(at: number): void {
    const settled = this.previous;
    this.previous = this.current;
    this.current = new Generation();
    for (const sent of settled.missed()) {
      if (sent.at + this.trips.longestNs > at) this.previous.add(sent);
      else this.settle(sent, at);
    }
  }

  /** Nothing is known of what arrives from here on. */
  finish(at: number): void {
    for (const sent of [...this.previous.missed(), ...this.current.missed()]) this.settle(sent, at);
    this.previous = new Generation();
    this.current = new Generation();
  }

  private mayBe({ to, clock: sentClock, isHeldBack }: Open, { actor, clock, clockBefore }: Arrival): boolean {
    if (to === "coordinators" ? !isCoordinator(actor) : !has(to, actor)) return false;
    const isExact = this.trips.exactClocks && clock > clockBefore + 1 && !isHeldBack;
    return isExact ? sentClock === clock - 1 : sentClock < clock;
  }

  private settle(sent: Open, endAt: number): void {
    const byWhy = new Map<Why, Actor[]>();
    for (const actor of sent.waiting) {
      const why = this.whyMissed(actor, sent, endAt);
      const by = byWhy.get(why) ?? [];
      by.push(actor);
      byWhy.set(why, by);
    }
    for (const [why, by] of byWhy) this.show(missed(sent, by, why));
  }

  private whyMissed(actor: Actor, { at }: Sent, endAt: number): Why {
    const { exactClocks } = this.trips;
    const longestNs = exactClocks ? this.trips.longestNs : Math.max(this.trips.longestNs, 2 * this.slowestNs);
    if (this.lives.wasDead(actor, at, at + longestNs)) return "receiver dead";
    return at + longestNs > endAt ? "run over" : "lost";
  }
}

/** Of two that left at one time the first. */
const newest = (all: readonly Open[]): Open | undefined =>
  all.reduce<Open | undefined>((best, sent) => (best === undefined || sent.at > best.at ? sent : best), undefined);

const missed = (sent: Sent, by: readonly Actor[], why: Why): Of<"missed"> => ({
  is: "missed",
  at: sent.at,
  clock: sent.clock,
  actor: sent.from,
  sent,
  by,
  why,
});
