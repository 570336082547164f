// `quiesce run` live, as its user sees it: over a real server, with real processes, to a summary and a journal that replays.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as Schema from "effect/Schema";
import { assert, describe, it } from "vitest";
import { parse, size } from "../../shared/machine/cpuSet.ts";
import { Summary } from "../../shared/report/summary.ts";
import { latest, latestFiles, quiesce, scratch, start } from "./quiesce.ts";

const readSummary = Schema.decodeUnknownSync(Schema.fromJsonString(Summary), { onExcessProperty: "error" });

/** What a coordinator of the latest run has written while it goes on. */
const coordinatorsPart = (cwd: string): string => {
  const part = join(cwd, "runs", "latest", "parts", "coordinator-0.ndjson");
  return existsSync(part) ? readFileSync(part, "utf8") : "";
};

/** Receivers of what never arrived, in the text of a trace. */
const packetsMissed = (text: string, why: string): number =>
  [...text.matchAll(/ipi_lost: target=(?:coordinator\d+|cpu ([\d,-]+)) \(.*\) (.*)$/gm)]
    .filter(([, , told]) => told === why)
    .reduce((sum, [, cpus]) => sum + (cpus === undefined ? 1 : size(parse(cpus) ?? [])), 0);

describe("run, live", () => {
  it("commits over NATS, leaves one journal, and replays as recorded", async () => {
    const cwd = scratch();
    const { code, stdout, stderr } = await quiesce(cwd, ["run", "--json", "--cpus", "6", "--hosts", "3", "--fault", "drop 20% of any"]);
    assert.strictEqual(code, 0, stderr);
    const { engine, transport, hosts, outcome, verdict, ipis, wire } = readSummary(stdout);
    assert.deepStrictEqual(
      { engine, transport, hosts, outcome, verdict },
      { engine: "live", transport: "nats", hosts: 3, outcome: "committed", verdict: "valid" },
    );
    assert.isAbove(ipis.dropped, 0);
    assert.deepStrictEqual(
      wire,
      { refused: 0, unsent: 0, reconnects: 0, slowConsumers: 0, serverRestarts: 0, denied: 0 },
      "dropped by a fault is not broken",
    );
    const told = ["journal.ndjson.gz", "manifest.json", "repro.txt", "results.csv", "summary.json"];
    assert.deepStrictEqual(latestFiles(cwd), [...told, "report.html", "sequence.svg", "trace.json"].toSorted());
    const replay = await quiesce(cwd, ["replay", "latest"]);
    assert.match(replay.stdout, /^replay: \d+ turns of a live run of 6 CPUs: every output as recorded\n$/);
    assert.strictEqual(replay.code, 0);
    const trace = await quiesce(cwd, ["trace", "--format", "ftrace"]);
    const missed = (why: string): number => packetsMissed(trace.stdout, why);
    const underWay = ipis.sent - ipis.dropped - ipis.delivered;
    assert.isAtMost(missed("lost"), ipis.dropped + underWay, "nothing is drawn as lost that was neither dropped nor still on its way");
    assert.isAtLeast(missed("lost") + missed("run over"), ipis.dropped, "all that was dropped is drawn");
  });

  it("ends with 130 on Ctrl-C, with its summary written", async () => {
    const cwd = scratch();
    const running = start(cwd, ["run", "--json", "--cpus", "3", "--seed", "1", "--workload", "hung-disk", "--tasks-per-cpu", "4"]);
    await running.until(() => coordinatorsPart(cwd).includes('"fact":"asked"'));
    running.kill("SIGINT");
    const { code, stdout } = await running.finished;
    assert.strictEqual(code, 130);
    assert.include(readSummary(stdout).reasons, "the run was interrupted");
    assert.strictEqual(latest(cwd, "summary.json"), stdout);
  });

  it("leaves parts that replay when it is killed", async () => {
    const cwd = scratch();
    const running = start(cwd, ["run", "--cpus", "3", "--seed", "1", "--workload", "hung-disk", "--tasks-per-cpu", "4"]);
    await running.until(() => coordinatorsPart(cwd).includes('"fact":"asked"'));
    running.kill("SIGKILL");
    await running.finished;
    const { code, stdout } = await quiesce(cwd, ["replay", "latest"]);
    assert.strictEqual(code, 2);
    assert.match(stdout, /^replay: \d+ turns as recorded, but the run was cut off/);
  });

  it("ends with 5 and the ways out where there is no server, and tells no password", async () => {
    const { code, stdout, stderr } = await quiesce(scratch(), ["run", "--nats", "nats://user:secret@127.0.0.1:1", "--seed", "1"]);
    assert.strictEqual(code, 5);
    assert.strictEqual(stdout, "");
    assert.include(stderr, "no NATS server to be used at nats://127.0.0.1:1");
    assert.include(stderr, "again: ./quiesce run --seed 1 --nats 'nats://***@127.0.0.1:1'");
    assert.notInclude(stderr, "secret");
  });
});
