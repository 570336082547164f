// What a person reads at the end of a chaos study: the verdict, what survived, what was met, and the lines to copy for each failure.
import type { Chaos, ChaosRow, ShareShown } from "./chaosSummary.ts";
import { type Cell, type Column, type Page, paint, table } from "./compareTable.ts";
import { footLines, label, timeCell } from "./compareText.ts";
import { counted } from "./counted.ts";

export interface ChaosTextOptions extends Page {
  readonly folder: string;
  readonly repro: string;
}

/** Two digits say enough of a share, but 99.97 % is not 100 %. */
const percentText = (share: number): string => {
  const percent = 100 * share;
  if (percent === 0 || percent === 100) return `${percent} %`;
  const digits = percent > 99 ? 100 - percent : percent;
  return `${percent.toFixed(Math.min(6, Math.max(1, 1 - Math.floor(Math.log10(digits)))))} %`;
};

/** None of so many is not yet never. */
const noneText = ({ of, high }: ShareShown): string => `0 in ${counted(of, "run")} (95 % upper bound ${percentText(high)})`;

const someText = ({ hits, of, low, high }: ShareShown): string =>
  `${hits} in ${counted(of, "run")} (95 %: ${percentText(low)} to ${percentText(high)} of runs)`;

const promiseLine = (word: string, what: string, share: ShareShown, page: Page): string => {
  const good = share.hits === 0;
  const mark: Cell = { text: `${good ? "✓" : "✗"} ${word}`, colour: good ? "green" : "red" };
  return `  ${paint(mark, page)}${" ".repeat(13 - mark.text.length)}${what} ${good ? noneText(share) : someText(share)}`;
};

/** More are in the document. */
const mostMet = 8;

const metText = (met: Chaos["reached"]): string => {
  const shown = met.slice(0, mostMet).map(({ what, runs }) => `${what} ${runs}`);
  return met.length > mostMet ? `${shown.join(" · ")} · ${met.length - mostMet} more` : shown.join(" · ");
};

/** A share with where it lies: `97.2 % (96.9 to 97.5)`. */
const shareCell = ({ hits, of, low, high }: ShareShown): string => {
  if (of === 0) return "-";
  if (hits === 0) return `0 (< ${percentText(high)})`;
  const bare = (share: number): string => percentText(share).replace(" %", "");
  return `${percentText(hits / of)} (${bare(low)} to ${bare(high)})`;
};

const timeOf = (us: number | undefined): string => (us === undefined ? "-" : timeCell(us));

const heldCell = ({ heldBy, runs }: ChaosRow): string => {
  const [first] = heldBy;
  return first === undefined ? "-" : `${first.what} (${percentText(first.runs / runs)})`;
};

const columns: ReadonlyArray<Column<ChaosRow>> = [
  { title: "MODEL", cell: ({ model }) => model },
  { title: "RUNS", cell: ({ runs }) => `${runs}` },
  { title: "COMMITTED", cell: ({ committed }) => shareCell(committed) },
  { title: "ABORTED", cell: ({ aborted }) => shareCell(aborted) },
  { title: "OPEN", cell: ({ open }) => shareCell(open) },
  { title: "VIOLATED", cell: ({ violated }) => ({ text: shareCell(violated), ...(violated.hits > 0 && { colour: "red" as const }) }) },
  { title: "STOP p50", cell: ({ stopUs }) => timeOf(stopUs?.p50) },
  { title: "p99", cell: ({ stopUs }) => timeOf(stopUs?.p99) },
  { title: "max", cell: ({ stopUs }) => timeOf(stopUs?.max) },
  { title: "TOTAL p50", cell: ({ totalUs }) => timeOf(totalUs?.p50) },
  { title: "IPIS p50", cell: ({ ipis }) => (ipis === null ? "-" : `${Math.round(ipis.p50)}`) },
  { title: "HELD UP MOST BY", cell: heldCell },
];

const failureLines = ({ failures }: Chaos, page: Page): readonly string[] =>
  failures.flatMap(({ model, monitor, reason, phase, runs, seed, replay, shrink }) => [
    "",
    `  ${paint({ text: `✗ ${monitor}`, colour: "red" }, page)}   ${model}, ${phase === null ? "before the first round" : `in ${phase}`}: ${reason}`,
    `${label("RUNS")}${runs}, the first with seed ${seed}`,
    `${label("replay")}${replay}`,
    `${label("shrink")}${shrink}`,
  ]);

/** One decimal is as much as a cell has room for; what is almost never or almost always is not never or always. */
const surfaceCell = (share: number): string => {
  const text = (100 * share).toFixed(1);
  if (share > 0 && text === "0.0") return "<0.1";
  return share < 1 && text === "100.0" ? ">99.9" : text;
};

const surfaceLines = ({ surface, rows: [row] }: Chaos, page: Page): readonly string[] => {
  if (surface === null) return [];
  const cells = [...Map.groupBy(surface, ({ lossPercent }) => lossPercent)];
  const pauses = cells[0]?.[1].map((cell) => cell.pauses) ?? [];
  const closed = surface.some(({ closedForm }) => closedForm !== null);
  const text = ({ committed: { hits, of }, closedForm }: (typeof surface)[number]): string =>
    `${of === 0 ? "-" : surfaceCell(hits / of)}${closedForm === null ? "" : ` (${surfaceCell(closedForm)})`}`;
  const titles: ReadonlyArray<Column<(typeof cells)[number]>> = [
    { title: "LOSS", cell: ([loss]) => `${loss} %` },
    ...pauses.map(
      (limit, i): Column<(typeof cells)[number]> => ({
        title: `${limit}`,
        cell: ([, line]) => text(line[i] as (typeof surface)[number]),
      }),
    ),
  ];
  const theory = closed ? "; in brackets what theory says" : "";
  return [
    "",
    `  SURVIVAL of ${row?.model ?? "a model"}: % of attempts that committed, by loss each way and by limit in pauses between repeats${theory}`,
    ...table(titles, cells, page),
  ];
};

const verdictColours = { valid: "green", violated: "red", unknown: "yellow" } as const;

const headLine = ({ engine, cpus, tasks, rows, seeds, workload, mutant, resources }: Chaos, page: Page): string => {
  const parts = [
    paint({ text: "quiesce chaos", colour: "bold" }, page),
    engine === "live" ? "engine live (real faults)" : "engine virtual (deterministic)",
    ...(mutant === null ? [] : [`mutant ${mutant}`]),
    rows.map(({ model }) => model).join(", "),
    counted(cpus, "CPU"),
    counted(tasks, "task"),
    workload,
    `seeds ${seeds.first} to ${seeds.last}`,
    `${timeCell(resources.wallMs * 1000)}`,
    `${engine === "live" ? resources.runsPerSecond.toFixed(2) : Math.round(resources.runsPerSecond)} runs/s`,
  ];
  return `  ${parts.join("   ")}`;
};

const struckLine = ({ struck }: Chaos): readonly string[] =>
  struck.length === 0
    ? []
    : [
        `${label("FAULTS")}${struck.map(({ fault, runs, struck: hit }) => `${fault} ${hit}/${runs}`).join(" · ")}   (runs struck / planned)`,
      ];

const stoppedLine = ({ stopped, seeds, runs }: Chaos): readonly string[] => {
  if (stopped === "all done") return [];
  const why = { failures: "so many runs had failed", minutes: "its time was up", interrupted: "it was interrupted" }[stopped];
  return [`${label("STOPPED")}after ${counted(runs, "run")}, for ${why} (seeds from ${seeds.first} on)`];
};

/** Machines that break a rule are there to be caught. */
const mutantLine = ({ mutant, runs, failures }: Chaos, page: Page): readonly string[] => {
  if (mutant === null) return [];
  const [first] = failures.toSorted((a, b) => a.index - b.index);
  if (first === undefined)
    return [`  ${paint({ text: "? MUTANT", colour: "yellow" }, page)}     ${mutant} was not caught in ${counted(runs, "run")}`];
  const by = failures.filter(({ index }) => index === first.index).map(({ monitor }) => monitor);
  const after = `${first.index + 1} ${first.index === 0 ? "run" : "runs"}`;
  return [`  ${paint({ text: "✓ MUTANT", colour: "green" }, page)}     ${mutant} was caught after ${after} by ${by.join(", ")}`];
};

export const chaosText = (chaos: Chaos, options: ChaosTextOptions): string => {
  const { verdict, reasons, unsafe, stuck, healed, reached, rows } = chaos;
  const lines = [
    headLine(chaos, options),
    `  ${paint({ text: `VERDICT ${verdict}`, colour: verdictColours[verdict] }, options)}`,
    ...(verdict === "unknown" ? reasons.map((reason) => `    because ${reason}`) : []),
    promiseLine("SAFETY", "violations:", unsafe, options),
    promiseLine("LIVENESS", `not at its end though healed:`, stuck, options),
    `  ${paint({ text: "✓ REACHED", colour: "green" }, options)}    healed before the end ${healed}${reached.length > 0 ? ` · ${metText(reached)}` : ""}`,
    ...mutantLine(chaos, options),
    ...struckLine(chaos),
    ...stoppedLine(chaos),
    "",
    ...table(columns, rows, options),
    ...surfaceLines(chaos, options),
    ...failureLines(chaos, options),
    "",
    ...footLines(options),
  ];
  return `${lines.join("\n")}\n`;
};
