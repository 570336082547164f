// `quiesce load` and `quiesce diff`: one document, thresholds that end with 99, a limit that is found, and two results compared.
import * as Schema from "effect/Schema";
import { assert, describe, it } from "vitest";
import { Diff } from "../../shared/report/diff.ts";
import { Load } from "../../shared/report/loadSummary.ts";
import { command, latest, latestFiles, quiesce, scratch } from "./quiesce.ts";

const readLoad = Schema.decodeUnknownSync(Schema.fromJsonString(Load), { onExcessProperty: "error" });
const readDiff = Schema.decodeUnknownSync(Schema.fromJsonString(Diff), { onExcessProperty: "error" });

const small = ["--seed", "7", "--cpus", "4", "--patches", "2", "--patch-every", "200ms"];

describe("load", () => {
  it("prints exactly one document of every model and rate, and leaves histograms beside it", async () => {
    const cwd = scratch();
    const { code, stdout, stderr } = await command(cwd, [
      "load",
      ...small,
      "--rate",
      "4k/s..8k/s in 2",
      "--models",
      "simple,hybrid",
      "--json",
    ]);
    assert.strictEqual(code, 0, stderr);
    const { cells, arrivals, complete } = readLoad(stdout);
    assert.deepStrictEqual([arrivals, complete], ["poisson 4k/s", true]);
    assert.deepStrictEqual(
      cells.map(({ name, verdict }) => [name, verdict]),
      ["simple-4000", "simple-8000", "hybrid-4000", "hybrid-8000"].map((name) => [name, "valid"]),
    );
    for (const { balance, patched, operations } of cells) {
      assert.deepStrictEqual([balance.problems, patched, operations.length], [[], 1, 2]);
      assert.strictEqual(balance.arrived, balance.answered + balance.queued + balance.inService + balance.lost);
    }
    assert.strictEqual(latest(cwd, "summary.json"), stdout);
    assert.includeMembers(
      [...latestFiles(cwd)],
      ["manifest.json", "repro.txt", "results.csv", "latency.svg", "simple-4000.hlog", "hybrid-8000.hlog"],
    );
    assert.include(latest(cwd, "simple-4000.hlog"), "Tag=latency.before,");
    const rows = latest(cwd, "results.csv");
    assert.include(rows, ",virtual,simple,4000,4,7,valid,latencyUs.during.max,");
    // Too few requests meet a stop to tell a percentile of theirs.
    assert.include(rows, ",virtual,simple,4000,4,7,valid,latencyUs.before.p99,");
    assert.notInclude(rows, ",virtual,simple,4000,4,7,valid,latencyUs.during.p99,");
  });

  it("has CPUs call each other as often as it is told, on top of the requests, and says how often they did", async () => {
    const cwd = scratch();
    const calling = ["load", ...small, "--rate", "1k/s", "--calls", "4k/s"];
    const { code, stdout } = await command(cwd, [...calling, "--threshold", "called>0.9", "--json"]);
    assert.strictEqual(code, 0);
    const { callsPerSecond, cells } = readLoad(stdout);
    assert.deepStrictEqual([callsPerSecond, cells[0]?.calls.plannedPerSecond, cells[0]?.wire], [4_000, 4_000, null]);
    assert.isBelow(cells[0]?.called ?? Infinity, 1.1);
    const told = await command(cwd, calling);
    assert.match(told.stdout, /CALLS +simple-1000: \d+ of 4k\/s expected \(\d+(\.\d+)? %\); before p50 .*us, p99 .*us, max .*us/);
    const alone = await command(cwd, ["run", "--engine", "virtual", "--cpus", "1", "--calls", "4k/s"]);
    assert.deepStrictEqual([alone.code, /--calls: a machine of one CPU has nobody to call/.test(alone.stderr)], [254, true]);
    const wrong = await command(cwd, ["run", "--calls", "often"]);
    assert.deepStrictEqual([wrong.code, /"often" is not a rate/.test(wrong.stderr)], [254, true]);
  });

  it("ends with 99 when a threshold is crossed, names it, and keeps the journal about the first outlier", async () => {
    const cwd = scratch();
    const slow = [
      "--set",
      "profile.stopperWakeNs=20000000",
      "--break-over",
      "15ms",
      "--threshold",
      "latencyUs:during:p99<1000",
      "--threshold",
      "achieved>0.5",
    ];
    const { code, stdout } = await command(cwd, ["load", ...small, "--rate", "4k/s", ...slow]);
    assert.strictEqual(code, 99);
    assert.match(stdout, /✗ CROSSED {2}latencyUs:during:p99<1000: \d+.* \(simple-4000\)/);
    assert.notInclude(stdout, "achieved>0.5:");
    assert.match(stdout, /SLOW .*the CPU was stopped/);
    const [header = "", ...lines] = latest(cwd, "outlier-simple-4000.ndjson").trim().split("\n");
    assert.strictEqual(JSON.parse(header).schema, "quiesce.journal/1");
    assert.isAbove(lines.length, 50);
  });

  it("finds the highest rate that holds a threshold, to within the precision", async () => {
    const cwd = scratch();
    const search = ["--find-limit", "--precision", "20%", "--rate", "4k/s..400k/s", "--threshold", "achieved>0.99"];
    const { code, stdout, stderr } = await command(cwd, ["load", ...small, ...search, "--json"]);
    assert.strictEqual(code, 0, stderr);
    const [limit] = readLoad(stdout).limits ?? [];
    assert.isNotNull(limit?.holds);
    assert.isAtMost((limit?.fails ?? Infinity) / (limit?.holds ?? 0), 1.21);
  });

  it("takes a study from a file, and the same line gives the same results again", async () => {
    const cwd = scratch({
      "study.yaml": "schema: quiesce.load-study/1\ncpus: 2\nseed: 3\nrate: 2k/s\narrivals: recorded times.txt\n",
      "good.yaml": "schema: quiesce.load-study/1\ncpus: 2\nseed: 3\npatches: 1\npatch-every: 100ms\narrivals: recorded times.txt\n",
      "times.txt": Array.from({ length: 300 }, (_, i) => `${100 + i * 0.0005}\n`).join(""),
    });
    const { code, stderr } = await command(cwd, ["load", "study.yaml"]);
    assert.strictEqual(code, 254);
    assert.include(stderr, "study.yaml: line 4, rate: recorded arrivals have the rate that they have");
    const runs = [
      await command(cwd, ["load", "good.yaml", "--json", "--out", "a"]),
      await command(cwd, ["load", "good.yaml", "--json", "--out", "b"]),
    ];
    const [a, b] = runs.map(({ stdout }) => readLoad(stdout).cells.map(({ resources: _, ...cell }) => cell));
    assert.deepStrictEqual(a, b);
    assert.strictEqual(a?.[0]?.balance.arrived, 300);

    const same = await command(cwd, ["diff", "a/latest", "b/latest"]);
    assert.deepStrictEqual([same.code, same.stdout.includes("✓ SAME")], [0, true]);
  });
});

describe("load, live", () => {
  it("serves requests in processes over NATS while patches land, and every request is accounted for, with a process killed too", async () => {
    const cwd = scratch();
    const machine = ["--engine", "live", "--cpus", "4", "--rate", "2k/s", "--patches", "2", "--patch-every", "400ms"];
    const crash = ["--fault", "crash cpu 2 at disable-irq restart after 100ms"];
    const besides = ["--reschedules", "400/s", "--break-over", "1us"];
    const { code, stdout, stderr } = await quiesce(cwd, ["load", ...machine, ...crash, ...besides, "--json"]);
    assert.strictEqual(code, 0, stderr);
    const { cells, engine } = readLoad(stdout);
    assert.strictEqual(engine, "live");
    const [{ balance, verdict, patched, latencyUs, reschedules, rescheduled, outlier, perCpu, wire } = assert.fail("no cell")] = cells;
    assert.deepStrictEqual([verdict, patched, balance.problems], ["valid", 1, []]);
    assert.isAbove(balance.answered, 1_000);
    assert.isAbove(balance.lost, 0);
    // A stop over NATS takes milliseconds: whoever meets it feels it.
    assert.isAbove(latencyUs.during?.max ?? 0, latencyUs.before?.p99 ?? Infinity);
    assert.strictEqual(reschedules.plannedPerSecond, 400);
    // A host that is busy with other things sends fewer.
    assert.isAbove(rescheduled ?? 0, 0.1);
    assert.deepInclude(wire, { slowConsumers: 0, serverRestarts: 0 });
    assert.lengthOf(perCpu.worst, 4);
    assert.isAbove(perCpu.irqsOffUs.p50, 0);
    assert.isAtLeast(perCpu.disturbed.p50, 2 * 4);
    // What lay about the first request that was too slow is kept of a run that nothing repeats.
    const [header = "", ...lines] = latest(cwd, "outlier-simple-2000.ndjson").trim().split("\n");
    assert.include(header, '"engine":"live"');
    const times = lines.map((line) => (JSON.parse(line) as { at: number }).at / 1000);
    assert.isNotNull(outlier);
    for (const at of times)
      assert.isTrue(at >= (outlier?.atUs ?? 0) - 20_000 && at <= (outlier?.atUs ?? 0) + (outlier?.latencyUs ?? 0) + 2_000);
  });
});

describe("diff", () => {
  const files = {
    "a.json": JSON.stringify({ schema: "quiesce.summary/1", run: "1", timings: { stopUs: 100, totalUs: 200 } }),
    "b.json": JSON.stringify({ schema: "quiesce.summary/1", run: "2", timings: { stopUs: 104, totalUs: 260 } }),
    "c.json": JSON.stringify({ schema: "quiesce.load/1" }),
  };

  it("ends with 99 when a value is beyond its tolerance, and with 0 when none is", async () => {
    const cwd = scratch(files);
    const beyond = await quiesce(cwd, ["diff", "a.json", "b.json", "--tolerance", "5%", "--json"]);
    assert.strictEqual(beyond.code, 99);
    assert.deepStrictEqual(
      readDiff(beyond.stdout).differences.map(({ path, beyond: is }) => [path, is]),
      [
        ["timings.totalUs", true],
        ["timings.stopUs", false],
      ],
    );
    const within = await command(cwd, ["diff", "a.json", "b.json", "--tolerance", "5%", "--tolerance", "timings.totalUs=60"]);
    assert.strictEqual(within.code, 0);
    const table = await command(cwd, ["diff", "a.json", "b.json", "--markdown"]);
    assert.include(table.stdout, "| `timings.totalUs` | 200 | 260 | +30 % | **beyond** |");
  });

  it("refuses what cannot be compared", async () => {
    const cwd = scratch(files);
    const kinds = await command(cwd, ["diff", "a.json", "c.json"]);
    assert.deepStrictEqual([kinds.code, /a.json is quiesce.summary\/1 and c.json is quiesce.load\/1/.test(kinds.stderr)], [254, true]);
    const slip = await command(cwd, ["diff", "a.json", "b.json", "--tolerance", "timing.stopUs=5%"]);
    assert.deepStrictEqual([slip.code, /did you mean "timings.stopUs"/.test(slip.stderr)], [254, true]);
  });
});
