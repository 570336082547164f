// Two results side by side: every number and word by its path, and which differ by more than they may.
import * as Schema from "effect/Schema";
import { didYouMean } from "../machine/badInput.ts";

/** How far two numbers may be apart: a share of the larger, or an absolute amount. */
export type Tolerance = { readonly share: number } | { readonly amount: number };

export interface DiffOptions {
  /** For every path that no rule is for. */
  readonly tolerance: Tolerance;
  /** Longest match wins; `*` stands for any one step of a path. */
  readonly rules: ReadonlyArray<{ readonly path: string; readonly tolerance: Tolerance | "ignore" }>;
}

const Leaf = Schema.NullOr(Schema.Union([Schema.String, Schema.Finite, Schema.Boolean]));
export type Leaf = typeof Leaf.Type;

const Difference = Schema.Struct({
  path: Schema.String,
  /** Undefined: the other one has no such path. */
  a: Schema.optional(Leaf),
  b: Schema.optional(Leaf),
  /** `b / a - 1` of two numbers, the first not 0. */
  change: Schema.NullOr(Schema.Finite),
  beyond: Schema.Boolean,
});
export type Difference = typeof Difference.Type;

export const Diff = Schema.Struct({
  schema: Schema.Literal("quiesce.diff/1"),
  a: Schema.String,
  b: Schema.String,
  /** Paths that were compared, and those that were not to be. */
  compared: Schema.Finite,
  ignored: Schema.Finite,
  /** Whatever is not equal, what is beyond its tolerance first. */
  differences: Schema.Array(Difference),
  beyond: Schema.Finite,
}).annotate({ identifier: "Diff" });
export type Diff = typeof Diff.Type;

/** What says which run it was, or how long the harness took, and nothing of what came of it. */
export const usuallyIgnored: readonly string[] = ["run", "**.resources.*", "resources.*", "**.wallMs", "**.host*"];

/** What JSON gives: what is no object is a leaf. */
const isLeaf = (value: unknown): value is Leaf => value === null || typeof value !== "object";

/** Members of lists are known by what names them, where they all have such a key, so that a row more shifts no other. */
const nameKeys: readonly string[] = ["name", "model", "key", "cell", "text", "cause"];

const nameOf = (item: unknown, key: string): string | undefined => {
  const found = item !== null && typeof item === "object" ? (item as Readonly<Record<string, unknown>>)[key] : undefined;
  return typeof found === "string" ? found : undefined;
};

const keyOf = (items: readonly unknown[]): string | undefined =>
  nameKeys.find((key) => {
    const names = items.map((item) => nameOf(item, key));
    return names.every((name) => name !== undefined) && new Set(names).size === names.length;
  });

const leavesInto = (value: unknown, path: string, leaves: Map<string, Leaf>): void => {
  if (isLeaf(value)) {
    leaves.set(path, value);
    return;
  }
  // An empty list is something else than none.
  if (path !== "" && Object.keys(value as object).length === 0) leaves.set(path, Array.isArray(value) ? "[]" : "{}");
  const key = Array.isArray(value) ? keyOf(value) : undefined;
  for (const [step, inner] of Object.entries(value as object) as ReadonlyArray<[string, unknown]>) {
    const name = key === undefined ? step : (nameOf(inner, key) as string);
    leavesInto(inner, path === "" ? name : `${path}.${name}`, leaves);
  }
};

/** Every leaf of a document by its path; a list's members by their names or places. */
export const leavesOf = (document: unknown): ReadonlyMap<string, Leaf> => {
  const leaves = new Map<string, Leaf>();
  leavesInto(document, "", leaves);
  return leaves;
};

/** `cells.*.latencyUs.during.p99`, with `*` for one step and `**` for any number of them. */
const patternOf = (path: string): RegExp => {
  const escaped = path.replaceAll(/[.+?^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`^${escaped.replaceAll("**\\.", "(?:.+\\.)?").replaceAll("*", "[^.]*")}(?:\\..*)?$`);
};

const isBeyond = (a: number, b: number, tolerance: Tolerance): boolean => {
  const apart = Math.abs(a - b);
  return "share" in tolerance ? apart > tolerance.share * Math.max(Math.abs(a), Math.abs(b)) : apart > tolerance.amount;
};

const differenceOf = (path: string, a: Leaf | undefined, b: Leaf | undefined, tolerance: Tolerance): Difference => {
  const numbers = typeof a === "number" && typeof b === "number";
  return {
    path,
    a,
    b,
    change: numbers && a !== 0 ? b / a - 1 : null,
    beyond: numbers ? isBeyond(a, b, tolerance) : true,
  };
};

const toleranceFor = ({ tolerance, rules }: DiffOptions): ((path: string) => Tolerance | "ignore") => {
  const patterns = rules
    .map(({ path, tolerance: own }) => ({ length: path.length, pattern: patternOf(path), own }))
    .toSorted((a, b) => b.length - a.length);
  return (path) => patterns.find(({ pattern }) => pattern.test(path))?.own ?? tolerance;
};

const bySize = (a: Difference, b: Difference): number =>
  Number(b.beyond) - Number(a.beyond) || Math.abs(b.change ?? Infinity) - Math.abs(a.change ?? Infinity) || (a.path < b.path ? -1 : 1);

export const diffOf = (a: { name: string; document: unknown }, b: { name: string; document: unknown }, options: DiffOptions): Diff => {
  const [left, right] = [leavesOf(a.document), leavesOf(b.document)];
  const tolerance = toleranceFor(options);
  const differences: Difference[] = [];
  let ignored = 0;
  const paths = new Set([...left.keys(), ...right.keys()]);
  for (const path of paths) {
    const own = tolerance(path);
    if (own === "ignore") ignored++;
    else if (left.get(path) !== right.get(path)) differences.push(differenceOf(path, left.get(path), right.get(path), own));
  }
  return {
    schema: "quiesce.diff/1",
    a: a.name,
    b: b.name,
    compared: paths.size - ignored,
    ignored,
    differences: differences.toSorted(bySize),
    beyond: differences.filter(({ beyond }) => beyond).length,
  };
};

/** The rules that are for no path of either document: misspelt, most likely. */
export const idleRules = (rules: DiffOptions["rules"], documents: readonly unknown[]): readonly string[] => {
  const paths = [...new Set(documents.flatMap((document) => [...leavesOf(document).keys()]))];
  return rules
    .filter(({ path }) => !paths.some((known) => patternOf(path).test(known)))
    .map(({ path }) => `no path of either is "${path}"${didYouMean(path, paths)}`);
};
