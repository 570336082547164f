// How the text of a setting becomes its value, wherever the text came from; and how a value is printed so that it reads back.
import { didYouMean } from "../../../shared/machine/badInput.ts";

/** Why a text is no value of its kind. Whoever knows where the text stood says so in front of it. */
export class WrongValue extends Error {
  override readonly name = "WrongValue";
}

export interface Kind<T> {
  /** Stands for the value in help: `COUNT`. */
  readonly metavar: string;
  /** Throws WrongValue. */
  read(text: string): T;
  /** A text that reads as the value. */
  print(value: T): string;
}

const wrong = (text: string, expected: string): never => {
  throw new WrongValue(text === "" ? `is empty: expected ${expected}` : `"${text}" is not ${expected}`);
};

/** A whole number; `_` may part its digits. */
export const count = (least: number, most: number): Kind<number> => ({
  metavar: "COUNT",
  read: (text) => {
    const expected = `a whole number from ${least} to ${most}`;
    if (!/^\d[\d_]*$/.test(text)) return wrong(text, expected);
    const value = Number(text.replaceAll("_", ""));
    return value >= least && value <= most ? value : wrong(text, expected);
  },
  print: String,
});

const units: Readonly<Record<string, number>> = { ns: 1, us: 1e3, µs: 1e3, ms: 1e6, s: 1e9, m: 60e9, min: 60e9, h: 3600e9 };

/** The longest duration: eleven days, so that sums of several are exact. */
const longestNs = 1e15;

/** In integer ns. */
export const duration: Kind<number> = {
  metavar: "DURATION",
  read: (text) => {
    const match = /^(\d{1,9}(?:\.\d{1,9})?)([a-zµ]*)$/.exec(text);
    const unit = match?.[2] ?? "";
    const expected = "a duration (like 200us, 20s or 2min)";
    if (match === null) return wrong(text, expected);
    if (unit === "") throw new WrongValue(`"${text}" has no unit: expected ${expected}`);
    const ns = Object.hasOwn(units, unit) ? Number(match[1]) * (units[unit] as number) : undefined;
    if (ns === undefined)
      throw new WrongValue(`"${text}" has an unknown unit${didYouMean(unit, Object.keys(units))}: expected ${expected}`);
    // A decimal fraction of a unit is rarely exact in binary.
    const whole = Math.round(ns);
    return whole >= 1 && whole <= longestNs ? whole : wrong(text, "between 1ns and 11 days");
  },
  print: (ns) => {
    const unit = ["s", "ms", "us"].find((name) => ns % (units[name] as number) === 0) ?? "ns";
    return `${ns / (units[unit] as number)}${unit}`;
  },
};

const sizes: Readonly<Record<string, number>> = { MB: 2 ** 20, GB: 2 ** 30 };

/** An amount of memory, in bytes. */
export const size: Kind<number> = {
  metavar: "SIZE",
  read: (text) => {
    const [, digits = "", unit = ""] = /^(\d{1,9}(?:\.\d{1,9})?)(MB|GB)$/.exec(text) ?? [];
    const bytes = Math.round(Number(digits) * (sizes[unit] ?? 0));
    return bytes > 0 ? bytes : wrong(text, "an amount of memory (like 512MB or 8GB)");
  },
  print: (bytes) => `${bytes / 2 ** 20}MB`,
};

/** One of a few words; of many, help names only the kind. */
export const word = <const W extends string>(words: readonly W[], metavar: string = words.join("|")): Kind<W> => ({
  metavar,
  read: (text) => {
    const found = words.find((known) => known === text);
    if (found !== undefined) return found;
    throw new WrongValue(`"${text}" is not one of ${words.join(", ")}${didYouMean(text, words)}`);
  },
  print: String,
});

export const text = (metavar: string): Kind<string> => ({
  metavar,
  read: (given) => (given === "" ? wrong(given, `a ${metavar.toLowerCase()}`) : given),
  print: String,
});
