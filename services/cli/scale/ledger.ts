// The folder of a sweep as it grows: the plan that it was begun with, a line for every run that has ended, and who is at work in it.
//
// A line is written whole before anything else is done, so that a driver that is killed loses at most what was under way. What a torn
// write left at the end of the file is cut off when the sweep goes on.
import { randomBytes } from "node:crypto";
import {
  closeSync,
  existsSync,
  linkSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { BadInput } from "../../../shared/machine/badInput.ts";
import { type RunRecord, readRecords, recordLine } from "../../../shared/scale/record.ts";
import { keptRunFolder, type RunFolder } from "../../recorder/runFolder.ts";
import { json, writeManifest } from "../manifestFile.ts";
import type { Sweep } from "./sweep.ts";

const runsName = "runs.ndjson";
const planName = "plan.json";
const lockName = "driver.pid";

/** What must be the same for a sweep to go on. */
interface Plan {
  readonly schema: "quiesce.sweep-plan/1";
  readonly code: string;
  /** Names the sweep in a queue: two of the same plan in different folders are different. */
  readonly queue: string;
  readonly firstSeed: number;
  readonly policy: Sweep["policy"];
  readonly cells: ReadonlyArray<{ readonly key: string; readonly digest: string }>;
}

const planOf = ({ code, firstSeed, policy, cells }: Sweep): Omit<Plan, "queue"> => ({
  schema: "quiesce.sweep-plan/1",
  code,
  firstSeed,
  policy,
  cells: cells.map(({ key, digest }) => ({ key, digest })),
});

/** Why a sweep that was begun by `begun` cannot go on as `now`. */
const whyDifferent = (begun: Plan, now: Omit<Plan, "queue">): string | undefined => {
  if (begun.code !== now.code)
    return `it was begun by other code (${begun.code}, this is ${now.code}), whose results would not be comparable`;
  const changed = now.cells.find(({ key, digest }) => begun.cells.find((cell) => cell.key === key)?.digest !== digest);
  if (changed !== undefined)
    return `the cell ${changed.key} is not what it was: a workload, profile or patch that it names has changed since`;
  const { queue: _, ...plan } = begun;
  return JSON.stringify(plan) === JSON.stringify(now) ? undefined : "its plan is another one";
};

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
};

const ownerIn = (file: string): number => Number(readFileSync(file, "utf8"));

const errorCode = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code;

/** Made whole or not at all, and never over another's. False if there is one. */
const claim = (file: string): boolean => {
  const own = `${file}.${process.pid}`;
  writeFileSync(own, `${process.pid}\n`);
  try {
    linkSync(own, file);
    return true;
  } catch (error) {
    if (errorCode(error) === "EEXIST") return false;
    throw error;
  } finally {
    rmSync(own);
  }
};

/** What a killed driver left behind goes; unless another has taken it over in this very moment, and its own stands there now. */
const clearAway = (file: string, dead: number): void => {
  const aside = `${file}.${process.pid}.old`;
  try {
    renameSync(file, aside);
    if (ownerIn(aside) !== dead) linkSync(aside, file);
    rmSync(aside);
  } catch (error) {
    if (errorCode(error) !== "ENOENT") throw error;
  }
};

/** Two drivers in one folder would make every run twice. */
const lock = (path: string): void => {
  const file = join(path, lockName);
  if (claim(file)) return;
  const owner = ownerIn(file);
  if (owner === process.pid || !isAlive(owner)) {
    clearAway(file, owner);
    if (claim(file)) return;
  }
  throw new BadInput(path, "", `process ${ownerIn(file)} is at work in it: wait for it, or remove ${file} if that is something else`);
};

/** Cuts off a last line that was not written to its end. True if there was one. */
const heal = (file: string): boolean => {
  const bytes = readFileSync(file);
  const whole = bytes.lastIndexOf(10) + 1;
  if (whole === bytes.length) return false;
  truncateSync(file, whole);
  return true;
};

export class Ledger {
  readonly folder: RunFolder;
  /** Of former drivers. */
  readonly before: readonly RunRecord[];
  readonly queue: string;
  private readonly file: number;

  private constructor(folder: RunFolder, before: readonly RunRecord[], queue: string) {
    this.folder = folder;
    this.before = before;
    this.queue = queue;
    this.file = openSync(join(folder.path, runsName), "a");
  }

  /** Begins the sweep's folder, or goes on in it. */
  static open(sweep: Sweep, onNotice: (text: string) => void): Ledger {
    const folder = keptRunFolder(sweep.first.out, `scale-${sweep.id}`);
    lock(folder.path);
    try {
      const plan = Ledger.plan(folder, sweep);
      return new Ledger(folder, Ledger.read(join(folder.path, runsName), sweep, onNotice), plan.queue);
    } catch (error) {
      rmSync(join(folder.path, lockName));
      throw error;
    }
  }

  private static plan(folder: RunFolder, sweep: Sweep): Plan {
    const now = planOf(sweep);
    const file = join(folder.path, planName);
    if (!existsSync(file)) {
      const plan = { ...now, queue: randomBytes(6).toString("hex") };
      writeManifest(folder, "scale", sweep.first, { sweep: { ...plan, axes: sweep.axes } });
      folder.write("repro.txt", `${sweep.repro}\n`);
      folder.write(planName, json(plan));
      return plan;
    }
    const begun = JSON.parse(readFileSync(file, "utf8")) as Plan;
    const why = whyDifferent(begun, now);
    if (why !== undefined) throw new BadInput(folder.path, "", `cannot go on: ${why}; remove the folder, or give another one with --out`);
    return begun;
  }

  private static read(file: string, { cells, firstSeed, policy }: Sweep, onNotice: (text: string) => void): readonly RunRecord[] {
    if (!existsSync(file)) return [];
    if (heal(file)) onNotice(`${file}: the last line was torn, and is cut off: its run is made again`);
    const keys = new Set(cells.map(({ key }) => key));
    const seen = new Set<string>();
    return readRecords(file, readFileSync(file, "utf8")).map((record, i) => {
      const { cell, seed } = record;
      const run = `${cell} ${seed}`;
      const fail = (message: string): BadInput => new BadInput(file, `line ${i + 1}`, message);
      if (!keys.has(cell)) throw fail(`"${cell}" is no cell of this sweep`);
      if (seed < firstSeed || seed >= firstSeed + policy.most) throw fail(`seed ${seed} is none of this sweep`);
      if (seen.has(run)) throw fail(`cell ${cell} with seed ${seed} is there twice`);
      seen.add(run);
      return record;
    });
  }

  /** Survives this process. */
  append(record: RunRecord): void {
    const bytes = Buffer.from(recordLine(record), "utf8");
    for (let done = 0; done < bytes.length; ) done += writeSync(this.file, bytes, done);
  }

  close(): void {
    closeSync(this.file);
    rmSync(join(this.folder.path, lockName), { force: true });
  }
}
