// What a person reads at the end of a run: the verdict, the numbers, who held it up, and the lines to copy.
import { refusedText } from "../journal/refused.ts";
import type { End } from "../protocol/observer.ts";
import { callsText } from "./callsText.ts";
import { counted } from "./counted.ts";
import type { Summary } from "./summary.ts";

/** What is not in the summary because it does not describe the run. */
export interface EndTextOptions {
  readonly verb: string;
  readonly patch: string;
  readonly repro: string;
  readonly folder: string;
  /** There is a journal in it. */
  readonly replayable: boolean;
  /** Where the page about it is, or the line that makes it. */
  readonly report: string;
  /** Somebody asked for calls at a rate, and is told what came of it. */
  readonly callsAsked: boolean;
  readonly end: Pick<End, "ended" | "at" | "healedAt" | "boundNs">;
  readonly colours: boolean;
}

const green = 32;
const red = 31;
const yellow = 33;
const bold = 1;

/** From a microsecond up, in the unit that leaves few digits. */
const usText = (us: number | null): string => {
  if (us === null) return "none";
  if (us >= 10_000_000) return `${(us / 1e6).toFixed(1)} s`;
  if (us >= 10_000) return `${(us / 1e3).toFixed(1)} ms`;
  return us >= 100 ? `${us.toFixed(0)} us` : `${us.toFixed(1)} us`;
};

type Paint = (text: string, colour: number) => string;

const label = (name: string): string => `  ${name.padEnd(9)} `;

const livenessLine = (summary: Summary, { ended, at, healedAt, boundNs }: EndTextOptions["end"], paint: Paint): string => {
  const why = ended === "open" ? `nothing bounds ${summary.turningBack === null ? "this model" : "the way back"}` : ended;
  const early = ended === "finished" || ended === "stuck" ? "" : `left at ${usText(at / 1e3)}: ${why}`;
  if (early !== "") return `${paint("? LIVENESS", yellow)}   ${early}`;
  const healed = healedAt === null ? "" : `, ${usText((at - healedAt) / 1e3)} after faults were switched off`;
  const stuck = summary.violations.find(({ monitor }) => monitor === "converges");
  return stuck === undefined
    ? `${paint("✓ LIVENESS", green)}   ended at ${usText(at / 1e3)}${healed} (bound ${usText(boundNs / 1e3)})`
    : `${paint("✗ LIVENESS", red)}   ${stuck.reason}`;
};

const safetyLines = ({ violations }: Summary, paint: Paint): readonly string[] => {
  const broken = violations.filter(({ monitor }) => monitor !== "converges");
  if (broken.length === 0) return [`${paint("✓ SAFETY", green)}     no violation`];
  return broken.map(({ monitor, reason, atUs, cpu, task }) => {
    const where = [cpu === undefined ? [] : `cpu ${cpu}`, task ?? []].flat().join(" ");
    return `${paint("✗ SAFETY", red)}     ${monitor}: ${reason} (at ${usText(atUs)}${where === "" ? "" : `, ${where}`})`;
  });
};

/** Of several operations the last may take away what the first brought: then the version says more than the name of the patch. */
const outcomeLine = (summary: Summary, patch: string, paint: Paint): string => {
  const { outcome, attempts, cpus, operations, version, pending, turningBack } = summary;
  const tries = counted(attempts, "attempt");
  const several = operations.asked > 1;
  const inForce = several ? `; version ${version} in force` : "";
  if (outcome === "committed") {
    const what = several ? `${operations.asked} operations` : patch;
    return `${paint("✓ COMMITTED", green)}  ${what} on ${counted(cpus, "CPU")} in ${tries}${inForce}`;
  }
  const unfinished = pending === 0 ? "✗ INCOMPLETE" : turningBack === null ? "? OPEN" : "? REVERSING";
  const word = outcome === "aborted" ? "✗ ABORTED" : unfinished;
  const what = several ? `${operations.committed} of ${operations.asked} operations` : `patch ${patch}`;
  const whither = turningBack === null ? "not switched" : `not come back from version ${turningBack.from}`;
  const missing = pending > 0 ? `; ${pending} ${pending === 1 ? "task has" : "tasks have"} ${whither}` : "";
  return `${paint(word, yellow)}${" ".repeat(13 - word.length)}${what} after ${tries}${inForce}${missing}`;
};

/** What stands out of the times depends on what switches as one: the whole machine in a stop, or tasks and functions one by one. */
const timesLine = ({ model, timings: t, checks, signals }: Summary): string => {
  const held = t.heldTaskUs > 0 ? `   tasks held ${usText(t.heldTaskUs)}` : "";
  const woken = signals > 0 ? `   signals ${signals}` : "";
  const times =
    model.switch === "kernel"
      ? `gather ${usText(t.gatherUs)}   stop ${usText(t.stopUs)}   irqs off ${usText(t.irqsOffUs)}   decide ${usText(t.decideUs)}   mixed ${usText(t.mixedUs)}`
      : `switch ${usText(t.switchUs)}   mixed ${usText(t.mixedUs)}   checks ${checks}${woken}`;
  return `${label("TIMES")}${times}   total ${usText(t.totalUs)}${held}`;
};

const verdictLine = ({ verdict, reasons }: Summary, paint: Paint): readonly string[] => {
  const colour = { valid: green, violated: red, unknown: yellow }[verdict];
  return [`  ${paint(`VERDICT ${verdict}`, colour)}`, ...reasons.map((reason) => `    because ${reason}`)];
};

/** What did not go by itself between processes; what most runs have none of is told where there is some. */
const wireLines = (wire: Summary["wire"]): readonly string[] => {
  if (wire === null) return [];
  const { refused, unsent, serverRestarts, reconnects = 0, slowConsumers = 0, denied = 0 } = wire;
  const seldom = [["reconnects", reconnects] as const, ["slow consumers cut off", slowConsumers] as const, ["denied", denied] as const];
  if (refused + unsent + serverRestarts + reconnects + slowConsumers + denied === 0) return [];
  const told = seldom.flatMap(([what, count]) => (count > 0 ? [`   ${what} ${count}`] : [])).join("");
  return [`${label("WIRE")}frames refused ${refused}   unsent ${unsent}   server restarts ${serverRestarts}${told}`];
};

/** So many of those who were refused something are named; the summary has all of them. */
const mostRefused = 5;

const refusedLines = ({ refusals = [] }: Summary): readonly string[] => {
  const more = refusals.length - mostRefused;
  const named = refusals.slice(0, mostRefused).map((one) => `${label("REFUSED")}${refusedText(one)}`);
  return more > 0 ? [...named, `${label("REFUSED")}${more} more kinds, which the summary names`] : named;
};

const numberLines = (summary: Summary, callsAsked: boolean): readonly string[] => {
  const { ipis, faults, forced, interrupted, hazards, broken, watchdogs, wire, resources } = summary;
  const called = callsAsked ? callsText(summary.calls) : null;
  const damaged = ipis.corrupted > 0 ? `   corrupted ${ipis.corrupted}` : "";
  const lines = [
    timesLine(summary),
    `${label("IPIS")}sent ${ipis.sent}   delivered ${ipis.delivered}   dropped ${ipis.dropped}   delayed ${ipis.delayed}   duplicated ${ipis.duplicated}${damaged}   resent ${ipis.resent}   late ${ipis.late}`,
    ...(called === null ? [] : [`${label("CALLS")}${called}`]),
    ...faults.map(({ text, matched, applied }) => `${label("FAULT")}${text}   matched ${matched}   applied ${applied}`),
  ];
  if (forced > 0) lines.push(`${label("FORCED")}${counted(forced, "task")} switched whatever was on the stack: nothing is promised there`);
  if (interrupted > 0) lines.push(`${label("EINTR")}${counted(interrupted, "system call")} interrupted`);
  if (hazards.call + hazards.data > 0) lines.push(`${label("HAZARDS")}call ${hazards.call}   data ${hazards.data}`);
  if (broken.length > 0) lines.push(`${label("BROKEN")}guarantees of other models that this run broke: ${broken.join(", ")}`);
  lines.push(...wireLines(wire), ...refusedLines(summary));
  lines.push(...watchdogs.map(({ kind, cpu, atUs }) => `${label("WATCHDOG")}${kind} on cpu ${cpu} at ${usText(atUs)}`));
  lines.push(
    `${label("COST")}${counted(resources.events, "event")}   ${Math.round(resources.eventsPerSecond)}/s   ${Math.round(resources.maxRssMb)} MB   ${usText(resources.wallMs * 1000)}`,
  );
  return lines;
};

/** So many culprits are named; the summary has all of them. */
const mostBlamed = 3;

const culpritText = ({ cpu, task, function: name, why, phase }: Summary["blame"][number]): string => {
  const inTask = task === undefined ? "" : ` ${task}${name === undefined ? "" : ` in ${name}`}`;
  return `${cpu === undefined ? "" : `cpu ${cpu}${inTask}: `}${why}, held up ${phase}`;
};

/** The same culprit in several epochs is named once, for all the time that it cost. */
const blameLines = ({ blame }: Summary): readonly string[] => {
  const culprits = [...Map.groupBy(blame, culpritText)]
    .map(([text, rows]) => ({ text, heldUs: rows.reduce((sum, row) => sum + row.heldUs, 0), times: rows.length }))
    .toSorted((a, b) => b.heldUs - a.heldUs);
  const lines = culprits
    .slice(0, mostBlamed)
    .map(({ text, heldUs, times }) => `${label("WHO")}${text} for ${usText(heldUs)}${times > 1 ? ` in ${times} epochs` : ""}`);
  return culprits.length > mostBlamed ? [...lines, `${label("")}and ${culprits.length - mostBlamed} more in summary.json`] : lines;
};

export const endText = (summary: Summary, options: EndTextOptions): string => {
  const { verb, patch, repro, folder, replayable, report, callsAsked, end, colours } = options;
  const paint: Paint = (text, colour) => (colours ? `\u001b[${colour}m${text}\u001b[0m` : text);
  const { engine, model, cpus, topology, hosts, seed, tasks } = summary;
  const kind = engine === "virtual" ? "engine virtual (deterministic)" : `engine live (${hosts} ${hosts === 1 ? "process" : "processes"})`;
  const machine = topology === undefined ? counted(cpus, "CPU") : `${counted(cpus, "CPU")} by ${topology}`;
  const lines = [
    `  ${paint(`quiesce ${verb}`, bold)}   ${model.name}   ${kind}   ${machine}   ${counted(tasks, "task")}   seed ${seed}`,
    ...verdictLine(summary, paint),
    ...[...safetyLines(summary, paint), livenessLine(summary, end, paint), outcomeLine(summary, patch, paint)].map((line) => `  ${line}`),
    ...numberLines(summary, callsAsked),
    ...blameLines(summary),
    `${label("folder")}${folder}`,
    ...(replayable ? [`${label("replay")}./quiesce replay ${folder}`] : []),
    `${label("report")}${report}`,
    `${label("again")}${repro}`,
  ];
  return `${lines.join("\n")}\n`;
};
