// Who may import whom: the layers of the design as data, and the check that every import points down.
import { isBuiltin } from "node:module";
import { posix } from "node:path";
import { breach, type Source, type Syntax, walk } from "./source.ts";

/** What each folder of shared/ may import besides itself. */
const below: Readonly<Record<string, readonly string[]>> = {
  machine: [],
  stats: ["machine"],
  // Drawings of figures that somebody else has computed.
  figure: [],
  kernel: ["machine"],
  consistency: ["machine", "kernel"],
  protocol: ["machine", "kernel", "consistency"],
  // A kernel with livepatches on top of the protocol, carried by parts of the virtual engine: nobody but tests and services needs it.
  livepatch: ["machine", "kernel", "consistency", "protocol", "nemesis", "virtual"],
  // Who builds machines from the setup of a run builds the mutant that it names.
  mutants: ["machine", "kernel", "consistency", "protocol"],
  oracle: ["machine", "kernel", "consistency", "protocol"],
  nemesis: ["machine", "kernel", "consistency", "protocol"],
  journal: ["machine", "kernel", "consistency", "protocol", "mutants", "oracle", "nemesis"],
  // The engines write the journal and never see each other.
  virtual: ["machine", "kernel", "consistency", "protocol", "mutants", "oracle", "nemesis", "journal"],
  explore: ["machine", "kernel", "consistency", "protocol", "mutants", "oracle", "nemesis", "journal"],
  live: ["machine", "kernel", "consistency", "protocol", "mutants", "oracle", "nemesis", "journal"],
  // What users felt of a run, and what its load is.
  load: ["machine", "kernel", "protocol", "mutants", "oracle", "nemesis"],
  // Studies of many virtual runs.
  chaos: ["machine", "kernel", "consistency", "protocol", "mutants", "oracle", "nemesis", "journal", "stats", "virtual"],
  // What a sweep is to run, and how often.
  scale: ["machine", "stats"],
  report: [
    "machine",
    "kernel",
    "consistency",
    "protocol",
    "oracle",
    "nemesis",
    "journal",
    "stats",
    "virtual",
    "chaos",
    "scale",
    "load",
    "figure",
  ],
  // Journals drawn for the tools of others, in the words of the other pictures.
  trace: ["machine", "protocol", "nemesis", "journal", "chaos", "report", "figure"],
  // What the page computes before it draws: recorded, virtual and live runs as columns, what a view shows of them, what a click means.
  page: ["machine", "protocol", "oracle", "nemesis", "journal", "virtual", "live", "chaos", "report", "trace", "figure"],
};

/** The folders that touch the world: input and output, clocks, waiting. Everything else is a pure function of what it is given. */
const impure: readonly string[] = ["shared/live/", "shared/report/", "services/", "infra/", "loadtests/", "test/"];

export const isPure = ({ path }: Source): boolean => !impure.some((folder) => path.startsWith(folder));

interface Import {
  readonly specifier: string;
  readonly offset: number;
}

/** Every module that a file names: imports and re-exports, of values and of types, static and dynamic. */
const importsOf = (source: Source): readonly Import[] => {
  const imports: Import[] = [];
  walk(source.program, (node) => {
    const named = node.source as Syntax | null | undefined;
    if (typeof named?.value === "string") imports.push({ specifier: named.value, offset: node.start });
  });
  return imports;
};

/** Where a path belongs: a folder of shared/, or one of the top level. */
const unitOf = (path: string): string => {
  const [top = "", folder = ""] = path.split("/");
  return top === "shared" ? folder : top;
};

/** Programs are tested as programs; these are made of a part of one, as another program would be. */
const madeOfServices: readonly string[] = ["test/cli/commandServer.ts"];

const mayImport = (from: string, to: string): boolean => {
  if (from === to) return true;
  const toShared = to in below;
  switch (from) {
    case "services":
      return toShared || to === "infra";
    case "loadtests":
      return toShared || to === "infra";
    case "test":
      return toShared || to === "infra" || to === "loadtests";
    default:
      return below[from]?.includes(to) ?? false;
  }
};

/** Every import that points up or sideways. */
export const againstTheArrows = (source: Source): readonly string[] => {
  const from = unitOf(source.path);
  return importsOf(source).flatMap(({ specifier, offset }) => {
    if (!specifier.startsWith(".")) return [];
    const to = unitOf(posix.join(posix.dirname(source.path), specifier));
    return mayImport(from, to) || (to === "services" && madeOfServices.includes(source.path))
      ? []
      : [breach(source, offset, `${from} may not import ${to}`)];
  });
};

/** Every folder of shared/ that the layers do not know. */
export const unknownLayer = ({ path }: Source): readonly string[] =>
  path.startsWith("shared/") && !(unitOf(path) in below) ? [`${path} is in no layer: add its folder to the arrows`] : [];

/** What a browser runs: it has a clock, and no Node. Its bundler runs in Node. */
const isOfPage = ({ path }: Source): boolean => path.startsWith("services/dashboard/") && !path.endsWith("/vite.config.ts");

/** Every built-in module of Node that a pure file, or one of the page, imports. */
export const importsNode = (source: Source): readonly string[] =>
  isPure(source) || isOfPage(source)
    ? importsOf(source)
        .filter(({ specifier }) => isBuiltin(specifier))
        .map(({ specifier, offset }) => breach(source, offset, `imports ${specifier}`))
    : [];
