// Hosts that are started by hand join a run, leave it, fall silent and come back; and coordinators that are started twice.
import { execFile } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { assert, describe, it } from "@effect/vitest";
import * as Effect from "effect/Effect";
import type { Summary } from "../../shared/report/summary.ts";
import { askedFor, type Command, heardOf, joinedRun, main, outcomeOf, signalCoordinator, signalHost } from "./joinedRun.ts";
import { newRun, processesOf } from "./liveRun.ts";
import { directory, plainServer, until } from "./onServer.ts";

/** Six CPUs on three hosts; a fault holds the first stop, so that what comes from outside strikes in it. */
const machine = ["--cpus", "6", "--hosts", "3", "--seed", "7", "--lease", "1500ms"];
const heldFor = (time: string): readonly string[] => [...machine, "--fault", `pause cpu 0 at prepare for ${time}`];

const opened = Effect.gen(function* () {
  const url = yield* plainServer("-js");
  return { url, joined: yield* joinedRun(url) };
});

/** The hosts by their ranges, when the first stop is held at prepare for so long. */
const inMidStop = (time: string) =>
  Effect.gen(function* () {
    const { url, joined } = yield* opened;
    const asked = yield* askedFor(url, joined, { cpus: 6, hosts: 3 }, "prepare");
    const cpus = [0, 1, 2].map((index) => joined.cpu(["--index", String(index)])) as unknown as readonly [Command, Command, Command];
    const coordinator = joined.coordinator(heldFor(time));
    yield* asked;
    return { joined, cpus, coordinator };
  });

describe("hosts that join", () => {
  it.live("in any order are waited for, told their CPUs, and end with the run", () =>
    Effect.gen(function* () {
      const { joined } = yield* opened;
      const early = [joined.cpu(), joined.cpu()];
      yield* heardOf(early[0] as Command, "waits for run");
      const coordinator = joined.coordinator([...machine, "--patches", "5"]);
      yield* heardOf(coordinator, "2 of 3");
      const late = joined.cpu();
      const { code, summary, said } = yield* outcomeOf(coordinator);
      assert.strictEqual(code, 0, said);
      assert.strictEqual(summary?.verdict, "valid");
      assert.strictEqual(summary?.operations.committed, 5);
      for (const cpu of [...early, late]) assert.strictEqual(yield* Effect.promise(() => cpu.ended), 0, cpu.said());
      assert.deepStrictEqual(processesOf(joined.run), []);
    }),
  );

  it.live("and are killed in mid-stop are dead when their lease is over, and the next attempt does without them", () =>
    Effect.gen(function* () {
      const { joined, cpus, coordinator } = yield* inMidStop("3s");
      signalHost(joined.run, cpus[1], 1, "SIGKILL");
      yield* heardOf(coordinator, "host 1 has been silent for longer than its lease");
      const { code, summary, said } = yield* outcomeOf(coordinator);
      assert.strictEqual(code, 0, said);
      assert.strictEqual(summary?.operations.committed, 1);
      assert.isAbove(summary?.attempts ?? 0, 1);
    }),
  );

  it.live("and leave in mid-stop are gone at once, and who waited for a range has theirs", () =>
    Effect.gen(function* () {
      const { joined, cpus, coordinator } = yield* inMidStop("4s");
      const spare = joined.cpu();
      yield* heardOf(spare, "waits for a range");
      cpus[1].process.kill("SIGTERM");
      assert.strictEqual(yield* Effect.promise(() => cpus[1].ended), 0);
      yield* heardOf(spare, "has range 1 of 3, life 2");
      yield* heardOf(coordinator, "host 1 has joined again, in life 2");
      const { code, summary, said } = yield* outcomeOf(coordinator);
      assert.strictEqual(code, 0, said);
      assert.strictEqual(summary?.verdict, "valid");
      assert.strictEqual(yield* Effect.promise(() => spare.ended), 0, spare.said());
    }),
  );

  it.live("and stand still for longer than their lease find themselves fenced when they go on, and join again as others", () =>
    Effect.gen(function* () {
      const { joined, cpus, coordinator } = yield* inMidStop("6s");
      signalHost(joined.run, cpus[1], 1, "SIGSTOP");
      const process = processesOf(joined.run).find(({ args }) => args.includes(" host-1 "))?.pid;
      yield* heardOf(coordinator, "host 1 has been silent for longer than its lease");
      signalHost(joined.run, cpus[1], 1, "SIGCONT");
      yield* heardOf(cpus[1], "is fenced");
      yield* until("its process has ended", () => !processesOf(joined.run).some(({ pid }) => pid === process));
      yield* heardOf(cpus[1], "has range 1 of 3, life 2");
      const { code, summary, said } = yield* outcomeOf(coordinator);
      assert.strictEqual(code, 0, said);
      assert.strictEqual(summary?.verdict, "valid");
      assert.strictEqual(yield* Effect.promise(() => cpus[1].ended), 0, cpus[1].said());
    }),
  );
});

describe("coordinators that are started twice", () => {
  it.live("of one run: the second stands by, takes over when the first stands still, and the first finds out", () =>
    Effect.gen(function* () {
      const { joined, cpus, coordinator } = yield* inMidStop("60s");
      // What holds the first is not to hold the second.
      const second = joined.coordinator(machine);
      yield* heardOf(second, "stands by");
      signalCoordinator(joined.run, coordinator, "SIGSTOP");
      yield* heardOf(second, "takes run");
      const { code, summary, said } = yield* outcomeOf(second);
      assert.strictEqual(code, 0, said);
      assert.strictEqual(summary?.verdict, "valid", said);
      signalCoordinator(joined.run, coordinator, "SIGCONT");
      const first = yield* outcomeOf(coordinator);
      assert.strictEqual(first.code, 5, first.said);
      for (const cpu of cpus) assert.strictEqual(yield* Effect.promise(() => cpu.ended), 0, cpu.said());
    }),
  );

  it.live("of one run with other flags: the second is refused, and nothing comes of it", () =>
    Effect.gen(function* () {
      const { joined, coordinator } = yield* inMidStop("2s");
      const second = yield* outcomeOf(joined.coordinator([...machine, "--model", "hybrid"]));
      assert.strictEqual(second.code, 5);
      assert.include(second.said, "of another machine");
      const { code, summary, said } = yield* outcomeOf(coordinator);
      assert.strictEqual(code, 0, said);
      assert.strictEqual(summary?.verdict, "valid");
    }),
  );
});

describe("a recorder", () => {
  it.live("that is killed goes on where it was, and judges as the coordinator does", () =>
    Effect.gen(function* () {
      const { joined, coordinator } = yield* inMidStop("4s");
      const flags = ["--out", join(joined.folder, "kept")];
      const first = joined.start("recorder", flags);
      yield* heardOf(first, "keeps the journals");
      first.process.kill("SIGKILL");
      yield* Effect.promise(() => first.ended);
      const second = joined.start("recorder", flags);
      const { code, summary, said } = yield* outcomeOf(coordinator);
      assert.strictEqual(code, 0, said);
      assert.strictEqual(summary?.verdict, "valid");
      assert.strictEqual(yield* Effect.promise(() => second.ended), 0, second.said());
      const [kept] = readdirSync(join(joined.folder, "kept")).filter((name) => name.endsWith("-recorded"));
      const { stdout } = yield* Effect.promise(() =>
        promisify(execFile)(process.execPath, [main, "replay", join(joined.folder, "kept", kept ?? "")]),
      );
      assert.include(stdout, "every output as recorded");
    }),
  );
});

describe("all by one command", () => {
  it.live("a server, a coordinator and hosts run on this machine, and nothing of them is left", () =>
    Effect.gen(function* () {
      const folder = yield* directory;
      const run = newRun();
      const flags = ["--cpus", "4", "--hosts", "2", "--seed", "7", "--patches", "3", "--json", "--out", join(folder, "runs")];
      const { stdout } = yield* Effect.promise(() => promisify(execFile)(process.execPath, [main, "up", "--run", run, ...flags]));
      const { verdict, operations } = JSON.parse(stdout) as Summary;
      assert.strictEqual(verdict, "valid");
      assert.strictEqual(operations.committed, 3);
      assert.deepStrictEqual(processesOf(run), []);
    }),
  );
});
