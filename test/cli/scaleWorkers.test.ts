// Sweeps on workers: fed from a queue, and none the worse for workers and drivers that are killed.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { assert, describe, it } from "@effect/vitest";
import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import * as Effect from "effect/Effect";
import { connect, type NatsConnection } from "nats";
import { type RunRecord, readRecords } from "../../shared/scale/record.ts";
import { plainServer } from "../live/onServer.ts";
import { quiesce, type Running, scratch, start } from "./quiesce.ts";

const recordsIn = (cwd: string): readonly RunRecord[] => {
  const file = join(cwd, "runs", "latest", "runs.ndjson");
  return existsSync(file) ? readRecords(file, readFileSync(file, "utf8")) : [];
};

const found = (cwd: string): readonly string[] =>
  recordsIn(cwd)
    .map(({ cell, seed, measures }) => JSON.stringify([cell, seed, measures]))
    .toSorted();

/** What a worker says of itself; undefined where none answers. */
const health = async (
  nats: NatsConnection,
): Promise<{ readonly done: number; readonly running: { readonly cell: string } | null } | undefined> => {
  try {
    return (await nats.request("quiesce.worker.health", "", { timeout: 1_000 })).json();
  } catch {
    return undefined;
  }
};

const until = async (what: string, holds: () => Promise<boolean>): Promise<void> => {
  for (let waits = 0; waits < 600; waits++) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`not within 30 s: ${what}`);
};

interface Place {
  readonly url: string;
  readonly nats: NatsConnection;
  readonly cwd: string;
  /** Ended with the test, however that ends. */
  readonly started: (...args: readonly string[]) => Running;
}

const onQueue = (use: (place: Place) => Promise<void>) =>
  Effect.scoped(
    Effect.gen(function* () {
      const url = yield* plainServer("-js");
      const running: Running[] = [];
      const nats = yield* Effect.acquireRelease(
        Effect.promise(() => connect({ servers: url })),
        (connection) => Effect.promise(() => connection.close()),
      );
      yield* Effect.addFinalizer(() =>
        Effect.sync(() => {
          for (const { kill } of running) kill("SIGKILL");
        }),
      );
      const cwd = scratch();
      const started = (...args: readonly string[]): Running => {
        const one = start(cwd, [...args, "--nats", url]);
        running.push(one);
        return one;
      };
      yield* Effect.promise(() => use({ url, nats, cwd, started }));
    }),
  );

const large = "cpus=8192 model=simple";

const sweep = ["scale", "--cpus", "2,16,8192", "--repeat", "2"];

const waiting = async (nats: NatsConnection): Promise<number> => {
  const manager = await jetstreamManager(nats);
  const streams = await Promise.all(["quiesce-work", "quiesce-results"].map((name) => manager.streams.info(name)));
  return streams.reduce((sum, { state }) => sum + state.messages, 0);
};

describe("scale on workers", () => {
  it.live(
    "loses and doubles nothing though worker and driver are killed in the middle of a run, and gives what threads give",
    () =>
      onQueue(async ({ nats, cwd, started }) => {
        const driver = started(...sweep);
        const victim = started("worker", "--name", "victim");
        await until("the large run has begun", async () => (await health(nats))?.running?.cell === large);
        victim.kill("SIGKILL");
        driver.kill("SIGKILL");
        await Promise.all([victim.finished, driver.finished]);
        assert.isBelow(recordsIn(cwd).length, 6);
        const heir = started("worker", "--name", "heir");
        const { code, stderr } = await started(...sweep, "--quiet").finished;
        assert.strictEqual(code, 0, stderr);
        assert.lengthOf(recordsIn(cwd), 6);
        const threads = scratch();
        await quiesce(threads, [...sweep, "--quiet"]);
        assert.deepStrictEqual(found(cwd), found(threads));
        const made = recordsIn(cwd).filter(({ cell }) => cell === large);
        assert.include(
          made.map(({ by }) => by),
          "heir",
        );
        for (const { host } of made) assert.isAbove(host.host_peak_rss_bytes ?? 0, 50e6);
        // Nothing of the sweep stays on the server.
        assert.strictEqual(await waiting(nats), 0);
        heir.kill("SIGTERM");
        const ended = await heir.finished;
        assert.strictEqual(ended.code, 0, ended.stderr);
        assert.match(ended.stderr, /begun: cpus=8192 model=simple seed \d \(delivery 2\)/);
        assert.match(ended.stderr, /heir ends: \d done, 0 failed, 0 handed back/);
      }),
    120_000,
  );

  it.live(
    "finishes what a worker that was told to stop has begun, or has it handed back",
    () =>
      onQueue(async ({ nats, cwd, started }) => {
        const driver = started(...sweep, "--quiet");
        const leaver = started("worker", "--name", "leaver");
        await until("the large run has begun", async () => (await health(nats))?.running?.cell === large);
        leaver.kill("SIGTERM");
        const left = await leaver.finished;
        assert.strictEqual(left.code, 0, left.stderr);
        assert.match(left.stderr, /(done|handed back): cpus=8192 model=simple seed \d\n.*leaver ends/);
        const successor = started("worker", "--name", "successor");
        const { code, stderr } = await driver.finished;
        assert.strictEqual(code, 0, stderr);
        assert.lengthOf(recordsIn(cwd), 6);
        successor.kill("SIGTERM");
      }),
    120_000,
  );

  it.live(
    "gives a run up that ends every worker that begins it, and says which",
    () =>
      onQueue(async ({ nats, started }) => {
        const driver = started("scale", "--cpus", "2", "--repeat", "1");
        const manager = await jetstreamManager(nats);
        await until(
          "the run is queued",
          async () => (await manager.streams.info("quiesce-work").catch(() => undefined))?.state.messages === 1,
        );
        const [consumer] = await manager.consumers.list("quiesce-work").next();
        const work = await jetstream(nats).consumers.get("quiesce-work", consumer?.name ?? "");
        for (let delivery = 1; delivery <= 5; delivery++) {
          const message = await work.next({ expires: 5_000 });
          assert.strictEqual(message?.info.deliveryCount, delivery);
          message?.nak();
        }
        started("worker");
        const { code, stderr } = await driver.finished;
        assert.strictEqual(code, 5, stderr);
        assert.match(stderr, /the run of cpus=2 model=simple with seed 1 cannot be made: was begun 5 times/);
        assert.match(stderr, /the same command goes on/);
      }),
    60_000,
  );

  it.live(
    "gives a run up that takes longer than it may",
    () =>
      onQueue(async ({ started }) => {
        const endless = started("scale", "--cpus", "262144", "--repeat", "1");
        const worker = started("worker", "--max-time", "1ms", "--max-runs", "1");
        const { code, stderr } = await endless.finished;
        assert.strictEqual(code, 5, stderr);
        assert.match(stderr, /the run of cpus=262144 model=simple with seed 1 cannot be made: took longer than the 0.001 s/);
        assert.match((await worker.finished).stderr, /0 done, 1 failed, 0 handed back/);
      }),
    60_000,
  );

  it.live(
    "runs nothing that is no order, and believes nothing that is no record",
    () =>
      onQueue(async ({ nats, cwd, started }) => {
        const driver = started("scale", "--cpus", "2,4", "--repeat", "1");
        const manager = await jetstreamManager(nats);
        await until(
          "both runs are queued",
          async () => (await manager.streams.info("quiesce-work").catch(() => undefined))?.state.messages === 2,
        );
        const [consumer] = await manager.consumers.list("quiesce-work").next();
        const subject = (consumer?.config.filter_subject ?? "").replace(">", "nobody.0");
        const header = {
          ...{ schema: "quiesce.journal/1", code: "", engine: "virtual", mode: "facts", seed: 1, timeLimitNs: 1, eventLimit: 1 },
          plan: { seed: 1, faults: [] },
        };
        const orderOf = (cell: string, setup: object): string =>
          JSON.stringify({ cell, order: { header: { ...header, setup }, plan: {} } });
        const machine = { seed: 1, cpus: 2, tasksPerCpu: 1, operations: [] };
        const { operations: _, ...without } = machine;
        const refused = [
          ...["", "{}", "[]", '{"cell":"x","order":{"header":{"setup":{"seed":1}}}}'],
          orderOf("x", without),
          orderOf("x", { ...machine, cpus: 2 ** 21 }),
          orderOf("\u001b[2J", machine),
        ];
        for (const [i, text] of refused.entries()) await jetstream(nats).publish(`${subject}.${i}`, text);
        const worker = started("worker");
        const { code, stderr } = await driver.finished;
        assert.strictEqual(code, 0, stderr);
        assert.lengthOf(recordsIn(cwd), 2);
        await until("all was refused", async () => (await manager.streams.info("quiesce-work")).state.messages === 0);
        worker.kill("SIGTERM");
        const { stderr: said } = await worker.finished;
        assert.lengthOf(said.match(/refused: quiesce\.work\.\w+\.nobody\.0\.\d is no order/g) ?? [], refused.length, said);
        const next = started("scale", "--cpus", "8", "--repeat", "1");
        const [waits] = await manager.consumers.list("quiesce-results").next();
        assert.isUndefined(waits);
        await until("its results are waited for", async () => (await manager.consumers.list("quiesce-results").next()).length === 1);
        const [driven] = await manager.consumers.list("quiesce-results").next();
        await jetstream(nats).publish(
          (driven?.config.filter_subject ?? "").replace(">", "0.1"),
          '{"record":{"cell":"cpus=8 model=simple"}}',
        );
        await next.until(() => next.said().includes("passed over"));
        // As if the server had forgotten the work: it is put there again.
        await manager.streams.purge("quiesce-work");
        await until("the work is there again", async () => (await manager.streams.info("quiesce-work")).state.messages === 1);
        assert.strictEqual((await manager.consumers.list("quiesce-work").next())[0]?.config.max_deliver, -1);
        const late = started("worker");
        const believed = await next.finished;
        assert.strictEqual(believed.code, 0, believed.stderr);
        assert.match(believed.stderr, /passed over \(1 so far\): quiesce\.result\.\w+\.0\.1 by is no text/);
        late.kill("SIGTERM");
      }),
    60_000,
  );

  it.live(
    "says when nobody is at work, and when the server cannot be a queue",
    () =>
      onQueue(async ({ started, cwd }) => {
        const driver = started("scale", "--cpus", "2", "--repeat", "1");
        const nowhere = await quiesce(cwd, ["worker", "--nats", "nats://127.0.0.1:1"]);
        assert.strictEqual(nowhere.code, 5);
        assert.match(nowhere.stderr, /no NATS server to be used at nats:\/\/127\.0\.0\.1:1/);
        await driver.until(() => driver.said().includes("no worker is there"));
        driver.kill("SIGINT");
        const { code, stderr } = await driver.finished;
        assert.strictEqual(code, 130, stderr);
        assert.match(stderr, /no worker is there: start any number of them with \.\/quiesce worker --nats URL/);
      }),
    60_000,
  );
});
