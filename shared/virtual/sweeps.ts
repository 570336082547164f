// What alike CPUs do one after the other, with nothing in between that matters to them, taken in one go: a sweep.
//
// A coordinator asks a million CPUs one after the other, and they answer while it still asks. But as long as it waits for the last that it
// asks, it only counts what the others say. So all may be asked first, and their acks counted after: as many draws, in the same order. That
// holds of who is asked for the first time: an answer of whoever is asked again may be on its way.
import { fromAscending } from "../machine/cpuSet.ts";
import { type Actor, isCoordinator } from "../machine/machine.ts";
import { countable, waitsFor } from "../protocol/coordinator/rounds.ts";
import type { CoordinatorState } from "../protocol/coordinator/state.ts";
import type { Told } from "../protocol/cpu/crowd.ts";
import type { Ack, Stamp } from "../protocol/messages.ts";
import { compareStamps } from "../protocol/stamp.ts";
import type { Actors, Living } from "./actors.ts";
import { type Agenda, type Body, kinds, type Members } from "./agenda.ts";
import type { Batch } from "./queue.ts";

/** Fewer are as well taken one by one: to find out who may be swept costs as much. */
const leastSwept = 16;

/** CPUs that do the same, and when each does. */
export interface Swept {
  readonly cpus: Int32Array;
  readonly times: Float64Array;
}

/** What many CPUs have said to a coordinator, as one ack of all. */
export interface Said {
  readonly ack: Ack;
  readonly count: number;
  /** How far the coordinator's clock has come before the last of them. */
  readonly clock: number;
  /** The last of them, and when it was heard, with its clock. */
  readonly from: number;
  readonly at: number;
  readonly fromClock: number;
}

/** What the swept are told, or say, as far as others may notice. */
export interface Doing {
  /** They draw, each in its turn: nobody else may between. */
  readonly draws: boolean;
  /** After how long the first of them may do something by itself. */
  readonly idleNs: number;
}

/** The part of a batch from the event at hand on. */
type Rest = Batch & Members;

/**
 * What others do while CPUs are asked may happen after a sweep of them: of each CPU that it is asked, that its ack departs, and that the
 * ack arrives, perhaps twice. A sweep that its run cannot see through to there is not begun.
 */
const eventsOfAsked = 4;

export class Sweeps {
  private readonly agenda: Agenda;
  private readonly actors: Actors;
  /** In which stretch each CPU was met last. */
  private readonly metIn: Int32Array;
  private stretches = 0;

  constructor(agenda: Agenda, actors: Actors, cpus: number) {
    this.agenda = agenda;
    this.actors = actors;
    this.metIn = new Int32Array(cpus);
  }

  /**
   * The CPUs of the batch at hand that are next, as far as `isOne` says so; null if they are too few, or would be for `room`, in events.
   * None of them has answered yet what has the stamp of this.
   */
  take(msg: Ack | Told, room: number, { draws, idleNs }: Doing, isOne: (cpu: number, body: Body) => boolean): Swept | null {
    const rest = room < eventsOfAsked * this.metIn.length ? undefined : this.rest(room);
    if (rest?.actors === undefined) return null;
    const { actors, times, ranks, next, bodies } = rest;
    const isNext = (rank: number): boolean => isOne(actors[rank] as number, bodies === undefined ? msg : (bodies[rank] as Body));
    for (let i = 0; i < leastSwept; i++) if (!isNext(ranks[next + i] as number)) return null;
    const idleUntil = (times[ranks[next - 1] as number] as number) + idleNs;
    const endIf = (isHarmless: IsHarmless): number => {
      const until = Math.min(idleUntil, this.agenda.quietUntil(leastUntil(rest), isHarmless));
      return this.stretch(rest, actors, beforeIn(rest, until), isNext);
    };
    // Nobody is waited for who is only welcomed.
    let end = msg.kind === "welcome" ? endIf(isNothing) : endIf(draws ? isHeard : isOf(msg));
    if (msg.kind !== "welcome" && !this.waitsFor(msg, actors[ranks[end - 1] as number] as number)) end = endIf(isNothing);
    if (end - next < leastSwept) return null;
    this.agenda.skip(end - next);
    const swept = ranks.subarray(next - 1, end);
    return { cpus: picked(actors, swept, new Int32Array(swept.length)), times: picked(times, swept, new Float64Array(swept.length)) };
  }

  /** The acks of the batch at hand that are next, as far as this coordinator only counts them. */
  hear({ state, clock }: Living, ack: Ack, limit: number): Said | null {
    // The cast states what an actor is that is told acks of a crowd.
    const most = Math.min(limit, countable(state as CoordinatorState, ack));
    const rest = this.rest(most);
    if (rest?.as === undefined || rest.clocks === undefined) return null;
    const { as, clocks, times, ranks, next } = rest;
    const until = this.agenda.quietUntil(leastUntil(rest), isNothing);
    const end = this.stretch(rest, as, Math.min(beforeIn(rest, until), next + most - 1), isAny);
    if (end - next < leastSwept) return null;
    this.agenda.skip(end - next);
    const heard = ranks.subarray(next - 1, end);
    const last = heard[heard.length - 1] as number;
    let clockThen = clock;
    for (let i = 0; i < heard.length - 1; i++) clockThen = Math.max(clockThen, clocks[heard[i] as number] as number) + 1;
    return {
      ack: { ...ack, cpus: fromAscending(picked(as, heard, new Int32Array(heard.length)).sort()) },
      count: heard.length,
      clock: clockThen,
      from: as[last] as number,
      at: times[last] as number,
      fromClock: clocks[last] as number,
    };
  }

  /** Up to where those are next that `isNext` is true of, each CPU once: what a second copy does is up to what the first one did. */
  private stretch({ ranks, next }: Rest, cpus: Int32Array, most: number, isNext: (rank: number) => boolean): number {
    const { metIn } = this;
    const stretch = ++this.stretches;
    metIn[cpus[ranks[next - 1] as number] as number] = stretch;
    let end = next;
    for (; end < most; end++) {
      const rank = ranks[end] as number;
      const cpu = cpus[rank] as number;
      if (metIn[cpu] === stretch || !isNext(rank)) break;
      metIn[cpu] = stretch;
    }
    return end;
  }

  /** Undefined where there is no batch at hand, or not enough of one. Who is told by one coordinator alone, answers one. */
  private rest(limit: number): Rest | undefined {
    const { agenda, actors } = this;
    if (limit <= leastSwept || !agenda.isFollowed || actors.coordinators.length !== 1) return undefined;
    const { batch, members } = agenda;
    return batch.ranks.length - batch.next < leastSwept ? undefined : { ...batch, ...members };
  }

  private waitsFor(msg: Stamp, cpu: number): boolean {
    const [coordinator] = this.actors.coordinators;
    return coordinator?.alive === true && waitsFor(coordinator.state as CoordinatorState, msg, cpu);
  }
}

type IsHarmless = (kind: number, actor: Actor, body: Body) => boolean;

/** A loop, since a million of them are picked. */
const picked = <Column extends Int32Array | Float64Array>(of: Column, ranks: Uint32Array, into: Column): Column => {
  for (let i = 0; i < ranks.length; i++) into[i] = of[ranks[i] as number] as number;
  return into;
};

const isNothing: IsHarmless = () => false;

/** When the last comes of the fewest that are worth a sweep. */
const leastUntil = ({ times, ranks, next }: Batch): number => times[ranks[next + leastSwept - 1] as number] as number;

const isAck = (body: Body): body is Ack => body !== null && "kind" in body && body.kind === "ack";

const isAny = (): boolean => true;

/** Up to where what is next comes before this moment. */
const beforeIn = ({ times, ranks, next }: Batch, until: number): number => {
  let [low, high] = [next, ranks.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((times[ranks[middle] as number] as number) < until) low = middle + 1;
    else high = middle;
  }
  return low;
};

/** An ack on its way to a coordinator. */
const isHeard: IsHarmless = (kind, actor, body) => kind === kinds.deliver && isCoordinator(actor) && isAck(body);

/** That, or an ack that leaves whoever has worked on it, if it is of this round: those who are next have not answered this one. */
const isOf =
  (round: Stamp): IsHarmless =>
  (kind, actor, body) =>
    isHeard(kind, actor, body) || (kind === kinds.depart && isAck(body) && compareStamps(body, round) === 0);
