// `quiesce run` in virtual time: what it prints, what it leaves, and how it ends.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as Schema from "effect/Schema";
import { assert, describe, it } from "vitest";
import { Summary } from "../../shared/report/summary.ts";
import { latest, latestFiles, latestJournal, quiesce, scratch, start } from "./quiesce.ts";

const readSummary = Schema.decodeUnknownSync(Schema.fromJsonString(Summary), { onExcessProperty: "error" });

const virtual = (...args: readonly string[]) => ["run", "--engine", "virtual", ...args];

describe.concurrent("run", () => {
  it("prints exactly the summary document with --json, which is also in the run folder", async () => {
    const cwd = scratch();
    const { code, stdout } = await quiesce(cwd, virtual("--seed", "7", "--json", "--fault", "drop 20% of any"));
    assert.strictEqual(code, 0);
    const { schema, engine, transport, seed, verdict, outcome, cpus, faults } = readSummary(stdout);
    assert.deepStrictEqual(
      { schema, engine, transport, seed, verdict, outcome, cpus },
      { schema: "quiesce.summary/1", engine: "virtual", transport: "none", seed: 7, verdict: "valid", outcome: "committed", cpus: 8 },
    );
    assert.isAbove(faults[0]?.applied ?? 0, 0);
    assert.strictEqual(latest(cwd, "summary.json"), stdout);
    const told = ["journal.ndjson.gz", "manifest.json", "repro.txt", "results.csv", "summary.json"];
    assert.deepStrictEqual(latestFiles(cwd), [...told, "report.html", "sequence.svg", "trace.json"].toSorted());
    assert.include(latest(cwd, "results.csv"), "virtual,simple,8,0,7,valid,totalUs,");
  });

  it("prints the verdict first, then the numbers, then who held it up, and the line that repeats it first and last", async () => {
    const { code, stdout, stderr } = await quiesce(scratch(), virtual("--seed", "7"));
    const again = "./quiesce run --engine virtual --seed 7";
    assert.strictEqual(code, 0);
    assert.strictEqual(stderr, `quiesce run   seed 7   again: ${again}\n`);
    const order = ["VERDICT valid", "SAFETY", "LIVENESS", "COMMITTED", "TIMES", "IPIS", "WHO", "folder", "replay", again];
    assert.deepStrictEqual(
      order.map((word) => stdout.indexOf(word)).toSorted((a, b) => a - b),
      order.map((word) => stdout.indexOf(word)),
    );
    assert.isTrue(stdout.trimEnd().endsWith(again));
    assert.notInclude(stdout, "\u001b", "colour where nobody sees it");
  });

  it("draws a seed where none is given, prints it first, and its repro line gives the same bytes", async () => {
    const cwd = scratch();
    await quiesce(
      cwd,
      virtual("--quiet", "--cpus", "5", "--fault", "drop 10% of ack", "--then", "unpatch", "--set", "profile.tickNs=2000000"),
    );
    const journal = latestJournal(cwd);
    const repro = latest(cwd, "repro.txt").trim();
    assert.match(
      repro,
      /^\.\/quiesce run --engine virtual --cpus 5 --fault 'drop 10% of ack' --then unpatch --seed \d+ --set profile\.tickNs=2000000$/,
    );
    const args = [...repro.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? "").slice(1);
    await quiesce(cwd, args);
    assert.strictEqual(latestJournal(cwd), journal);
  });

  it("takes a flag before the environment before a scenario file before a default, and remembers which", async () => {
    const cwd = scratch({
      "s.yaml": "engine: virtual\ncpus: 4\nseed: 3\nlimit: 9s\nthen: [unpatch]\nset:\n  profile.tickNs: 2000000\n  model.retryNs: 7\n",
    });
    const args = ["run", "--scenario", "s.yaml", "--cpus", "6", "--set", "profile.tickNs=3000000"];
    const { code } = await quiesce(cwd, args, { QUIESCE_CPUS: "5", QUIESCE_SEED: "11", QUIESCE_FAULT: "drop 5% of ack; delay 1us of any" });
    assert.strictEqual(code, 0);
    const { settings, configuration, seed } = JSON.parse(latest(cwd, "manifest.json"));
    const origin = (name: string) => settings[name].origin;
    assert.deepStrictEqual(["cpus", "seed", "limit", "attempts"].map(origin), ["flag", "environment", "scenario", "default"]);
    assert.deepStrictEqual(configuration.plan.faults, ["drop 5% of ack", "delay 1us of any"]);
    assert.deepInclude(configuration.setup, { cpus: 6, seed: 11, operations: ["patch", "unpatch"] });
    assert.deepInclude(configuration.setup.model, { limitNs: 9e9, holdLimitNs: 11.25e9, retryNs: 7 });
    assert.strictEqual(configuration.setup.profile.tickNs, 3_000_000);
    assert.strictEqual(seed, 11);
  });

  it("runs twice with --check-determinism and finds the same journal", async () => {
    const { code, stderr } = await quiesce(
      scratch(),
      virtual("--check-determinism", "--fault", "drop 20% of any", "--fault", "crash coordinator at run restart after 2ms"),
    );
    assert.strictEqual(code, 0, stderr);
    assert.include(stderr, "the journals are the same, byte for byte");
  });

  it("ends with 2 where nothing was patched, and names CPU, task and function", async () => {
    const { code, stdout } = await quiesce(
      scratch(),
      virtual("--seed", "1", "--workload", "hung-disk", "--limit", "1s", "--attempts", "2"),
    );
    assert.strictEqual(code, 2);
    assert.match(stdout, /VERDICT unknown\n {4}because nothing was patched/);
    assert.match(stdout, /WHO +cpu \d+ hung-disk-\d+ in \w+: uninterruptible sleep/);
  });

  it("ends with 2 where a fault was never applied", async () => {
    const { code, stdout } = await quiesce(scratch(), virtual("--seed", "1", "--fault", "drop 1st withdraw", "--quiet"));
    assert.strictEqual(code, 2);
    assert.include(stdout, 'the fault "drop 1st withdraw" was never applied');
  });

  it("ends with 130 on Ctrl-C, with its summary written and its journal whole", async () => {
    const cwd = scratch();
    const running = start(cwd, virtual("--seed", "1", "--cpus", "300000", "--json"));
    await running.until(() => journalBytes(cwd) > 1 << 20);
    running.kill("SIGINT");
    const { code, stdout } = await running.finished;
    assert.strictEqual(code, 130);
    const summary = readSummary(stdout);
    assert.deepInclude(summary, { verdict: "unknown", outcome: "incomplete" });
    assert.include(summary.reasons, "the run was interrupted");
    assert.strictEqual(latest(cwd, "summary.json"), stdout);
    assert.strictEqual((await quiesce(cwd, ["replay", "latest"])).code, 0);
  });

  it("leaves a readable folder when it is killed", async () => {
    const cwd = scratch();
    const running = start(cwd, virtual("--seed", "1", "--cpus", "300000"));
    await running.until(() => journalBytes(cwd) > 1 << 20);
    running.kill("SIGKILL");
    await running.finished;
    assert.deepStrictEqual(latestFiles(cwd), ["journal.ndjson", "manifest.json", "repro.txt"]);
    const { code, stdout } = await quiesce(cwd, ["replay", "latest"]);
    assert.strictEqual(code, 2);
    assert.match(stdout, /turns as recorded, but the run was cut off/);
  });

  it("ends with 5 where no run folder can be made", async () => {
    const { code, stderr } = await quiesce(scratch({ file: "" }), virtual("--out", "file/runs"));
    assert.strictEqual(code, 5);
    assert.include(stderr, "cannot make a run folder");
  });

  it("ends with 255 where the program itself fails, and the line that shows it again comes last", async () => {
    // Fails in a corner that nobody waits for, once the run is under way.
    const failing = `import fs from "node:fs"; import { syncBuiltinESMExports } from "node:module";
      const { symlinkSync } = fs;
      fs.symlinkSync = (...args) => { setTimeout(() => { throw new Error("a defect"); }, 1); return symlinkSync(...args); };
      syncBuiltinESMExports();`;
    const cwd = scratch({ "failing.mjs": failing });
    const { code, stdout, stderr } = await quiesce(cwd, virtual("--seed", "9", "--cpus", "100000"), {
      NODE_OPTIONS: "--import ./failing.mjs",
    });
    assert.strictEqual(code, 255);
    assert.strictEqual(stdout, "");
    assert.include(stderr, "quiesce: internal error: Error: a defect");
    assert.isTrue(stderr.endsWith("quiesce: seed 9   again: ./quiesce run --engine virtual --cpus 100000 --seed 9\n"), stderr);
  });

  it("runs any cell of the grid, and a patch of one's own with functions that are marked as forced", async () => {
    const patch = {
      schema: "quiesce.patch/1",
      id: "mine",
      title: "mine",
      kind: "call",
      objects: [{ object: "vmlinux", functions: ["ep_poll", "do_poll"] }],
    };
    const cwd = scratch({ "p.json": JSON.stringify(patch) });
    const cell = ["--model", "kpatch", "--leave", "kernel", "--switch", "function"];
    const { code, stdout } = await quiesce(cwd, virtual("--seed", "7", "--json", ...cell, "--patch", "p.json", "--forced", "ep_poll"));
    assert.strictEqual(code, 0);
    assert.deepStrictEqual(readSummary(stdout).model, { name: "kernel+function", leave: "kernel", switch: "function" });
    const { setup } = JSON.parse(latest(cwd, "manifest.json")).configuration;
    assert.deepInclude(setup.patch, { id: "mine", kind: "call", forced: ["ep_poll"] });
    assert.strictEqual((await quiesce(cwd, ["replay", "latest"])).code, 0);
  });

  it("writes what --journal says", async () => {
    const off = scratch();
    await quiesce(off, virtual("--seed", "1", "--journal", "off"));
    assert.deepStrictEqual(latestFiles(off), ["manifest.json", "report.html", "repro.txt", "results.csv", "summary.json"]);
    const facts = scratch();
    await quiesce(facts, virtual("--seed", "1", "--journal", "facts"));
    const kinds = latestJournal(facts).matchAll(/"kind":"(input|output|fact|fault)","body"/g);
    assert.deepStrictEqual([...new Set([...kinds].map(([, kind]) => kind))], ["fact"]);
  });
});

/** How much of the journal of the latest run is on the disk; 0 before there is any. */
const journalBytes = (cwd: string): number => {
  try {
    return readFileSync(join(cwd, "runs", "latest", "journal.ndjson")).length;
  } catch {
    return 0;
  }
};
