// `quiesce compare`: every model on one machine, one document, one table; which runs it makes, and how it ends.
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import * as Schema from "effect/Schema";
import { assert, describe, it } from "vitest";
import { models } from "../../shared/consistency/registry.ts";
import { Catalogue, Compare } from "../../shared/report/compareSummary.ts";
import { command, latest, latestFiles, quiesce, scratch, start } from "./quiesce.ts";

const readCompare = Schema.decodeUnknownSync(Schema.fromJsonString(Compare), { onExcessProperty: "error" });
const readCatalogue = Schema.decodeUnknownSync(Schema.fromJsonString(Catalogue), { onExcessProperty: "error" });

const virtual = (...args: readonly string[]) => ["compare", "--engine", "virtual", "--seed", "7", ...args];

const names = models.map(({ name }) => name);

describe("compare", () => {
  it("runs all six models and prints exactly one document, which is also in the run folder", async () => {
    const cwd = scratch();
    const { code, stdout, stderr } = await quiesce(cwd, virtual("--cpus", "16", "--json"));
    assert.strictEqual(code, 0, stderr);
    const { rows, cpus, seed, repeat, complete } = readCompare(stdout);
    assert.deepStrictEqual({ cpus, seed, repeat, complete }, { cpus: 16, seed: 7, repeat: 1, complete: true });
    assert.deepStrictEqual(
      rows.map(({ model }) => model),
      names,
    );
    for (const { model, runs, committed, verdicts } of rows)
      assert.deepStrictEqual({ runs, committed, valid: verdicts.valid }, { runs: 1, committed: 1, valid: 1 }, model);
    assert.strictEqual(latest(cwd, "summary.json"), stdout);
    assert.deepStrictEqual(latestFiles(cwd), ["manifest.json", "report.html", "repro.txt", "results.csv", "summary.json"]);
    assert.strictEqual(latest(cwd, "repro.txt"), "./quiesce compare --engine virtual --cpus 16 --seed 7\n");
    for (const name of names) assert.include(latest(cwd, "results.csv"), `virtual,${name},16,0,7,valid,totalUs,`);
  });

  it("runs several seeds of the models that are named, in their order, the same ones again for the same line", async () => {
    const cwd = scratch();
    const args = virtual(
      "--models",
      "kpatch, simple,kernel+function",
      "--repeat",
      "3",
      "--cpus",
      "4",
      "--json",
      "--fault",
      "drop 10% of any",
    );
    const first = readCompare((await command(cwd, args)).stdout);
    const repro = latest(cwd, "repro.txt").trim();
    assert.isTrue(repro.endsWith("--seed 7 --models kpatch,simple,kernel+function --repeat 3"), repro);
    assert.deepStrictEqual(
      first.rows.map(({ model, runs, against }) => [model, runs, against?.model]),
      [
        ["kpatch", 3, undefined],
        ["simple", 3, "kpatch"],
        ["kernel+function", 3, "kpatch"],
      ],
    );
    const again = readCompare((await command(scratch(), args)).stdout);
    assert.deepStrictEqual(again.rows, first.rows);
  });

  it("prints a table with a row for each model, and the line that repeats it", async () => {
    const { code, stdout, stderr } = await command(scratch(), virtual("--cpus", "4"));
    assert.strictEqual(code, 0, stderr);
    for (const name of names) assert.match(stdout, new RegExp(`^ {2}${name} +valid +yes +1 `, "m"));
    assert.isTrue(stdout.endsWith("again     ./quiesce compare --engine virtual --cpus 4 --seed 7\n"));
  });

  it("ends with 0 where models gave up without breaking a promise, and says who blocked them", async () => {
    const args = virtual("--models", "simple,kpatch,ksplice", "--patch", "study-sleepers", "--cpus", "4", "--json");
    const { code, stdout } = await command(scratch(), args);
    assert.strictEqual(code, 0);
    const [simple, kpatch, ksplice] = readCompare(stdout).rows;
    assert.strictEqual(simple?.committed, 1);
    for (const row of [kpatch, ksplice]) {
      assert.deepInclude(row, { committed: 0, verdicts: { valid: 0, violated: 0, unknown: 1 } });
      assert.deepInclude(row?.blame, { function: "ep_poll", why: "patched function on its stack" });
    }
  });

  it("ends with 1 where a model broke a promise of its own, and says which", async () => {
    const wrong = ["--repeat", "20", "--patch", "study-sleepers", "--set", "profile.stackReader.misses=0.1"];
    const { code, stdout } = await command(scratch(), virtual("--models", "simple,hybrid", "--cpus", "4", "--json", ...wrong));
    assert.strictEqual(code, 1);
    const [simple, hybrid] = readCompare(stdout).rows;
    assert.deepStrictEqual(simple?.violated, []);
    assert.strictEqual(hybrid?.violated[0]?.monitor, "off-stack");
    assert.strictEqual(hybrid?.violated[0]?.runs, hybrid?.verdicts.violated);
  });

  it("gives limits and policies to the models that have a use for them", async () => {
    const cwd = scratch();
    const args = [
      "--models",
      "simple,hybrid",
      "--limit",
      "9s",
      "--on-limit",
      "force",
      "--set",
      "model.gradual.signalEvery=3",
      "--cpus",
      "2",
    ];
    assert.strictEqual((await command(cwd, virtual(...args))).code, 0);
    const [simple, hybrid] = JSON.parse(latest(cwd, "manifest.json")).configuration.models;
    assert.deepInclude(simple, { name: "simple", limitNs: 9e9, onLimit: "abort", gradual: null });
    assert.deepInclude(hybrid, { name: "hybrid", limitNs: 9e9, onLimit: "force" });
    assert.strictEqual(hybrid.gradual.signalEvery, 3);
  });

  it("keeps a folder for each run, which replays, only if a journal is asked for", async () => {
    const cwd = scratch();
    await command(cwd, virtual("--models", "simple,kernel+function", "--cpus", "2", "--journal", "full", "--quiet"));
    assert.includeMembers([...latestFiles(cwd)], ["simple-7", "kernel-function-7"]);
    const { code, stdout } = await command(cwd, ["replay", "runs/latest/kernel-function-7"]);
    assert.strictEqual(code, 0, stdout);
    assert.match(stdout, /of 2 CPUs: every output as recorded/);
  });

  it("runs every shipped patch under each model with --catalogue", async () => {
    const cwd = scratch();
    const { code, stdout, stderr } = await command(cwd, virtual("--catalogue", "--models", "simple,hybrid", "--cpus", "2", "--json"));
    assert.strictEqual(code, 0, stderr);
    const { models: applied, rows } = readCatalogue(stdout);
    assert.deepStrictEqual(
      applied.map(({ model, patches, applied: count }) => [model, patches, count]),
      [
        ["simple", 50, 50],
        ["hybrid", 50, 50],
      ],
    );
    assert.lengthOf(rows, 100);
    assert.match(latest(cwd, "results.csv"), /^patch,run,engine,model,/);
  });

  it("ends with 130 on Ctrl-C, with the runs that came to their end", async () => {
    const cwd = scratch();
    const running = start(cwd, virtual("--models", "simple,kgraft", "--repeat", "400", "--cpus", "512", "--json", "--journal", "facts"));
    // Two threads are at work: the fourth run begins when two have ended.
    await running.until(() => existsSync(join(cwd, "runs", "latest", "simple-10", "journal.ndjson")));
    running.kill("SIGINT");
    const { code, stdout } = await running.finished;
    assert.strictEqual(code, 130);
    const { complete, rows } = readCompare(stdout);
    assert.isFalse(complete);
    assert.isAtLeast(rows[0]?.runs ?? 0, 1);
    for (const { runs } of rows) assert.isBelow(runs, 400);
    assert.strictEqual(latest(cwd, "summary.json"), stdout);
  });
});

describe("compare, live", () => {
  it("runs all six over NATS while a tenth of all packets is lost, and leaves no journals behind", async () => {
    const cwd = scratch();
    const { code, stdout, stderr } = await quiesce(cwd, ["compare", "--json", "--cpus", "4", "--seed", "1", "--fault", "drop 10% of any"]);
    assert.strictEqual(code, 0, stderr);
    const { engine, transport, hosts, rows } = readCompare(stdout);
    assert.deepStrictEqual({ engine, transport, hosts }, { engine: "live", transport: "nats", hosts: 4 });
    assert.deepStrictEqual(
      rows.map(({ model, committed, violated }) => [model, committed, violated]),
      ["simple", "kgraft", "kpatch", "ksplice", "hybrid", "immediate"].map((model) => [model, 1, []]),
    );
    assert.deepStrictEqual(readdirSync(join(cwd, "runs", "latest")).sort(), [
      "manifest.json",
      "report.html",
      "repro.txt",
      "results.csv",
      "summary.json",
    ]);
  });
});
