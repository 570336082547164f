// Reads the project's own source as syntax trees, for the rules that keep it tidy.
import { readdirSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { parseSync, visitorKeys } from "oxc-parser";

/** A node of the syntax tree, seen without its type: rules ask only for the few fields they know. */
export interface Syntax {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [field: string]: unknown;
}

/** One file. `path` is relative to the root and uses slashes. */
export interface Source {
  readonly path: string;
  readonly text: string;
  readonly program: Syntax;
  readonly comments: readonly { readonly text: string; readonly start: number; readonly end: number; readonly kind: "Line" | "Block" }[];
}

/** Every folder that holds the project's source. */
const folders: readonly string[] = ["shared", "services", "infra", "loadtests", "test", "examples"];

export const parse = (path: string, text: string): Source => {
  const { program, comments, errors } = parseSync(path, text, { sourceType: "module" });
  const [error] = errors;
  if (error !== undefined) throw new SyntaxError(`${path}: ${error.message}`);
  return {
    path,
    text,
    program: program as unknown as Syntax,
    comments: comments.map(({ type, value, start, end }) => ({ text: value, start, end, kind: type })),
  };
};

/** Every file and folder below `folder`, without what tools put there. */
const entriesBelow = (folder: string): { readonly path: string; readonly isFile: boolean }[] =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (entry.name === "node_modules" || entry.name.startsWith(".")) return [];
    const path = join(folder, entry.name);
    return [{ path, isFile: entry.isFile() }, ...(entry.isDirectory() ? entriesBelow(path) : [])];
  });

/** The TypeScript below the root, parsed, and the path of every file and folder, whatever its kind. */
export const readTree = (root: string): { readonly sources: readonly Source[]; readonly paths: readonly string[] } => {
  const present = readdirSync(root).filter((name) => folders.includes(name));
  const entries = present
    .flatMap((folder) => entriesBelow(join(root, folder)))
    .map(({ path, isFile }) => ({ path: relative(root, path).split(sep).join("/"), isFile }));
  const sources = entries
    .filter(({ path, isFile }) => isFile && /\.tsx?$/.test(path))
    .map(({ path }) => parse(path, readFileSync(join(root, path), "utf8")));
  return { sources, paths: entries.map(({ path }) => path) };
};

const isSyntax = (value: unknown): value is Syntax => typeof value === "object" && value !== null && "type" in value;

/** Where a node hangs: in which field of which parent. */
export interface Place {
  readonly parent: Syntax;
  readonly field: string;
}

/** Visits every node below `node`, parents before children. */
export const walk = (node: Syntax, visit: (node: Syntax, place: Place) => void): void => {
  for (const field of visitorKeys[node.type] ?? []) {
    for (const child of [node[field]].flat()) {
      if (!isSyntax(child)) continue;
      visit(child, { parent: node, field });
      walk(child, visit);
    }
  }
};

export const lineOf = (source: Source, offset: number): number => source.text.slice(0, offset).split("\n").length;

/** How a rule names what breaks it: clickable, and short enough to read in a list. */
export const breach = (source: Source, offset: number, what: string): string => `${source.path}:${lineOf(source, offset)} ${what}`;
