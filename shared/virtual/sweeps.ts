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
import type { Ack } from "../protocol/messages.ts";
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

/** The part of a batch from the event at hand on. */
type Rest = Batch & Members;

export class Sweeps {
  private readonly agenda: Agenda;
  private readonly actors: Actors;

  constructor(agenda: Agenda, actors: Actors) {
    this.agenda = agenda;
    this.actors = actors;
  }

  /**
   * The CPUs of the batch at hand that are next, at most `limit` of them, as far as `isOne` says so; null if they are too few. None of
   * them has answered yet what has the stamp of this. If they draw, nobody else may between.
   */
  take(msg: Ack | Told, limit: number, draws: boolean, isOne: (cpu: number, body: Body) => boolean): Swept | null {
    const rest = this.rest(limit);
    if (rest?.actors === undefined) return null;
    const { actors, times, ranks, next, bodies } = rest;
    const isNext = (rank: number): boolean => isOne(actors[rank] as number, bodies === undefined ? msg : (bodies[rank] as Body));
    for (let i = 0; i < leastSwept; i++) if (!isNext(ranks[next + i] as number)) return null;
    const last = ranks.findLast(isNext);
    const isHarmless = draws ? isHeard : (kind: number, actor: Actor, body: Body) => kind === kinds.depart || isHeard(kind, actor, body);
    const until = this.agenda.quietUntil(
      leastUntil(rest),
      last !== undefined && this.waitsFor(msg, actors[last] as number) ? isHarmless : isNothing,
    );
    let end = next;
    const most = Math.min(ranks.length, next + limit - 1);
    while (end < most && (times[ranks[end] as number] as number) < until && isNext(ranks[end] as number)) end++;
    if (end - next < leastSwept) return null;
    this.agenda.skip(end - next);
    const cpus = new Int32Array(end - next + 1);
    const sweptTimes = new Float64Array(cpus.length);
    for (let i = 0; i < cpus.length; i++) {
      const rank = ranks[next - 1 + i] as number;
      cpus[i] = actors[rank] as number;
      sweptTimes[i] = times[rank] as number;
    }
    return { cpus, times: sweptTimes };
  }

  /** The acks of the batch at hand that are next, as far as this coordinator only counts them. */
  hear({ state, clock }: Living, ack: Ack, limit: number): Said | null {
    // The cast states what an actor is that is told acks of a crowd.
    const most = Math.min(limit, countable(state as CoordinatorState, ack));
    const rest = this.rest(most);
    if (rest?.as === undefined || rest.clocks === undefined) return null;
    const { as, clocks, times, ranks, next } = rest;
    const until = this.agenda.quietUntil(leastUntil(rest), isNothing);
    let end = next;
    let clockThen = clock;
    while (end < Math.min(ranks.length, next + most - 1) && (times[ranks[end] as number] as number) < until) {
      clockThen = Math.max(clockThen, clocks[ranks[end - 1] as number] as number) + 1;
      end++;
    }
    if (end - next < leastSwept) return null;
    this.agenda.skip(end - next);
    const cpus = new Int32Array(end - next + 1);
    for (let i = 0; i < cpus.length; i++) cpus[i] = as[ranks[next - 1 + i] as number] as number;
    cpus.sort();
    const last = ranks[end - 1] as number;
    return {
      ack: { ...ack, cpus: fromAscending(cpus) },
      count: cpus.length,
      clock: clockThen,
      from: as[last] as number,
      at: times[last] as number,
      fromClock: clocks[last] as number,
    };
  }

  /** Undefined where there is no batch at hand, or not enough of one. Who is told by one coordinator alone, answers one. */
  private rest(limit: number): Rest | undefined {
    const { agenda, actors } = this;
    if (limit <= leastSwept || !agenda.isFollowed || actors.coordinators.length !== 1) return undefined;
    const { batch, members } = agenda;
    if (members.hasCopies === true || batch.ranks.length - batch.next < leastSwept) return undefined;
    return { ...batch, ...members };
  }

  /** Nobody is waited for who is only welcomed. */
  private waitsFor(msg: Ack | Told, cpu: number): boolean {
    if (msg.kind === "welcome") return false;
    const [coordinator] = this.actors.coordinators;
    return coordinator?.alive === true && waitsFor(coordinator.state as CoordinatorState, msg, cpu);
  }
}

const isNothing = (): boolean => false;

/** When the last comes of the fewest that are worth a sweep. */
const leastUntil = ({ times, ranks, next }: Batch): number => times[ranks[next + leastSwept - 1] as number] as number;

/** An ack on its way to a coordinator. */
const isHeard = (kind: number, actor: Actor, body: Body): boolean =>
  kind === kinds.deliver && isCoordinator(actor) && body !== null && "kind" in body && body.kind === "ack";
