// The pictures of one run: CPUs by time, messages by time, how tasks switched, who held it up.

import { blameFigure } from "../../figure/blameBars.ts";
import { type CpuTimeShown, cpuTimeFigure, type Mark } from "../../figure/cpuTime.ts";
import { plural, timeText } from "../../figure/numbers.ts";
import { colourOf } from "../../figure/palette.ts";
import { spaceTimeFigure } from "../../figure/spaceTime.ts";
import { switchingFigure } from "../../figure/switching.ts";
import { actorName, isCoordinator } from "../../machine/machine.ts";
import type { Summary } from "../summary.ts";
import { bandsOf } from "./bands.ts";
import type { Film } from "./film.ts";
import type { Picture } from "./parts.ts";
import { spaceTimeOf } from "./spaceTime.ts";
import { engineText } from "./words.ts";

type Culprit = Summary["blame"][number];

export const culpritName = ({ cpu, task, function: name }: Pick<Culprit, "cpu" | "task" | "function">): string => {
  const inTask = task === undefined ? "" : ` ${task}${name === undefined ? "" : ` in ${name}`}`;
  return cpu === undefined ? "everybody" : `cpu ${cpu}${inTask}`;
};

/** Engine, seed and size belong to every title: a picture is handed on without its page. */
const whichRun = ({ model, cpus, engine, seed }: Summary): string =>
  `${model.name}, ${plural(cpus, "CPU")}, ${engineText(engine)}, seed ${seed}`;

const whichEpoch = ({ attempts }: Summary, { epoch }: Film): string => `epoch ${epoch} of ${attempts}`;

/** The last of the CPUs that arrived, with what it said of why. */
const lastOf = ({ blame }: Summary, { epoch, lanes }: Film): CpuTimeShown["last"] => {
  let last: { readonly cpu: number; readonly arrivedNs: number } | null = null;
  for (const { cpu, arrivedNs } of lanes) if (arrivedNs !== null && arrivedNs > (last?.arrivedNs ?? -1)) last = { cpu, arrivedNs };
  if (last === null || lanes.length === 1) return null;
  const { cpu } = last;
  const blamed = blame.find((row) => row.epoch === epoch && row.cpu === cpu);
  return { cpu, text: blamed === undefined ? `cpu ${cpu}` : `${culpritName(blamed)}, ${blamed.why} (${timeText(blamed.heldUs * 1000)})` };
};

const marksOf = ({ violations }: Summary, { faults }: Film): readonly Mark[] => [
  ...faults.map(
    ({ atNs, actor, text }): Mark => ({
      atNs,
      cpu: isCoordinator(actor) ? null : actor,
      text: `${actorName(actor)}: ${text}`,
      kind: "fault",
    }),
  ),
  ...violations.map(
    ({ atUs, cpu, monitor, reason }): Mark => ({ atNs: atUs * 1000, cpu: cpu ?? null, text: `${monitor}: ${reason}`, kind: "breach" }),
  ),
];

const zeroOf = ({ rounds, fromNs }: Film): number => rounds[0]?.askedNs ?? fromNs;

const cpuTime = (summary: Summary, film: Film): Picture => {
  const zeroNs = zeroOf(film);
  const timeOf = (lane: Film["lanes"][number], state: string): number =>
    lane.spans.reduce((sum, span) => (span.state === state ? sum + span.toNs - span.fromNs : sum), 0);
  const states = ["leaving the kernel", "held", "stopped", "interrupts off", "switching"] as const;
  const used = states.filter((state) => film.lanes.some((lane) => timeOf(lane, state) > 0));
  return {
    name: "cpus",
    svg: cpuTimeFigure({
      title: `What each CPU was at: ${whichRun(summary)}`,
      subtitle: `${whichEpoch(summary, film)}; rounds of the coordinator behind`,
      fromNs: film.fromNs,
      toNs: film.toNs,
      zeroNs,
      lanes: film.lanes,
      phases: bandsOf(film),
      last: lastOf(summary, film),
      marks: marksOf(summary, film),
    }),
    about:
      "A row is a CPU, a colour is what it was at, and the shades behind are the rounds that the coordinator asked for. What is light runs " +
      "tasks; the darker a bar, the less its CPU can do. Everybody waits for the outlined one.",
    table: {
      head: ["CPU", "arrived after", ...used.map((state) => `${state} for`)],
      rows: film.lanes.map((lane) => [
        `cpu ${lane.cpu}`,
        lane.arrivedNs === null ? "–" : timeText(lane.arrivedNs - zeroNs),
        ...used.map((state) => timeText(timeOf(lane, state))),
      ]),
    },
  };
};

const spaceTime = (summary: Summary, film: Film): Picture => {
  const shown = spaceTimeOf(film, {
    title: `Who told whom what: ${whichRun(summary)}`,
    subtitle: `${whichEpoch(summary, film)}; a line is a message, from where and when it left to where and when it arrived`,
  });
  const zeroNs = zeroOf(film);
  const fate = ({ arrivedNs, sentNs, why, copy }: Film["messages"][number]): string =>
    arrivedNs === null ? `never: ${why ?? "unknown"}` : `after ${timeText(arrivedNs - sentNs)}${copy ? ", a copy" : ""}`;
  return {
    name: "messages",
    svg: spaceTimeFigure(shown),
    about:
      "Time goes to the right, on a true axis: the flatter a line, the longer its message was on its way. Thick black is the critical path, " +
      "read backwards from the end of each round along whatever arrived last.",
    table: {
      head: ["message", "from", "to", "sent at", "arrived"],
      rows: film.messages
        .toSorted((a, b) => a.sentNs - b.sentNs)
        .map((message) => [
          `${message.label}${message.again ? ", again" : ""}`,
          actorName(message.from),
          actorName(message.to),
          timeText(Math.max(0, message.sentNs - zeroNs)),
          fate(message),
        ]),
    },
  };
};

const switching = (summary: Summary, film: Film): Picture => {
  const ofEpoch = summary.blame.filter(({ epoch, task }) => epoch === film.epoch && task !== undefined);
  const openedNs = zeroOf(film);
  const stragglers = ofEpoch.map((row) => {
    const isPending = summary.pending > 0;
    return {
      atNs: isPending ? film.toNs : openedNs + row.heldUs * 1000,
      text: `${culpritName(row)}: ${row.why}; ${isPending ? "not switched after" : "waited for until"} ${timeText(row.heldUs * 1000)}`,
      isPending,
    };
  });
  return {
    name: "switching",
    svg: switchingFigure({
      title: `How tasks switched: ${whichRun(summary)}`,
      subtitle: `${whichEpoch(summary, film)}; ${plural(film.tasks, "task")}, kernel threads among them`,
      model: summary.model.name,
      fromNs: openedNs,
      toNs: film.toNs,
      steps: film.switched,
      tasks: film.tasks,
      phases: bandsOf(film),
      stragglers,
    }),
    about:
      "Tasks that run the new version, as their CPUs tell of it. Time is logarithmic: most switch at once, and the last may take a million times as long. Numbers mark those that the others waited for.",
    table: {
      head: ["after", "tasks switched", "of"],
      rows: film.switched.map(({ atNs, switched }) => [timeText(Math.max(0, atNs - openedNs)), switched, film.tasks]),
    },
  };
};

/** So many have a bar. */
const mostBars = 10;

/** The same culprit in several epochs is one, for all the time that it cost. */
export const culpritsOf = ({
  blame,
}: Pick<Summary, "blame">): ReadonlyArray<{ readonly name: string; readonly why: string; readonly ns: number }> =>
  [...Map.groupBy(blame, (row) => `${culpritName(row)}|${row.why}|${row.phase}`).values()]
    .map((rows) => {
      const [first] = rows as [Culprit, ...Culprit[]];
      const why = `${first.why}, in ${first.phase}${rows.length > 1 ? `, in ${rows.length} epochs` : ""}`;
      return { name: culpritName(first), why, ns: rows.reduce((sum, { heldUs }) => sum + heldUs * 1000, 0) };
    })
    .toSorted((a, b) => b.ns - a.ns);

const blamed = (summary: Summary): Picture => {
  const culprits = culpritsOf(summary);
  return {
    name: "blame",
    svg: blameFigure({
      title: `Who held it up: ${whichRun(summary)}`,
      subtitle: culprits.length > mostBars ? `the first ${mostBars} of ${culprits.length}` : "all that were waited for",
      label: "time that the others waited",
      culprits: culprits.slice(0, mostBars).map((culprit) => ({ ...culprit, colour: colourOf(summary.model.name, 0) })),
    }),
    about: "The last to answer in each round, with what it was at as far as its CPU could tell, and how long the others waited.",
    table: { head: ["who", "why", "for"], rows: culprits.map(({ name, why, ns }) => [name, why, timeText(ns)]) },
  };
};

/** `film`: null where no journal tells of it. */
export const runPictures = (summary: Summary, film: Film | null): readonly Picture[] => [
  ...(film === null || film.lanes.length === 0 ? [] : [cpuTime(summary, film)]),
  ...(film === null || film.messages.length === 0 ? [] : [spaceTime(summary, film)]),
  ...(film === null || film.switched.length === 0 ? [] : [switching(summary, film)]),
  ...(summary.blame.length === 0 ? [] : [blamed(summary)]),
];
