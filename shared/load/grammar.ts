// Arrival plans as text: what the command line, scenario files and reports write.
import { type ArrivalPlan, loadLimits } from "../kernel/requests/plan.ts";
import { attempt, fail, need, type Problem, peek, type Reader, take, takeClauses, takeOneOf } from "../nemesis/reader.ts";
import { percentOf, printDuration, takeSomeTime } from "../nemesis/units.ts";
import { printRate, rateOf, takeRate } from "./rate.ts";

const arrivalKinds = ["constant", "poisson", "bursts", "diurnal", "recorded"] as const satisfies readonly ArrivalPlan["kind"][];

/** A plan as its text says it: of a recorded one only where its times are to be read. */
export type ArrivalText = Exclude<ArrivalPlan, { kind: "recorded" }> | { readonly kind: "recorded"; readonly file: string };

/** For the manual. */
export const arrivalHelp: ReadonlyArray<{ readonly example: string; readonly help: string }> = [
  { example: "constant 2k/s", help: "evenly spaced, the CPUs taking turns" },
  { example: "poisson 2k/s", help: "memoryless, as many independent clients make it" },
  { example: "bursts 2k/s on 100ms off 900ms", help: "Poisson while it is on; the rate is the mean over both" },
  { example: "diurnal 2k/s swing 50% every 10s", help: "Poisson, its rate a sine about the mean" },
  { example: "recorded FILE", help: "a time in seconds on each line, ascending" },
];

/** `rate` stands in where the text gives none. */
export const parseArrivals = (text: string, rate?: number): ArrivalText | Problem => attempt(text, (reader) => readPlan(reader, rate));

const readPlan = (reader: Reader, rate: number | undefined): ArrivalText => {
  const kind = takeOneOf(reader, "kind of arrivals", arrivalKinds);
  if (kind === "recorded") return atEnd(reader, { kind, file: take(reader, "a file", (word) => word || undefined) });
  const perSecond = rate !== undefined && rateOf(peek(reader).text) === undefined ? rate : takeRate(reader);
  switch (kind) {
    case "constant":
    case "poisson":
      return atEnd(reader, { kind, perSecond });
    case "bursts": {
      const { onNs, offNs } = takeClauses<{ onNs: number; offNs: number }>(reader, {
        on: (rest) => ({ onNs: takeSomeTime(rest) }),
        off: (rest) => ({ offNs: takeSomeTime(rest) }),
      });
      return { kind, perSecond, onNs: need(reader, onNs, '"on" and a duration'), offNs: need(reader, offNs, '"off" and a duration') };
    }
    case "diurnal": {
      const { percent, everyNs } = takeClauses<{ percent: number; everyNs: number }>(reader, {
        swing: (rest) => ({ percent: take(rest, "a share up to 100%", percentOf) }),
        every: (rest) => ({ everyNs: takeSomeTime(rest) }),
      });
      const swing = need(reader, percent, '"swing" and a share') / 100;
      return { kind, perSecond, swing, everyNs: need(reader, everyNs, '"every" and a duration') };
    }
  }
};

const atEnd = <T>(reader: Reader, value: T): T =>
  peek(reader).text === "" ? value : fail(reader, (place) => `${place} stands behind the plan`);

/** The canonical text: it parses to an equal plan. */
export const printArrivals = (plan: ArrivalText): string => {
  switch (plan.kind) {
    case "constant":
    case "poisson":
      return `${plan.kind} ${printRate(plan.perSecond)}`;
    case "bursts":
      return `bursts ${printRate(plan.perSecond)} on ${printDuration(plan.onNs)} off ${printDuration(plan.offNs)}`;
    case "diurnal":
      return `diurnal ${printRate(plan.perSecond)} swing ${Number((plan.swing * 100).toPrecision(9))}% every ${printDuration(plan.everyNs)}`;
    case "recorded":
      return `recorded ${plan.file}`;
  }
};

/** The times of a recorded plan, in ns from its first, or what is wrong with them and on which line. */
export const parseTimes = (text: string): readonly number[] | { readonly line: number; readonly message: string } => {
  const times: number[] = [];
  for (const [index, raw] of text.split("\n").entries()) {
    const line = raw.trim();
    if (line === "" || line.startsWith("#")) continue;
    const problem = (message: string) => ({ line: index + 1, message });
    if (!/^\d{1,10}(\.\d{1,12})?$/.test(line)) return problem(`"${line}" is not a time in seconds (like 12.000345)`);
    const ns = Math.round(Number(line) * 1e9);
    if (ns < (times.at(-1) ?? 0)) return problem(`${line} is before the time above it`);
    if (times.length === loadLimits.recorded) return problem(`more than ${loadLimits.recorded} times`);
    times.push(ns);
  }
  const [first] = times;
  return first === undefined ? { line: 1, message: "has no times" } : times.map((ns) => ns - first);
};
