// stop_machine beside an IPI broadcast, on a real kernel and simulated: shapes and ratios, as the real one was emulated.
import { type Chapter, digits, exactly, type Line, type Table } from "../line.ts";
import { decisionNs, type Machine, modelOf, type Run, roundOf, runMachine, shipped, stopNs } from "../machine.ts";
import { at, realKernel, stopMachineColumn } from "../realKernel.ts";
import { type Fit, fit, overSeeds, type Spread, spreadOf } from "../sample.ts";
import { idle } from "../workloads.ts";
import { broadcastUs } from "./broadcast.ts";

const seeds = 25;
/** 1 is left out: a broadcast to nobody is no broadcast. */
const sizes = [2, 4, 8, 16, 32, 64];

/** The function that stop_machine runs does nothing there, so nothing is written here. */
const nothingToWrite = { ...shipped, writeNs: 0 };

const emptyStop = (cpus: number, profile = nothingToWrite): Machine => ({ model: modelOf("simple"), cpus, workload: idle, profile });

export const emptyStopUs = (cpus: number, profile = nothingToWrite): Spread =>
  overSeeds(seeds, (seed) => stopNs(runMachine(emptyStop(cpus, profile), seed)) / 1_000);

/** The share of a stop that is over when the function first runs somewhere. */
const beforeItRuns = (run: Run): number =>
  (Math.min(...roundOf(run, "run").heardAt.values()) - roundOf(run, "prepare").askedAt - decisionNs(run)) / stopNs(run);

/** How far apart the CPUs are at the same step, as a share of the whole stop. */
const skew = (run: Run): number => {
  const heard = [...roundOf(run, "run").heardAt.values()];
  return (Math.max(...heard) - Math.min(...heard)) / stopNs(run);
};

interface Size {
  readonly cpus: number;
  readonly realStop: number;
  readonly realBroadcast: number;
  readonly stop: Spread;
  readonly broadcast: Spread;
}

const measure = (): readonly Size[] => {
  const realStop = stopMachineColumn("p50");
  const realBroadcast = stopMachineColumn("ipiBroadcastWaitP50");
  return sizes.map((cpus) => ({
    cpus,
    realStop: at(realStop, cpus),
    realBroadcast: at(realBroadcast, cpus),
    stop: emptyStopUs(cpus),
    broadcast: broadcastUs(cpus),
  }));
};

const lineOf = (all: readonly Size[], y: (size: Size) => number): Fit => fit(all.map((size) => ({ x: size.cpus, y: y(size) })));

const simulatedRatio = ({ stop, broadcast }: Size): number => stop.median / broadcast.median;
const realRatio = ({ realStop, realBroadcast }: Size): number => realStop / realBroadcast;

const source = "the real kernel, medians";

/** How far apart the two ratios are, as a factor. */
const apart = (size: Size): number => Math.max(simulatedRatio(size) / realRatio(size), realRatio(size) / simulatedRatio(size));

const share = (cpus: number, of: (run: Run) => number): Spread => overSeeds(seeds, (seed) => of(runMachine(emptyStop(cpus), seed)));

const realShare = (column: string, cpus: number): Spread =>
  exactly(at(stopMachineColumn(column), cpus) / at(stopMachineColumn("allCpuP50"), cpus));

/** The slope of a column over that of another, up to so many CPUs. */
const slopes = (stop: string, broadcast: string, upTo: number): Spread => {
  const slope = (column: string): number =>
    fit(sizes.filter((cpus) => cpus <= upTo).map((cpus) => ({ x: cpus, y: at(stopMachineColumn(column), cpus) }))).slope;
  return exactly(slope(stop) / slope(broadcast));
};

const simulatedSlopes = (all: readonly Size[], upTo: number): Spread => {
  const some = all.filter(({ cpus }) => cpus <= upTo);
  return exactly(lineOf(some, ({ stop }) => stop.median).slope / lineOf(some, ({ broadcast }) => broadcast.median).slope);
};

const shareLines = (cpus: number): Line[] => [
  {
    quantity: `share of the stop before the function runs, ${cpus} CPUs`,
    unit: "",
    simulated: share(cpus, beforeItRuns),
    published: realShare("firstCpuRunsAfter", cpus),
    source,
    why: "Two of the four rounds come first, and the wake-up.",
  },
  {
    quantity: `skew between CPUs, share of the stop, ${cpus} CPUs`,
    unit: "",
    simulated: share(cpus, skew),
    published: realShare("skewAcrossCpus", cpus),
    source,
    why: "In a real stop each CPU polls one word, and all see it change at about the same time. Here each is told by a message of its own, one after the other.",
  },
];

const bend =
  "From 32 CPUs on the real stop bends upward, where the emulator runs them all in turn on one thread; the least of its times do so less.";

const lines = (all: readonly Size[]): Line[] => [
  {
    quantity: "stop over broadcast, 2 to 64 CPUs",
    unit: "×",
    simulated: spreadOf(all.map(simulatedRatio)),
    published: spreadOf(all.map(realRatio)),
    source,
    why: `A stop is four rounds and a wake-up. On shared memory and by messages alike each costs about one broadcast. Size by size the two differ by up to ${digits(Math.max(...all.map(apart)))} ×.`,
  },
  {
    quantity: "slope of the stop over slope of the broadcast, 2 to 16 CPUs",
    unit: "×",
    simulated: simulatedSlopes(all, 16),
    published: slopes("min", "ipiBroadcastWaitMin", 16),
    source: "the real kernel, minima",
    why: "Both grow with the number of CPUs, on both sides, and in about the same proportion.",
  },
  {
    quantity: "slope of the stop over slope of the broadcast, 2 to 64 CPUs",
    unit: "×",
    simulated: simulatedSlopes(all, 64),
    published: slopes("p50", "ipiBroadcastWaitP50", 64),
    source,
    why: bend,
  },
  {
    quantity: "linear in CPUs: R² of the stop, 2 to 64 CPUs",
    unit: "",
    simulated: exactly(lineOf(all, ({ stop }) => stop.median).r2),
    published: exactly(fit(sizes.map((cpus) => ({ x: cpus, y: at(stopMachineColumn("min"), cpus) }))).r2),
    source: "the real kernel, minima",
    why: `Simulated it is so by construction: a broadcast goes out receiver by receiver. ${bend} Of its medians R² is ${digits(lineOf(all, ({ realStop }) => realStop).r2)}.`,
  },
  ...shareLines(2),
  ...shareLines(64),
];

const columns = [
  ({ realStop }: Size) => realStop,
  ({ realBroadcast }: Size) => realBroadcast,
  ({ stop }: Size) => stop.median,
  ({ broadcast }: Size) => broadcast.median,
];

const table = (all: readonly Size[]): Table => {
  const fits = columns.map((column) => lineOf(all, column));
  const summary = (name: string, value: (fit: Fit) => string): string[] => {
    const [realStop, realBroadcast, stop, broadcast] = fits.map(value) as [string, string, string, string];
    return [name, realStop, realBroadcast, "", stop, broadcast, ""];
  };
  return {
    caption: `a stop beside one broadcast with wait (µs, medians; real: ${realKernel.stopMachineUs.mode}; simulated: ${seeds} seeds)`,
    head: ["CPUs", "real stop", "real broadcast", "ratio", "simulated stop", "simulated broadcast", "ratio"],
    rows: [
      ...all.map((size) => {
        const [realStop, realBroadcast, stop, broadcast] = columns.map((column) => digits(column(size))) as [
          string,
          string,
          string,
          string,
        ];
        return [String(size.cpus), realStop, realBroadcast, digits(realRatio(size)), stop, broadcast, digits(simulatedRatio(size))];
      }),
      summary("slope, µs a CPU", ({ slope }) => digits(slope)),
      summary("intercept, µs", ({ intercept }) => digits(intercept)),
      summary("R²", ({ r2 }) => r2.toFixed(4)),
    ],
  };
};

export const rendezvous = (): Chapter => {
  const all = measure();
  return {
    title: "stop_machine on a real kernel",
    method: `\`simple\` on an idle machine, from asking for the stoppers to the last CPU's exit, less the decision that the register keeps; the function that is run does nothing, as in the real measurement. Beside it one broadcast with wait. The real kernel ran in an emulator, whose microseconds are its own: only ratios and shapes are compared. It is ${realKernel.source} (\`loadtests/calibration/data/real-kernel.json\`).`,
    lines: lines(all),
    tables: [table(all)],
  };
};
