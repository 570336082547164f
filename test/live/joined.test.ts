// Hosts that are started by hand join a run, leave it, fall silent and come back; and coordinators that are started twice.
import { execFile } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { assert, describe, it } from "@effect/vitest";
import * as Effect from "effect/Effect";
import { coordinatorKey, readTenure } from "../../shared/live/membership/records.ts";
import { change, connectStore, openStore, read } from "../../shared/live/membership/store.ts";
import type { Summary } from "../../shared/report/summary.ts";
import { askedFor, type Command, heardOf, joinedRun, main, outcomeOf, signalAsking, signalCoordinator, signalHost } from "./joinedRun.ts";
import { newRun, processesOf } from "./liveRun.ts";
import { directory, plainServer, until } from "./onServer.ts";

const machine = ["--cpus", "6", "--hosts", "3", "--seed", "7"];
/** For tests that wait for its end; whoever loses his by a busy machine alone joins again, and nothing here is upset by it. */
const short = ["--lease", "1500ms"];
/** For all others: nobody loses his. */
const long = ["--lease", "600s"];
const layout = { cpus: 6, hosts: 3 };

const opened = Effect.gen(function* () {
  const url = yield* plainServer("-js");
  return { url, joined: yield* joinedRun(url) };
});

/** The hosts by their ranges, in the first stop, which is held at prepare until it is let go. A fault keeps it until we hold it. */
const inMidStop = (lease: readonly string[]) =>
  Effect.gen(function* () {
    const { url, joined } = yield* opened;
    const asked = yield* askedFor(url, joined, layout, "prepare", () => signalAsking(joined.run, "SIGSTOP"));
    const cpus = [0, 1, 2].map((index) => joined.cpu(["--index", String(index)])) as unknown as readonly [Command, Command, Command];
    const coordinator = joined.coordinator([...machine, ...lease, "--fault", "pause cpu 0 at prepare for 3s"]);
    yield* asked;
    return { url, joined, cpus, coordinator, letGo: () => signalAsking(joined.run, "SIGCONT") };
  });

describe("hosts that join", () => {
  it.live("in any order are waited for, told their CPUs, and end with the run", () =>
    Effect.gen(function* () {
      const { joined } = yield* opened;
      const early = [joined.cpu(), joined.cpu()];
      yield* heardOf(early[0] as Command, "waits for run");
      const coordinator = joined.coordinator([...machine, ...long, "--patches", "5"]);
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
      const { joined, cpus, coordinator, letGo } = yield* inMidStop(short);
      signalHost(joined.run, cpus[1], 1, "SIGKILL");
      yield* heardOf(coordinator, "host 1 has been silent for longer than its lease");
      letGo();
      const { code, summary, said } = yield* outcomeOf(coordinator);
      assert.strictEqual(code, 0, said);
      assert.strictEqual(summary?.operations.committed, 1);
      assert.isAbove(summary?.attempts ?? 0, 1);
    }),
  );

  it.live("and leave in mid-stop are gone at once, and who waited for a range has theirs", () =>
    Effect.gen(function* () {
      // Who has joined is looked for four times a lease.
      const { joined, cpus, coordinator, letGo } = yield* inMidStop(["--lease", "10s"]);
      const spare = joined.cpu();
      yield* heardOf(spare, "waits for a range");
      cpus[1].process.kill("SIGTERM");
      assert.strictEqual(yield* Effect.promise(() => cpus[1].ended), 0);
      yield* heardOf(spare, "has range 1 of 3, life 2");
      yield* heardOf(coordinator, "host 1 has joined again, in life 2");
      letGo();
      const { code, summary, said } = yield* outcomeOf(coordinator);
      assert.strictEqual(code, 0, said);
      assert.strictEqual(summary?.verdict, "valid");
      assert.strictEqual(yield* Effect.promise(() => spare.ended), 0, spare.said());
    }),
  );

  it.live("and stand still for longer than their lease find themselves fenced when they go on, and join again as others", () =>
    Effect.gen(function* () {
      const { joined, cpus, coordinator, letGo } = yield* inMidStop(short);
      signalHost(joined.run, cpus[1], 1, "SIGSTOP");
      const process = processesOf(joined.run).find(({ args }) => args.includes(" host-1 "))?.pid;
      yield* heardOf(coordinator, "host 1 has been silent for longer than its lease");
      signalHost(joined.run, cpus[1], 1, "SIGCONT");
      yield* heardOf(cpus[1], "is fenced");
      yield* until("its process has ended", () => !processesOf(joined.run).some(({ pid }) => pid === process));
      yield* until("it has its range again", () => /is fenced.*has range 1 of 3, life/s.test(cpus[1].said()), 60_000);
      letGo();
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
      const { joined, cpus, coordinator } = yield* inMidStop(short);
      const second = joined.coordinator([...machine, ...short]);
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
      const { joined, coordinator, letGo } = yield* inMidStop(long);
      const second = yield* outcomeOf(joined.coordinator([...machine, ...long, "--model", "hybrid"]));
      letGo();
      assert.strictEqual(second.code, 5);
      assert.include(second.said, "of another machine");
      const { code, summary, said } = yield* outcomeOf(coordinator);
      assert.strictEqual(code, 0, said);
      assert.strictEqual(summary?.verdict, "valid");
    }),
  );
});

describe("a coordinator that cannot take a run over", () => {
  it.live("gives it back at once to whoever can", () =>
    Effect.gen(function* () {
      const { url, joined, cpus, coordinator } = yield* inMidStop(long);
      signalCoordinator(joined.run, coordinator, "SIGKILL");
      // Somebody has found it dead.
      yield* Effect.promise(async () => {
        const connection = await connectStore(url, "driver");
        const store = await openStore(connection, joined.run, "leader");
        for (let written: number | null = null; written === null; ) {
          const { revision, value } = await read(store, coordinatorKey);
          written = await change(store, coordinatorKey, revision, { ...readTenure(value), state: "dead" });
        }
        await connection.close();
      });
      const other = yield* outcomeOf(joined.coordinator([...machine, ...long, "--model", "hybrid"]));
      assert.strictEqual(other.code, 5);
      assert.include(other.said, "of another machine");
      const { code, summary, said } = yield* outcomeOf(joined.coordinator([...machine, ...long]));
      assert.strictEqual(code, 0, said);
      assert.strictEqual(summary?.verdict, "valid");
      for (const cpu of cpus) assert.strictEqual(yield* Effect.promise(() => cpu.ended), 0, cpu.said());
    }),
  );
});

describe("a recorder", () => {
  it.live("that is killed goes on where it was, and judges as the coordinator does", () =>
    Effect.gen(function* () {
      const { joined, coordinator, letGo } = yield* inMidStop(long);
      const flags = ["--out", join(joined.folder, "kept")];
      const first = joined.start("recorder", flags);
      yield* heardOf(first, "keeps the journals");
      first.process.kill("SIGKILL");
      yield* Effect.promise(() => first.ended);
      const second = joined.start("recorder", flags);
      yield* heardOf(second, "keeps the journals");
      letGo();
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
