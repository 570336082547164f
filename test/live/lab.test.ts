// CPUs on two sites of a real network: a link that is cut in mid-stop and healed, and links that lose packets, delay a stop and no more.
import { execFile, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { assert, describe, it } from "@effect/vitest";
import * as Effect from "effect/Effect";
import { inHub, labProblem } from "../../infra/lab/network.ts";
import { newRun, processesOf } from "./liveRun.ts";
import { directory, executable, until } from "./onServer.ts";

const problem = labProblem();

/** The network namespace that a process is in; undefined if it has ended. */
const namespaceOf = (pid: number): string | undefined => {
  try {
    return readlinkSync(`/proc/${pid}/ns/net`);
  } catch {
    return undefined;
  }
};

const own = namespaceOf(process.pid);

/** Those of a run's processes, but for our own. */
const namespacesOf = (run: string): readonly string[] =>
  processesOf(run)
    .flatMap(({ pid }) => namespaceOf(pid) ?? [])
    .filter((one) => one !== own);

const isInOneOf = (namespaces: ReadonlySet<string>): boolean =>
  readdirSync("/proc").some((pid) => /^\d+$/.test(pid) && namespaces.has(namespaceOf(Number(pid)) ?? ""));

interface Driven {
  readonly ended: string;
  readonly at: number;
  readonly outcomes: ReadonlyArray<readonly [number, string]>;
  readonly cuts: number;
  readonly lost: number;
}

/** The command of a driver in a hub of its own. */
const commandOf = (run: string, what: string) =>
  Effect.gen(function* () {
    const script = fileURLToPath(new URL("labDriver.ts", import.meta.url));
    const folder = mkdtempSync(join(yield* directory, "lab-"));
    return [...inHub, process.execPath, script, yield* executable, folder, run, what];
  });

/** The hub and both sites have been there and are no more, with all who were in them. */
const nothingLeft = (run: string, namespaces: ReadonlySet<string>) => {
  assert.strictEqual(namespaces.size, 3);
  return until("all have ended", () => processesOf(run).length === 0 && !isInOneOf(namespaces));
};

const drive = (what: string) =>
  Effect.gen(function* () {
    const run = newRun();
    const [command = "", ...args] = yield* commandOf(run, what);
    const namespaces = new Set<string>();
    const looking = setInterval(() => namespacesOf(run).forEach((one) => void namespaces.add(one)), 200);
    const { stdout } = yield* Effect.promise(() => promisify(execFile)(command, args, { timeout: 25_000 }));
    clearInterval(looking);
    yield* nothingLeft(run, namespaces);
    return JSON.parse(stdout.slice(stdout.indexOf("{"))) as Driven;
  });

describe.skipIf(problem !== undefined)(`a network of two sites${problem === undefined ? "" : ` (skipped: ${problem})`}`, () => {
  it.live("is cut in two in mid-stop: the stop waits until it is healed, and commits", () =>
    Effect.gen(function* () {
      const { ended, at, outcomes, cuts } = yield* drive("prepare");
      assert.strictEqual(ended, "finished");
      assert.isAbove(cuts, 0);
      assert.deepStrictEqual(outcomes, [[1, "committed"]]);
      assert.isAbove(at, 1_500e6);
    }),
  );

  it.live("that loses some of all packets commits all the same", () =>
    Effect.gen(function* () {
      const { ended, outcomes, lost } = yield* drive("loss");
      assert.isAbove(lost, 0);
      assert.strictEqual(ended, "finished");
      assert.deepStrictEqual(outcomes, [[1, "committed"]]);
    }),
  );

  it.live("is gone when its driver is killed while a link is cut", () =>
    Effect.gen(function* () {
      const run = newRun();
      const [command = "", ...args] = yield* commandOf(run, "prepare");
      const driver = spawn(command, args, { stdio: ["ignore", "pipe", "inherit"] });
      let printed = "";
      driver.stdout.on("data", (chunk) => {
        printed += String(chunk);
      });
      yield* until("the link is cut", () => printed.includes("cut"), 15_000);
      const namespaces = new Set(namespacesOf(run));
      driver.kill("SIGKILL");
      yield* nothingLeft(run, namespaces);
    }),
  );
});
