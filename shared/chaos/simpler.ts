// Faults that say less than a given one, or say it in rounder numbers: what a minimiser tries in its place.
//
// A fault is simplified as the text that it is written as, word by word: whatever still reads as a fault, and is simpler, is worth a try.
// So a new fault or clause of the grammar needs nothing here.
import { parse } from "../machine/cpuSet.ts";
import { isProblem, parseFault, printFault } from "../nemesis/grammar.ts";
import type { Fault } from "../nemesis/registry.ts";
import { printDuration } from "../nemesis/units.ts";
import { messageKinds } from "../protocol/messages.ts";

const unitNs: Readonly<Record<string, number>> = { ns: 1, us: 1e3, ms: 1e6, s: 1e9 };

const durationNs = (word: string): number | undefined => {
  const match = /^(\d+(?:\.\d+)?)(ns|us|ms|s)$/.exec(word);
  return match === null ? undefined : Math.round(Number(match[1]) * (unitNs[match[2] ?? ""] ?? 0));
};

const roundDurations = [1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9].flatMap((ns) => [ns, 2 * ns, 5 * ns]);

/** So many digits, downwards. */
const rounded = (ns: number, digits: number): number => {
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(1, ns))) - digits + 1);
  return Math.floor(ns / unit) * unit;
};

const simplerDurations = (word: string): readonly string[] => {
  const ends = word.split("..").map(durationNs);
  const [low, high = low] = ends;
  if (low === undefined || high === undefined || ends.length > 2) return [];
  const single = ends.length === 2 ? [low, high] : [];
  return [...roundDurations.filter((ns) => ns < high), rounded(high, 1), rounded(high, 2), rounded(high, 3), ...single].map(printDuration);
};

/** Each CPU of a list by itself. */
const simplerCpus = (word: string): readonly string[] => {
  const set = /^\d/.test(word) ? parse(word) : undefined;
  return set === undefined || (set.length === 2 && set[0] === set[1]) ? [] : [...new Set(set)].map(String);
};

const isKind = (word: string): boolean => word === "any" || messageKinds.some((kind) => kind === word);

const ordinals = ["1st", "2nd", "3rd", "4th"];

/** What may stand for one word. */
const substitutes = (word: string): readonly string[] => {
  if (word === "any") return messageKinds;
  if (/^x\d/.test(word)) return ["x2", "x10"];
  if (/^\d+(st|nd|rd|th)$/.test(word)) return ordinals;
  return [...simplerDurations(word), ...simplerCpus(word)];
};

/** Texts with a few words less, or with other words. */
const variants = (words: readonly string[]): readonly string[] => {
  const texts: string[][] = [];
  for (let length = Math.min(4, words.length - 1); length >= 1; length--)
    for (let at = 1; at + length <= words.length; at++) texts.push([...words.slice(0, at), ...words.slice(at + length)]);
  for (const [at, word] of words.entries()) {
    for (const other of substitutes(word)) texts.push(words.with(at, other));
    if (word.endsWith("%")) for (const nth of ordinals) texts.push([...words.slice(0, at), nth, ...words.slice(at + 2)]);
    if (isKind(word)) for (const nth of ordinals) texts.push([...words.slice(0, at), nth, ...words.slice(at)]);
  }
  return texts.map((text) => text.join(" "));
};

/** One packet by its number, or no packet at all; every packet; some packets by chance. */
const reachOf = (words: readonly string[]): number => {
  if (words.some((word) => /^\d+(st|nd|rd|th)$/.test(word))) return 0;
  if (words.some((word) => word.endsWith("%"))) return 2;
  return words.some(isKind) ? 1 : 0;
};

/** How much there is to understand: how far it reaches before words, words before how long things take. */
const costOf = (text: string): readonly number[] => {
  const words = text.split(" ");
  const vague = words.filter((word) => word === "any").length;
  const ns = words.flatMap((word) => word.split("..")).reduce((sum, word) => sum + (durationNs(word) ?? 0), 0);
  return [reachOf(words), words.length, vague, ns, text.length, Number(/\d+(?=st|nd|rd|th)/.exec(text)?.[0] ?? 0)];
};

const isLess = (a: readonly number[], b: readonly number[]): boolean => {
  const at = a.findIndex((value, i) => value !== b[i]);
  return at >= 0 && (a[at] as number) < (b[at] as number);
};

/** Simpler faults, the simplest first. */
export const simplerFaults = (fault: Fault): readonly Fault[] => {
  const text = printFault(fault);
  const found = new Map<string, Fault>();
  for (const variant of variants(text.split(" "))) {
    const parsed = parseFault(variant);
    if (isProblem(parsed)) continue;
    const canonical = printFault(parsed);
    if (isLess(costOf(canonical), costOf(text))) found.set(canonical, parsed);
  }
  return [...found].toSorted(([a], [b]) => (isLess(costOf(a), costOf(b)) ? -1 : 1)).map(([, simpler]) => simpler);
};
