// Live patches on the real kernel of the rendezvous: idle, right after one another, and under a busy loop on each CPU.
import { type Chapter, digits, exactly, type Line, spreadText, type Table } from "../line.ts";
import { type Machine, modelOf, runMachine } from "../machine.ts";
import { realKernel } from "../realKernel.ts";
import { overSeeds, type Spread, scaled, spreadOf } from "../sample.ts";
import { busyLoops, idle } from "../workloads.ts";

const seeds = 25;
const sizes = [1, 2, 4, 8, 16, 32, 64];
const several = sizes.filter((cpus) => cpus > 1);

interface Size {
  readonly cpus: number;
  readonly patch: Spread;
  readonly unpatch: Spread;
  readonly busy: Spread;
}

/** The nth operation of a run, in s. */
const lastsS = (machine: Omit<Machine, "model">, nth: number): Spread =>
  overSeeds(seeds, (seed) => {
    const { epochsNs } = runMachine({ ...machine, model: modelOf("hybrid"), operations: ["patch", "unpatch"] }, seed);
    return (epochsNs[nth] as number) / 1e9;
  });

const measure = (cpus: number): Size => ({
  cpus,
  patch: lastsS({ cpus, workload: idle }, 0),
  unpatch: lastsS({ cpus, workload: idle }, 1),
  busy: lastsS({ cpus, workload: busyLoops }, 0),
});

const realOf = (cpus: number) => {
  const of = realKernel.livepatchTransitionS[cpus];
  if (of === undefined) throw new Error(`no live patch was measured with ${cpus} CPUs`);
  return of;
};

const source = "the real kernel, which was asked every 50 ms";

/** Over all machines of several CPUs: the medians of each. */
const overSizes = (all: readonly Size[], which: "patch" | "unpatch"): Spread =>
  spreadOf(all.filter(({ cpus }) => cpus > 1).flatMap((size) => [size[which].low, size[which].median, size[which].high]));

const emulator =
  "Emulated CPUs outnumber the cores of their host and run in turn (qemu gives each up to 0.1 s where one thread runs them all: accel/tcg, TCG_KICK_PERIOD). With busy loops everywhere a CPU's next tick, at which its task switches, so comes the later the more CPUs there are. Simulated CPUs have a core each here, and the next tick is 4 ms away at most. So the growth is most likely the emulator's and not live patching's.";

const busyLine = (all: readonly Size[], cpus: number): Line => ({
  quantity: `patch under busy loops, ${cpus} CPUs`,
  unit: "s",
  simulated: (all.find((size) => size.cpus === cpus) as Size).busy,
  published: exactly(realOf(cpus).patchBusyLoopPerCpu),
  source,
  why: cpus === 2 ? "Every loop switches at its next tick, and the next look finds that." : emulator,
});

const lines = (all: readonly Size[]): Line[] => [
  {
    quantity: "patch, idle, 1 CPU",
    unit: "ms",
    simulated: scaled((all[0] as Size).patch, 1e3),
    published: spreadOf(realOf(1).patchIdle.map((s) => s * 1e3)),
    source,
    why: "The shape is right: on one CPU the only idle task is the caller's, and nothing is waited for. The rest is loading and registering, in an emulator, and not simulated.",
  },
  {
    quantity: "patch, idle, 2 to 64 CPUs",
    unit: "s",
    simulated: overSizes(all, "patch"),
    published: spreadOf(several.flatMap((cpus) => realOf(cpus).patchIdle)),
    source,
    why: "One retry, whatever the number of CPUs. Simulated patches begin anywhere on the grid. Before each of the real ones but the first there was a sleep of 0.2 s after the end of another transition, and so after a point of the grid; with what came beside it they began past the quarter up to which the delay is rounded down: hence, most likely, the longer half of the range.",
  },
  {
    quantity: "unpatch right after, idle, 2 to 64 CPUs",
    unit: "s",
    simulated: overSizes(all, "unpatch"),
    published: spreadOf(several.flatMap((cpus) => realOf(cpus).unpatchIdle)),
    source,
    why: "The patch ended at a point of the grid, so the next operation begins just after one and waits for the next: the grid shows on both sides.",
  },
  busyLine(all, 2),
  busyLine(all, 16),
  busyLine(all, 64),
];

const table = (all: readonly Size[]): Table => ({
  caption: `transitions (s; real: three idle ones and one busy one of each; simulated: ${seeds} seeds)`,
  head: ["CPUs", "real patch, idle", "simulated", "real unpatch, idle", "simulated", "real patch, busy", "simulated"],
  rows: all.map(({ cpus, patch, unpatch, busy }) => {
    const { patchIdle, unpatchIdle, patchBusyLoopPerCpu } = realOf(cpus);
    const idleCells = [spreadText(spreadOf(patchIdle)), spreadText(patch), spreadText(spreadOf(unpatchIdle)), spreadText(unpatch)];
    return [String(cpus), ...idleCells, digits(patchBusyLoopPerCpu), spreadText(busy)];
  }),
});

export const realTransitions = (): Chapter => {
  const all = sizes.map(measure);
  return {
    title: "Live patches on a real kernel",
    method:
      "`hybrid`, a patch and right after it its undoing, on an idle machine and with one task a CPU that only computes. Here the time is set by a timer of the kernel, so that seconds can be compared although the real one was emulated.",
    lines: lines(all),
    tables: [table(all)],
  };
};
