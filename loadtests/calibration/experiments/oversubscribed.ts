// More virtual CPUs than cores: a stop, in which everyone spins for everyone, collapses, and a broadcast does not.
import type { Profile } from "../../../shared/kernel/profile.ts";
import { type Chapter, digits, exactly, type Line, spreadText, type Table } from "../line.ts";
import { shipped } from "../machine.ts";
import { at, onTwoCoresUs, realKernel, stopMachineColumn } from "../realKernel.ts";
import { type Spread, scaled } from "../sample.ts";
import { broadcastUs } from "./broadcast.ts";
import { emptyStopUs } from "./rendezvous.ts";

const sizes = [2, 4, 8, 16];

/** What is different about this machine: a host of two cores. */
const onTwoCores: Profile = { ...shipped, hostCores: 2, writeNs: 0 };

/** The scheduler's formula for the shipped slice, on a host of two cores: 0.75 ms x (1 + log2 2). */
const sliceOnTwoCoresNs = 1_500_000;

interface Size {
  readonly cpus: number;
  readonly realStop: number;
  readonly realBroadcast: number;
  readonly stop: Spread;
  readonly ownCores: Spread;
  readonly shortSlices: Spread;
  readonly broadcast: Spread;
}

const measure = (): readonly Size[] =>
  sizes.map((cpus) => ({
    cpus,
    realStop: at(onTwoCoresUs.stop, cpus),
    realBroadcast: at(onTwoCoresUs.broadcast, cpus),
    stop: emptyStopUs(cpus, onTwoCores),
    ownCores: emptyStopUs(cpus),
    shortSlices: emptyStopUs(cpus, { ...onTwoCores, hostSliceNs: sliceOnTwoCoresNs }),
    broadcast: broadcastUs(cpus, onTwoCores),
  }));

const source = `the real kernel, ${realKernel.oversubscribed.mode}, medians`;

const stopLine = ({ cpus, stop, realStop }: Size, why: string): Line => ({
  quantity: `stop, ${cpus} CPUs on 2 cores`,
  unit: "ms",
  simulated: scaled(stop, 1e-3),
  published: exactly(realStop / 1e3),
  source,
  why,
});

const realCollapse = ({ cpus, realStop }: Size): number => realStop / at(stopMachineColumn("p50"), cpus);
const collapse = ({ stop, ownCores }: Size): number => stop.median / ownCores.median;

const collapseLine = (size: Size): Line => ({
  quantity: `collapse, ${size.cpus} CPUs: over the stop of CPUs with a core each`,
  unit: "×",
  simulated: exactly(collapse(size)),
  published: exactly(realCollapse(size)),
  source,
  why: "At least a hundredfold on both sides. What it is divided by differs: an emulator's microseconds there, which are longer, and a real machine's here.",
});

const turns =
  "Each of four rounds waits for the CPU that has its turn last. The slice is the shipped one; its own formula gives half of it for a host of two cores, and then half of these times (table below).";

const lines = ([two, four, eight, sixteen]: readonly [Size, Size, Size, Size]): Line[] => [
  stopLine(four, turns),
  stopLine(eight, turns),
  stopLine(
    sixteen,
    "From 8 CPUs to 16 the real stop takes eight times as long, where turns alone explain two and a half times. What else there is was not found out.",
  ),
  collapseLine(four),
  collapseLine(sixteen),
  {
    quantity: "growth of a broadcast from 2 to 16 CPUs",
    unit: "×",
    simulated: exactly(sixteen.broadcast.median / two.broadcast.median),
    published: exactly(sixteen.realBroadcast / two.realBroadcast),
    source,
    why: "No collapse on either side: a broadcast is one round, and in the simulation a CPU that is only interrupted need not wait for a turn. What the real one grows by beyond that is perhaps the emulator's own cost of an IPI.",
  },
];

const table = (all: readonly Size[]): Table => ({
  caption: `CPUs that share two cores (µs); slices of ${shipped.hostSliceNs / 1e6} ms as shipped, and of ${sliceOnTwoCoresNs / 1e6} ms, which the same formula gives for a host of two cores`,
  head: ["CPUs", "real stop", "simulated stop", "with the shorter slice", "real broadcast", "simulated broadcast"],
  rows: all.map(({ cpus, realStop, stop, shortSlices, realBroadcast, broadcast }) => [
    String(cpus),
    digits(realStop),
    spreadText(stop),
    spreadText(shortSlices),
    digits(realBroadcast),
    spreadText(broadcast),
  ]),
});

export const oversubscribed = (): Chapter => {
  const all = measure();
  return {
    title: "More CPUs than cores",
    method:
      "As above, on a host of two cores (`hostCores` is 2, the one thing changed): a CPU that spins in a stop answers only when its turn on a core has come, up to (CPUs / cores − 1) slices late. With 2 CPUs there is nothing to wait for, and the emulator's own microseconds are not compared.",
    lines: lines(all as readonly [Size, Size, Size, Size]),
    tables: [table(all)],
  };
};
