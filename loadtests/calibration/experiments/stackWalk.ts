// Looking at stacks: one pass over all tasks by one CPU, and the stops of kpatch and Ksplice, which contain one.
import { between, type Chapter, digits, exactly, type Line, spreadText } from "../line.ts";
import { type Machine, modelOf, roundOf, runMachine, stopNs } from "../machine.ts";
import { type Fit, fit, overSeeds, type Spread } from "../sample.ts";
import { sleepers } from "../workloads.ts";

const seeds = 5;
const cpus = 12;
/** From about a hundred tasks to about 12,000, each CPU's idle task among them. */
const sizes = [8, 83, 250, 500, 1_000];

const asleep = (model: string, ofCpus: number, tasksPerCpu: number): Machine => ({
  model: modelOf(model),
  cpus: ofCpus,
  tasksPerCpu,
  workload: sleepers,
});

const tasksOf = (ofCpus: number, tasksPerCpu: number): number => ofCpus * (tasksPerCpu + 1);

const passMs = (tasksPerCpu: number): Spread =>
  overSeeds(seeds, (seed) => {
    const { askedAt, endedAt } = roundOf(runMachine(asleep("hybrid", cpus, tasksPerCpu), seed), "start");
    return (endedAt - askedAt) / 1e6;
  });

const stopMs = (model: string, ofCpus: number, tasksPerCpu: number): Spread =>
  overSeeds(seeds, (seed) => stopNs(runMachine(asleep(model, ofCpus, tasksPerCpu), seed)) / 1e6);

interface Measured {
  readonly tasks: number;
  readonly pass: Spread;
  readonly kpatch: Spread;
  readonly ksplice: Spread;
}

const measure = (): readonly Measured[] =>
  sizes.map((tasksPerCpu) => ({
    tasks: tasksOf(cpus, tasksPerCpu),
    pass: passMs(tasksPerCpu),
    kpatch: stopMs("kpatch", cpus, tasksPerCpu),
    ksplice: stopMs("ksplice", cpus, tasksPerCpu),
  }));

const lineThrough = (measured: readonly Measured[], which: "pass" | "kpatch" | "ksplice"): Fit =>
  fit(measured.map((one) => ({ x: one.tasks, y: one[which].median })));

const shao = "about 12,000 threads, Linux 6.1 (live-patching list, Yafang Shao, 14 February 2025)";
const noCount = "the publication does not say how many tasks its machine had";
/** Two machines whose tasks were counted, so that the choice is nobody's. */
const small = { cpus: 2, tasksPerCpu: 68, told: "2 CPUs, 138 tasks (own count: a virtual machine with Debian 12 and Linux 6.18 at rest)" };
const large = { cpus: 64, tasksPerCpu: 8, told: "64 CPUs, 576 tasks (531 kernel threads: Jens Axboe, LKML, 20 August 2009)" };

/** How many tasks a machine has whose stop takes so long. */
const tasksFor = ({ intercept, slope }: Fit, ms: number): string => digits(Math.round((ms - intercept) / slope / 10) * 10);

const tasksOfRange = ({ low, high }: Spread, through: Fit): string =>
  low === high ? `about ${tasksFor(through, low)}` : `${tasksFor(through, low)} to ${tasksFor(through, high)}`;

const stopLine = (model: string, of: typeof small, published: Spread, source: string, through: Fit): Line => ({
  quantity: `${model}'s stop, ${of.cpus} CPUs`,
  unit: "ms",
  simulated: stopMs(model, of.cpus, of.tasksPerCpu),
  published,
  source: `${source}; ${noCount}`,
  why: `${of.told}. The published time is that of a machine with ${tasksOfRange(published, through)} tasks, as simulated.`,
});

const perTask = (slopeMs: number): Line => ({
  quantity: "stack check",
  unit: "µs a task",
  simulated: exactly(slopeMs * 1e3),
  published: exactly(3.56),
  source: `mean of 42,078 calls of klp_try_switch_task, ${shao}`,
  given: true,
  why: "The constant itself, found again as the slope of the table below: each task is counted once.",
});

const pass = (measured: readonly Measured[]): Line => ({
  quantity: "one pass over 12,000 tasks",
  unit: "ms",
  simulated: (measured.at(-1) as Measured).pass,
  published: exactly(42),
  source: `expected there from the figure above; measured: 33 to 134 ms twice, and 4 to 17 s twice under contention; ${shao}`,
  given: true,
  why: "The product of the two. Contention for the lock that the pass holds is not simulated, so the seconds are out of reach.",
});

export const stackWalks = (): Chapter => {
  const measured = measure();
  const ksplice = "0.7 ms (osnews.com story 21836 of July 2009, after Ars Technica: the developers' claim)";
  const kpatch = '"a few ms on an idle system", read as 2 to 5 (Josh Poimboeuf, 1 May 2014, quoted in lwn.net/Articles/597426)';
  const fits = { pass: lineThrough(measured, "pass"), kpatch: lineThrough(measured, "kpatch"), ksplice: lineThrough(measured, "ksplice") };
  return {
    title: "Looking at stacks, and the stops that contain it",
    method:
      "Tasks that are all asleep. The pass is the `start` round of `hybrid`; the stops last from asking for the stoppers to the last CPU's exit, less the decision that the register keeps, which is no part of a real kernel.",
    lines: [
      perTask(fits.pass.slope),
      pass(measured),
      stopLine("ksplice", small, exactly(0.7), ksplice, fits.ksplice),
      stopLine("ksplice", large, exactly(0.7), ksplice, fits.ksplice),
      stopLine("kpatch", small, between(2, 5), kpatch, fits.kpatch),
      stopLine("kpatch", large, between(2, 5), kpatch, fits.kpatch),
    ],
    tables: [
      {
        caption: `${cpus} CPUs: a pass and a stop grow with the tasks of the machine (ms, ${seeds} seeds)`,
        head: ["tasks", "pass of `hybrid`", "stop of `kpatch`", "stop of `ksplice`"],
        rows: [
          ...measured.map((one) => [digits(one.tasks), spreadText(one.pass), spreadText(one.kpatch), spreadText(one.ksplice)]),
          ["slope, µs a task", ...Object.values(fits).map(({ slope }) => digits(slope * 1e3))],
          ["intercept, ms", ...Object.values(fits).map(({ intercept }) => digits(intercept))],
          ["R²", ...Object.values(fits).map(({ r2 }) => r2.toFixed(4))],
        ],
      },
    ],
  };
};
