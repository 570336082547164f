// Makes a failing scenario smaller until nothing can be left out of it and the same promise is still broken.
//
// A smaller machine draws other numbers, so that what failed with one seed may need another: each step may take a few other seeds.
import { fromCpus, toArray } from "../machine/cpuSet.ts";
import { type Fault, isPacketFault } from "../nemesis/registry.ts";
import type { Operation } from "../protocol/messages.ts";
import type { Carried } from "../virtual/network.ts";
import { ddmin } from "./ddmin.ts";
import { exactFaults } from "./exact.ts";
import { simplerFaults } from "./simpler.ts";

/** What of a run may be made smaller. Whatever is absent is as it is by default. */
export interface Scenario {
  readonly seed: number;
  readonly cpus: number;
  readonly tasksPerCpu: number;
  /** Operations after the patch. */
  readonly sequel: readonly Operation[];
  readonly limit?: number;
  readonly attempts?: number;
  readonly timeLimit?: number;
  readonly faults: readonly Fault[];
}

export interface Shrinking {
  /** True if the scenario breaks the promise. */
  readonly fails: (scenario: Scenario) => boolean;
  /** Every packet that it sends. */
  readonly packetsOf: (scenario: Scenario) => readonly Carried[];
}

/** Seeds that are tried beside the one at hand. */
const otherSeeds = Array.from({ length: 12 }, (_, i) => i + 1);

/** Each round but the last leaves less for the next; six have always been enough. */
const mostRounds = 100;

/** More packets than that are not written out one by one. */
const mostExact = 400;

/** The first of the candidates that fails, with whichever seed, or the scenario itself. */
const firstFailing = (scenario: Scenario, candidates: Iterable<Scenario>, { fails }: Shrinking): Scenario => {
  for (const candidate of candidates)
    for (const seed of [candidate.seed, ...otherSeeds]) if (fails({ ...candidate, seed })) return { ...candidate, seed };
  return scenario;
};

/** Names the CPUs of the faults anew: wherever a fault names CPUs, it does so as a set of them. */
const renamed = (faults: readonly Fault[], name: (cpu: number) => number): readonly Fault[] =>
  faults.map(
    (fault) =>
      Object.fromEntries(
        Object.entries(fault).map(([key, value]) => [key, Array.isArray(value) ? fromCpus(toArray(value as number[]).map(name)) : value]),
      ) as unknown as Fault,
  );

const namedIn = (faults: readonly Fault[]): readonly number[] => [
  ...new Set(faults.flatMap((fault) => Object.values(fault).flatMap((value: unknown) => (Array.isArray(value) ? toArray(value) : [])))),
];

/** On fewer CPUs, the faults strike the first of them, the last, or as many of the same as there are. */
function* onFewerCpus(scenario: Scenario): Generator<Scenario> {
  const named = namedIn(scenario.faults).toSorted((a, b) => a - b);
  for (const cpus of [1, 2, 3, 4, 6, 8, 12, 16, 32, 64, 128].filter((count) => count < scenario.cpus)) {
    if (named.every((cpu) => cpu < cpus)) yield { ...scenario, cpus };
    const first = renamed(scenario.faults, (cpu) => Math.min(cpus - 1, named.indexOf(cpu)));
    yield { ...scenario, cpus, faults: first };
    yield { ...scenario, cpus, faults: renamed(scenario.faults, (cpu) => Math.max(0, cpus - named.length + named.indexOf(cpu))) };
  }
}

function* withFewerTasks(scenario: Scenario): Generator<Scenario> {
  for (const tasksPerCpu of [1, 2, 4, 8, 16].filter((count) => count < scenario.tasksPerCpu)) yield { ...scenario, tasksPerCpu };
}

function* withFewerOperations(scenario: Scenario): Generator<Scenario> {
  for (let length = 0; length < scenario.sequel.length; length++) yield { ...scenario, sequel: scenario.sequel.slice(0, length) };
}

/** Without a setting that only the study drew. */
function* withFewerSettings(scenario: Scenario): Generator<Scenario> {
  for (const name of ["limit", "attempts", "timeLimit"] as const) {
    if (scenario[name] === undefined) continue;
    const { [name]: _, ...rest } = scenario;
    yield rest;
  }
}

function* withoutOneFault(scenario: Scenario): Generator<Scenario> {
  for (const [i] of scenario.faults.entries()) yield { ...scenario, faults: scenario.faults.toSpliced(i, 1) };
}

function* withSimplerFault(scenario: Scenario): Generator<Scenario> {
  for (const [i, fault] of scenario.faults.entries())
    for (const simpler of simplerFaults(fault)) yield { ...scenario, faults: scenario.faults.with(i, simpler) };
}

const steps = [withFewerSettings, withFewerOperations, onFewerCpus, withFewerTasks, withoutOneFault, withSimplerFault] as const;

/** The faults that are needed, with the seed as it is. */
const withFewerFaults = (scenario: Scenario, { fails }: Shrinking): Scenario => ({
  ...scenario,
  faults: ddmin(scenario.faults, (faults) => fails({ ...scenario, faults })),
});

const isByNumber = (fault: Fault): boolean => "share" in fault && fault.share !== undefined && "nth" in fault.share;

/** With each packet that is struck named by its number, if they are no more than the faults were before. */
const withExactPackets = (scenario: Scenario, shrinking: Shrinking): Scenario => {
  if (scenario.faults.every((fault) => isByNumber(fault) || !isPacketFault(fault))) return scenario;
  const faults = exactFaults(scenario.faults, shrinking.packetsOf(scenario));
  const exact = { ...scenario, faults };
  if (faults.length > mostExact || !shrinking.fails(exact)) return scenario;
  const fewest = withFewerFaults(exact, shrinking);
  return fewest.faults.length <= scenario.faults.length ? fewest : scenario;
};

/** Takes one kind of step as often as it leads anywhere. */
const repeated = (scenario: Scenario, step: (typeof steps)[number], shrinking: Shrinking): Scenario => {
  let now = scenario;
  for (;;) {
    const next = firstFailing(now, step(now), shrinking);
    if (next === now) return now;
    now = next;
  }
};

export interface Smallest {
  readonly scenario: Scenario;
  /** Nothing more can be left out; false if so many rounds did not come to that. */
  readonly isMinimal: boolean;
}

/** The scenario must fail. */
export const shrink = (scenario: Scenario, shrinking: Shrinking): Smallest => {
  let now = withFewerFaults(scenario, shrinking);
  for (let round = 0; round < mostRounds; round++) {
    const before = now;
    for (const step of steps) now = repeated(now, step, shrinking);
    now = withExactPackets(now, shrinking);
    if (now === before) return { scenario: now, isMinimal: true };
  }
  return { scenario: now, isMinimal: false };
};
