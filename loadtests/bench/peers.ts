// Builds the explorers of others for the graph of `rendezvous.py`, where they are installed, and says how to install them where not.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Sampler } from "./measure.ts";
import { start } from "./program.ts";

const generator = fileURLToPath(new URL("../peers/rendezvous.py", import.meta.url));

/** The size of the graph, so that nobody is timed on another one. */
export interface Graph {
  readonly cpus: number;
  readonly retries: number;
  readonly states: number;
  readonly transitions: number;
}

const makeFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), "bench-explore-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  return folder;
};

/** Runs shell text in the folder: these tools write their files where they are run. */
const inFolder = (folder: string, script: string): Promise<string> =>
  start({ command: "sh", args: ["-c", `cd "$0" && ${script}`, folder], pinned: false, timeLimitMs: 600_000 }).output;

const built = (folder: string, script: string, hint: string): Promise<string | undefined> =>
  inFolder(folder, script).then(
    () => folder,
    (error: Error) => {
      process.stderr.write(`${error.message}\n${hint}\n`);
      return undefined;
    },
  );

/** Times one whole search, which must find every state. */
const timed =
  (folder: string, script: string, found: RegExp, { states, transitions }: Graph): Sampler =>
  async () => {
    const startedAt = performance.now();
    const output = await inFolder(folder, script);
    const seconds = (performance.now() - startedAt) / 1000;
    const counted = Number(found.exec(output)?.[1]);
    if (counted !== states) throw new Error(`${script} found ${counted} states, not ${states}`);
    return { seconds, millionPerSecond: transitions / seconds / 1e6 };
  };

/** Spin without its partial-order reduction, compiled for safety only; that the graph has ends is no error. */
export const spin = async (graph: Graph): Promise<Sampler | undefined> => {
  const flags = "-O3 -march=native -DSAFETY -DNOREDUCE -DNOBOUNDCHECK -DNOFAIR";
  const script = `python3 ${generator} ${graph.cpus} ${graph.retries} && spin -a flat.pml && gcc ${flags} -o pan pan.c`;
  const folder = await built(makeFolder(), script, "Spin is not installed, so its row is left out: apt-get install spin gcc");
  return folder === undefined ? undefined : timed(folder, "./pan -E -m20000 -w24", /(\d+) states, stored/, graph);
};

/** rumur on one thread, like the others; `symmetric`: CPUs are a scalarset. */
export const rumur = async (graph: Graph, symmetric: boolean): Promise<Sampler | undefined> => {
  const model = symmetric ? "flat-sym.m" : "flat.m";
  const script = `python3 ${generator} ${graph.cpus} ${graph.retries} && rumur --threads 1 --deadlock-detection off --output r.c ${model} && gcc -std=c11 -O3 -march=native -mcx16 -o r r.c -lpthread`;
  const folder = await built(makeFolder(), script, "rumur is not installed, so its row is left out: apt-get install rumur gcc");
  return folder === undefined ? undefined : timed(folder, "./r", /(\d+) states, /, graph);
};
