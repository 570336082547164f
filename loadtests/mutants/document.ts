// The mutants as a document: what each replaces, and which monitors caught it after how many runs; and for each monitor, whom it caught.
import type { Mutant } from "../../shared/mutants/mutant.ts";
import { printFault } from "../../shared/nemesis/grammar.ts";
import { planOf } from "../../shared/nemesis/plan.ts";
import { monitors } from "../../shared/oracle/registry.ts";
import type { Explored } from "./explored.ts";
import type { Shrunk } from "./shrunk.ts";

export interface Hunted {
  readonly mutant: Mutant;
  /** For each monitor that fired, the first run in which it did. */
  readonly caught: ReadonlyMap<string, number>;
  /** The smallest scenario in which it is still seen; null if it never was. */
  readonly shrunk: Shrunk | null;
  /** Null of one that the explorer cannot try. */
  readonly explored: Explored | null;
}

interface Column {
  readonly head: string;
  readonly cell: (hunted: Hunted) => string;
}

/** A way to catch mutants is a column. */
const columns: readonly Column[] = [
  { head: "mutant", cell: ({ mutant }) => `\`${mutant.name}\`` },
  { head: "the rule", cell: ({ mutant }) => mutant.rule },
  { head: "instead", cell: ({ mutant }) => mutant.instead },
  { head: "on", cell: ({ mutant }) => `\`${mutant.model.name}\`` },
  { head: "with", cell: ({ mutant }) => faultsOf(mutant) },
  { head: "caught by, in run", cell: ({ mutant, caught }) => mutant.caughtBy.map((name) => catchText(name, caught)).join(", ") },
  { head: "shrunk to", cell: ({ shrunk }) => (shrunk === null ? "-" : shrunkText(shrunk)) },
  {
    head: "explored: the shortest path",
    cell: ({ explored }) => (explored === null ? "has no time, and no requests" : exploredText(explored)),
  },
];

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? "" : "s"}`;

const shrunkText = ({ monitor, faults, cpus, operations }: Shrunk): string => {
  const several = operations > 1 ? `, ${counted(operations, "operation")}` : "";
  const what = faults.length === 0 ? "no fault" : `${counted(faults.length, "fault")} (${faults.join("; ")})`;
  return `${what}, ${counted(cpus, "CPU")}${several}: \`${monitor}\``;
};

const exploredText = ({ budgets, cpus, broken, states }: Explored): string => {
  const found = broken === null ? "none" : `\`${broken.property}\` in ${counted(broken.steps, "step")}`;
  return `${found} (${counted(cpus, "CPU")}, ${budgets}; ${states.toLocaleString("en-US")} states)`;
};

const faultsOf = ({ faults }: Mutant): string => planOf(faults, 0).plan.faults.map(printFault).join("; ");

const catchText = (monitor: string, caught: Hunted["caught"]): string => `\`${monitor}\` ${caught.get(monitor) ?? "never"}`;

const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;

const table = (head: readonly string[], rows: ReadonlyArray<readonly string[]>): string =>
  [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");

/** Also for the screen. */
export const tableOf = (hunted: readonly Hunted[]): string =>
  table(
    columns.map(({ head }) => head),
    hunted.map((one) => columns.map(({ cell }) => cell(one))),
  );

const byMonitor = (hunted: readonly Hunted[]): string =>
  table(
    ["monitor", "mutants that it caught"],
    monitors.map(({ name }) => [
      `\`${name}\``,
      hunted.flatMap(({ mutant, caught }) => (caught.has(name) ? [`\`${mutant.name}\``] : [])).join(", ") || "none",
    ]),
  );

export const documentOf = (hunted: readonly Hunted[]): string =>
  `${[
    "# Mutants",
    "Can the monitors see? A mutant is the machines with one rule of `docs/protocol.md` replaced: `shared/mutants/` has them, a few lines each, and the protocol itself has no branch for them (`shared/protocol/cpu/rules.ts` and `coordinator/rules.ts` are the rules that can be replaced). `npm run mutants` hunts each in virtual time and makes this page; the runs are seeded, so it makes the same bytes again.",
    "Every run has four CPUs, the faults named here without which the mutant would hardly ever show, and a few more that are drawn from the seed (`shared/nemesis/swarm.ts`). Said is the first run in which each monitor fired that is expected to. The same runs of the true machines break nothing. Last comes what the first of these runs shrinks to: as few faults, CPUs, tasks and operations as still make its first monitor fire (`shared/chaos/shrink.ts`). `quiesce chaos --mutant NAME` hunts one on a machine of your own, and `quiesce shrink` shrinks what that finds.",
    "The last column is of another search: every interleaving of the smallest machine that shows the mutant, with no more going wrong than is named there (`shared/explore/mutantMachines.ts`, docs/explore.md). Said is what is broken first, and how many steps after power-on; no path is shorter. A guarantee may be broken there before one that chaos is expected to see. `quiesce explore --mutant NAME` with these numbers prints the steps.",
    tableOf(hunted),
    "## By monitor",
    "A monitor that no mutant can trip is not a monitor. Here are all that fired until the expected ones had.",
    byMonitor(hunted),
  ].join("\n\n")}\n`;
