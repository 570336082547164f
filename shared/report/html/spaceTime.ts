// A film as a space-time diagram: of many CPUs those of note have a lane each, and what all others say alike is one fan.
import type { Fan, LaneDrawn, SpaceTimeShown, Trip } from "../../figure/spaceTime.ts";
import { type Actor, actorName, isCoordinator } from "../../machine/machine.ts";
import { bandsOf } from "./bands.ts";
import { type CriticalLeg, criticalPath } from "./criticalPath.ts";
import type { Film, MessageFilmed } from "./film.ts";

/** Of more CPUs only so many have a lane of their own. */
const mostCpus = 12;
const mostNoted = 9;

/** Lines beyond these are no picture: the first are drawn. */
const mostTrips = 1_200;

interface Lanes {
  readonly lanes: readonly LaneDrawn[];
  /** The place of an actor's lane. */
  readonly placeOf: (actor: Actor) => number;
  /** The place of the lane of many. */
  readonly crowd: number | null;
}

/** Somebody to whom something of their own happens: the last of a round first, then those who lost something, then all that were struck. */
const notedIn = ({ messages, faults }: Film, critical: readonly CriticalLeg[]): ReadonlySet<Actor> => {
  const noted = new Set<Actor>();
  const note = (actor: Actor): void => {
    if (!isCoordinator(actor) && noted.size < mostNoted) noted.add(actor);
  };
  for (const { from, to } of critical) for (const actor of [from, to]) note(actor);
  for (const { from, to, why, copy, again } of messages) if (why !== null || copy || again) for (const actor of [from, to]) note(actor);
  for (const { actor } of faults) note(actor);
  return noted;
};

const lanesOf = (film: Film, critical: readonly CriticalLeg[]): Lanes => {
  const speaking = new Set(film.messages.flatMap(({ from, to }) => [from, to]));
  const coordinators = [...speaking].filter(isCoordinator).toSorted((a, b) => b - a);
  const cpus = film.lanes.map(({ cpu }) => cpu);
  const noted = notedIn(film, critical);
  const own = cpus.length <= mostCpus ? cpus : cpus.filter((cpu) => noted.has(cpu));
  const actors = [...coordinators, ...own];
  const places = new Map(actors.map((actor, place) => [actor, place]));
  const spansOf = new Map(film.lanes.map(({ cpu, spans }) => [cpu, spans]));
  const lanes: LaneDrawn[] = actors.map((actor) => ({
    name: isCoordinator(actor) ? actorName(actor) : `cpu ${actor}`,
    spans: spansOf.get(actor) ?? [],
  }));
  const others = cpus.length - own.length;
  const crowd = others === 0 ? null : lanes.length;
  if (others > 0) lanes.push({ name: `${others} other CPUs`, spans: [] });
  return { lanes, crowd, placeOf: (actor) => places.get(actor) ?? crowd ?? 0 };
};

const fanOf = (all: readonly MessageFilmed[], from: number, to: number): Fan => {
  const sent = all.map(({ sentNs }) => sentNs).toSorted((a, b) => a - b);
  const arrived = all.flatMap(({ arrivedNs }) => arrivedNs ?? []).toSorted((a, b) => a - b);
  const ends = (times: readonly number[]): readonly [number, number] => [times[0] as number, times.at(-1) as number];
  return { from, to, sentNs: ends(sent), arrivedNs: ends(arrived), count: all.length, label: all[0]?.label ?? "" };
};

export const spaceTimeOf = (film: Film, heading: Pick<SpaceTimeShown, "title" | "subtitle">): SpaceTimeShown => {
  const critical = criticalPath(film);
  const { lanes, placeOf, crowd } = lanesOf(film, critical);
  const trips: Trip[] = [];
  const folded = new Map<string, MessageFilmed[]>();
  for (const message of film.messages) {
    const [from, to] = [placeOf(message.from), placeOf(message.to)];
    const isOfMany = (from === crowd || to === crowd) && message.arrivedNs !== null;
    if (isOfMany) {
      const key = `${from} ${to} ${message.round} ${message.label} ${message.again}`;
      const before = folded.get(key);
      if (before === undefined) folded.set(key, [message]);
      else before.push(message);
    } else if (trips.length < mostTrips) trips.push({ ...message, from, to });
  }
  const fans = [...folded.values()].map((all) => fanOf(all, placeOf(all[0]?.from ?? 0), placeOf(all[0]?.to ?? 0)));
  return {
    ...heading,
    fromNs: film.fromNs,
    toNs: film.toNs,
    zeroNs: film.rounds[0]?.askedNs ?? film.fromNs,
    lanes,
    trips,
    fans,
    phases: bandsOf(film),
    critical: critical.map((leg) => ({ ...leg, from: placeOf(leg.from), to: placeOf(leg.to) })),
    marks: film.faults.map(({ atNs, actor, text }) => ({ atNs, cpu: placeOf(actor), text, kind: "fault" })),
    drawn: trips.length + fans.reduce((sum, { count }) => sum + count, 0),
    of: film.messagesSeen,
  };
};
