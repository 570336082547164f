// One long live run of many patches under load, whose processes are watched from the outside: does anything grow?
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Load } from "../../shared/report/loadSummary.ts";
import { familyOf, leftOf, type Row } from "./processes.ts";
import type { Sample } from "./trend.ts";

const main = fileURLToPath(new URL("../../services/cli/main.ts", import.meta.url));

const liveHeap = new URL("liveHeap.ts", import.meta.url).href;

const lookMs = 1_000;

export interface GrowthSoak {
  readonly patches: number;
  readonly cpus: number;
  readonly model: string;
  readonly seed: number;
  /** Requests, calls and reschedules between CPUs, a second of the whole machine. */
  readonly rate: string;
  readonly calls: string;
  readonly reschedules: string;
}

export const quantities = ["rssMb", "heapMb", "files", "diskMb"] as const;
export type Quantity = (typeof quantities)[number];

/** What was seen of one process, or directory. */
export interface Track {
  readonly name: string;
  readonly quantity: Quantity;
  /** While the machine runs; else what is put together and measured of it afterwards. */
  readonly during: boolean;
  readonly samples: Sample[];
}

export interface GrowthOutcome {
  readonly document: Load | null;
  readonly complaints: string;
  readonly seconds: number;
  readonly tracks: readonly Track[];
  readonly left: readonly string[];
}

const flagsOf = ({ patches, cpus, model, seed, rate, calls, reschedules }: GrowthSoak): readonly string[] => [
  ...["load", "--engine", "live", "--json", "--no-progress", "--cpus", `${cpus}`, "--models", model, "--seed", `${seed}`],
  // Patch after patch: the next is due as soon as the one before has ended.
  ...["--patches", `${patches}`, "--patch-every", "1ms", "--warm-up", "2s", "--cool-down", "2s"],
  ...["--rate", rate, "--calls", calls, "--reschedules", reschedules, "--time-limit", `${600 + Math.ceil(patches / 5)}s`],
];

const nameOf = ({ process: [, what] }: Row): string | null => {
  if (/^\d+ \S+ \S*nats-server /.test(what)) return "nats-server";
  if (what.includes("recorder/main")) return "recorder";
  return /main\.\w+ ((?:host|coordinator)-\d+) \S+$/.exec(what)?.[1] ?? null;
};

/** Of the server that was started for the run: its own store, wherever that is. */
const storeOf = ({ process: [, what] }: Row): string | null => {
  const config = /\s(\/\S+\/)[^/\s]+\.conf\b/.exec(what)?.[1];
  return config === undefined ? null : join(config, "jetstream");
};

const bytesIn = (directory: string): number => {
  let bytes = 0;
  for (const entry of readdirSync(directory, { withFileTypes: true, recursive: true }))
    if (entry.isFile()) bytes += statSync(join(entry.parentPath, entry.name)).size;
  return bytes;
};

/** Megabytes of memory that a process has, and how many files, pipes and sockets it has open. */
const seenOf = (pid: number): { readonly rssMb: number; readonly files: number } => ({
  rssMb: Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) / 1024,
  files: readdirSync(`/proc/${pid}/fd`).length,
});

class Looks {
  private readonly byKey = new Map<string, Track>();
  private readonly began = performance.now();
  private readonly heaps: string;
  /** Its processes are there. */
  during = true;

  /** `heaps`: where each process writes down what is left of its heap after a collection. */
  constructor(heaps: string) {
    this.heaps = heaps;
  }

  get tracks(): readonly Track[] {
    return [...this.byKey.values()].sort((a, b) => quantities.indexOf(a.quantity) - quantities.indexOf(b.quantity));
  }

  process(name: string, pid: number): void {
    this.note(() => {
      const { rssMb, files } = seenOf(pid);
      this.add(name, "rssMb", rssMb);
      this.add(name, "files", files);
    });
    this.note(() => {
      const left = readFileSync(join(this.heaps, `${pid}`), "utf8")
        .trim()
        .split("\n")
        .at(-1);
      this.add(name, "heapMb", Number(left) / 2 ** 20);
    });
  }

  directory(name: string, path: string): void {
    this.note(() => this.add(name, "diskMb", bytesIn(path) / 2 ** 20));
  }

  /** What has just ended, or been removed, is not there to be looked at. */
  private note(look: () => void): void {
    try {
      look();
    } catch (error) {
      if (!["ENOENT", "ESRCH"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
    }
  }

  private add(name: string, quantity: Quantity, value: number): void {
    const key = `${name} ${quantity}`;
    const track = this.byKey.get(key) ?? { name, quantity, during: this.during, samples: [] };
    this.byKey.set(key, track);
    track.samples.push({ seconds: (performance.now() - this.began) / 1000, value });
  }
}

/** The driver does two things one after the other: it drives, and then it measures what the recorder has put together. */
const watch = async (driver: number, looks: Looks, isOver: () => boolean): Promise<ReadonlyMap<string, string>> => {
  const seen = new Map<string, string>();
  let begun = false;
  while (!isOver()) {
    const family = familyOf(driver);
    for (const { process } of family) seen.set(...process);
    const named = family.flatMap((row) => {
      const name = nameOf(row);
      return name === null ? [] : [{ row, name }];
    });
    const drives = named.some(({ name }) => name.startsWith("host"));
    // Before they are the driver has hardly begun.
    if (drives) begun = true;
    looks.during = drives;
    if (begun) looks.process(drives ? "driver" : "driver, measuring", driver);
    for (const { row, name } of named) {
      looks.process(name, row.pid);
      const store = storeOf(row);
      if (store !== null) looks.directory("JetStream's store", store);
    }
    await sleep(lookMs);
  }
  return seen;
};

export const growthSoak = async (soak: GrowthSoak): Promise<GrowthOutcome> => {
  const started = performance.now();
  const heaps = mkdtempSync(join(tmpdir(), "soak-"));
  const env = { ...process.env, SOAK_HEAPS: heaps, NODE_OPTIONS: `--import=${liveHeap}` };
  const child = spawn(process.execPath, [main, ...flagsOf(soak)], { stdio: ["ignore", "pipe", "pipe"], env });
  const interrupt = (): void => void child.kill("SIGINT");
  process.once("SIGINT", interrupt);
  const looks = new Looks(heaps);
  let isOver = false;
  const watched = watch(child.pid ?? -1, looks, () => isOver);
  const [printed, complaints] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
  isOver = true;
  const left = leftOf(await watched);
  process.off("SIGINT", interrupt);
  rmSync(heaps, { recursive: true });
  const seconds = (performance.now() - started) / 1000;
  const document = printed.trim() === "" ? null : (JSON.parse(printed) as Load);
  return { document, complaints: complaints.trim(), seconds, tracks: looks.tracks, left };
};
