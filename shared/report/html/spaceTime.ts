// A film as a space-time diagram: of many CPUs those of note have a lane each; what all others say alike is one fan, and what they lose one mark.

import { plural } from "../../figure/numbers.ts";
import type { Fan, LaneDrawn, Losses, SpaceTimeShown, Trip } from "../../figure/spaceTime.ts";
import { type Actor, actorName, isCoordinator } from "../../machine/machine.ts";
import { bandsOf } from "./bands.ts";
import { type CriticalLeg, criticalPath } from "./criticalPath.ts";
import type { Film, MessageFilmed } from "./film.ts";

/** Of more CPUs only so many have a lane of their own. */
const mostCpus = 12;
const mostNoted = 9;

/** Lines beyond these are no picture: the first are drawn. */
const mostTrips = 1_200;

/** As shares of the picture's time: a longer silence parts two fans, and what is lost within so long is one mark, which leaves room for its number. */
const silence = 1 / 100;
const atOnce = 1 / 14;

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
  if (others > 0) lanes.push({ name: plural(others, "other CPU"), spans: [] });
  return { lanes, crowd, placeOf: (actor) => places.get(actor) ?? crowd ?? 0 };
};

type Messages = readonly [MessageFilmed, ...MessageFilmed[]];

type Ends = Pick<Trip, "from" | "to">;

const fanOf = (all: Messages, { from, to }: Ends): Fan => {
  const [{ label, again }] = all;
  const sent = all.map(({ sentNs }) => sentNs);
  const arrived = all.flatMap(({ arrivedNs }) => arrivedNs ?? []).toSorted((a, b) => a - b);
  const ends = (times: readonly number[]): readonly [number, number] => [times[0] as number, times.at(-1) as number];
  return { from, to, sentNs: ends(sent), arrivedNs: ends(arrived), count: all.length, label, again };
};

const lossesOf = (all: Messages, { from, to }: Ends, isOfMany: boolean): Losses => {
  const [{ sentNs }] = all;
  const byLabel = Map.groupBy(all, ({ label }) => label);
  const what = [...byLabel].map(([label, { length }]) => `${length} × ${label}`).join(", ");
  return { from, to, sentNs, count: all.length, what, isOfMany };
};

/** In the order of time, and parted wherever one comes too late to belong to those before it. */
const parted = (
  messages: readonly MessageFilmed[],
  isTooLate: (message: MessageFilmed, before: Messages) => boolean,
): readonly Messages[] => {
  const parts: Array<[MessageFilmed, ...MessageFilmed[]]> = [];
  for (const message of messages.toSorted((a, b) => a.sentNs - b.sentNs)) {
    const part = parts.at(-1);
    if (part === undefined || isTooLate(message, part)) parts.push([message]);
    else part.push(message);
  }
  return parts;
};

type EndsOf = (message: MessageFilmed) => Ends;

const pairOf = ({ from, to }: Ends): string => `${from} ${to}`;

const fansOf = (arrived: readonly MessageFilmed[], endsOf: EndsOf, spanNs: number): readonly Fan[] =>
  [...Map.groupBy(arrived, (one) => `${pairOf(endsOf(one))} ${one.round} ${one.label} ${one.again}`).values()].flatMap((alike) =>
    parted(alike, ({ sentNs }, before) => sentNs - (before.at(-1)?.sentNs ?? 0) > silence * spanNs).map((part) =>
      fanOf(part, endsOf(part[0])),
    ),
  );

const partsLost = (missing: readonly MessageFilmed[], endsOf: EndsOf, spanNs: number): readonly Messages[] =>
  [...Map.groupBy(missing, (one) => pairOf(endsOf(one))).values()].flatMap((alike) =>
    parted(alike, ({ sentNs }, [first]) => sentNs - first.sentNs > atOnce * spanNs),
  );

const parting = <T>(all: readonly T[], is: (one: T) => boolean): readonly [T[], T[]] => [all.filter(is), all.filter((one) => !is(one))];

const counted = (all: ReadonlyArray<{ readonly count: number }>): number => all.reduce((sum, { count }) => sum + count, 0);

export const spaceTimeOf = (film: Film, heading: Pick<SpaceTimeShown, "title" | "subtitle">): SpaceTimeShown => {
  const critical = criticalPath(film);
  const { lanes, placeOf, crowd } = lanesOf(film, critical);
  const spanNs = film.toNs - film.fromNs;
  const endsOf: EndsOf = ({ from, to }) => ({ from: placeOf(from), to: placeOf(to) });
  const isOfMany = (message: MessageFilmed): boolean => Object.values(endsOf(message)).some((place) => place === crowd);
  // Of a small machine every message has a line.
  const [missing, others] = crowd === null ? [[], film.messages] : parting(film.messages, ({ arrivedNs }) => arrivedNs === null);
  const [folded, single] = parting(others, isOfMany);
  const fans = fansOf(folded, endsOf, spanNs);
  const [several, lone] = parting(partsLost(missing, endsOf, spanNs), (part) => part.length > 1 || isOfMany(part[0]));
  const losses = several.map((part) => lossesOf(part, endsOf(part[0]), isOfMany(part[0])));
  const trips: readonly Trip[] = [...single, ...lone.flat()].slice(0, mostTrips).map((message) => ({ ...message, ...endsOf(message) }));
  return {
    ...heading,
    fromNs: film.fromNs,
    toNs: film.toNs,
    zeroNs: film.rounds[0]?.askedNs ?? film.fromNs,
    lanes,
    trips,
    fans,
    losses,
    phases: bandsOf(film),
    critical: critical.map((leg) => ({ ...leg, from: placeOf(leg.from), to: placeOf(leg.to) })),
    marks: film.faults.map(({ atNs, actor, text }) => ({ atNs, cpu: placeOf(actor), text, kind: "fault" })),
    drawn: trips.length + counted(fans) + counted(losses),
    of: film.messagesSeen,
  };
};
