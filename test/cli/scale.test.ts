// `quiesce scale`: sweeps in threads and live; they go on where they were left, and say what is wrong before anything is run.
import { appendFileSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as Schema from "effect/Schema";
import { assert, describe, it } from "vitest";
import { Scale } from "../../shared/report/scaleSummary.ts";
import { type RunRecord, readRecords } from "../../shared/scale/record.ts";
import { command, latest, latestFiles, quiesce, scratch, start } from "./quiesce.ts";

const readScale = Schema.decodeUnknownSync(Schema.fromJsonString(Scale), { onExcessProperty: "error" });

const runsFile = (cwd: string): string => join(cwd, "runs", "latest", "runs.ndjson");

const records = (cwd: string): readonly RunRecord[] => readRecords("runs.ndjson", readFileSync(runsFile(cwd), "utf8"));

/** What a run found out, without what it cost. */
const found = (cwd: string): readonly string[] =>
  records(cwd)
    .map(({ cell, seed, measures }) => JSON.stringify([cell, seed, measures]))
    .toSorted();

const linesOf = (cwd: string): number => (existsSync(runsFile(cwd)) ? readFileSync(runsFile(cwd), "utf8").split("\n").length - 1 : 0);

const sweep = ["scale", "--cpus", "2..512x4", "--models", "simple,hybrid", "--repeat", "6"];
const sweepRuns = 2 * 5 * 6;

/** A sweep that nobody disturbs. */
const whole = scratch();

describe("scale", () => {
  it("runs every cell on the same seeds, prints exactly one document, and leaves tidy tables", async () => {
    const cwd = whole;
    const { code, stdout, stderr } = await quiesce(cwd, [...sweep, "--json"]);
    assert.strictEqual(code, 0, stderr);
    const { axes, cells, curves, runs, complete, seeds } = readScale(stdout);
    assert.deepStrictEqual({ runs, complete, seeds }, { runs: sweepRuns, complete: true, seeds: { first: 1, least: 6, most: 6 } });
    assert.deepStrictEqual(axes, [
      { name: "cpus", values: ["2", "8", "32", "128", "512"] },
      { name: "model", values: ["simple", "hybrid"] },
    ]);
    assert.deepStrictEqual(
      cells.map(({ cpus }) => cpus),
      [2, 2, 8, 8, 32, 32, 128, 128, 512, 512],
    );
    for (const { cell, seed } of records(cwd)) assert.include([1, 2, 3, 4, 5, 6], seed, cell);
    const packets = curves.find(({ point, measure }) => point.model === "simple" && measure === "packets");
    assert.strictEqual(packets?.chosen?.law, "line");
    assert.isAbove(packets?.chosen?.parameters.find(({ name }) => name === "b")?.low ?? 0, 5);
    assert.strictEqual(latest(cwd, "summary.json"), stdout);
    assert.includeMembers([...latestFiles(cwd)], ["cells.csv", "manifest.json", "plan.json", "repro.txt", "results.csv", "runs.ndjson"]);
    const [head = "", ...rows] = latest(cwd, "results.csv").trim().split("\n");
    assert.match(head, /^engine,cpus,model,seed,verdict,outcome,completion_ns,.*,host_wall_s,host_cpu_s,host_peak_rss_bytes,by$/);
    assert.lengthOf(rows, sweepRuns);
    for (const row of rows) assert.lengthOf(row.split(","), head.split(",").length, row);
  });

  it("goes on after kill -9 of its driver, and loses and doubles nothing", async () => {
    const cwd = scratch();
    const running = start(cwd, sweep);
    await running.until(() => linesOf(cwd) >= 10);
    running.kill("SIGKILL");
    await running.finished;
    const before = linesOf(cwd);
    assert.isBelow(before, sweepRuns);
    // As if it had been killed in the middle of a line.
    appendFileSync(runsFile(cwd), '{"cell":"cpus=2 mod');
    const { code, stderr, stdout } = await command(cwd, sweep);
    assert.strictEqual(code, 0, stderr);
    assert.match(stderr, /the last line was torn, and is cut off/);
    assert.match(stderr, new RegExp(`RESUMED +${before} runs are done already`));
    assert.match(stdout, /LAW +simple {2}completion/);
    assert.lengthOf(found(whole), sweepRuns);
    assert.deepStrictEqual(found(cwd), found(whole));
  });

  it("has nothing left to do for a command that was done, but tells it again", async () => {
    const cwd = scratch();
    const args = ["scale", "--cpus", "2,4", "--repeat", "2", "--json"];
    const first = readScale((await command(cwd, args)).stdout);
    const again = readScale((await command(cwd, args)).stdout);
    assert.deepStrictEqual(again.cells, first.cells);
    assert.strictEqual(again.resources.runsNow, 0);
  });

  it("hands in what it has after Ctrl-C, and then goes on", async () => {
    const cwd = scratch();
    const running = start(cwd, [...sweep, "--json"]);
    await running.until(() => linesOf(cwd) >= 5);
    running.kill("SIGINT");
    const cut = await running.finished;
    assert.strictEqual(cut.code, 130);
    const { complete, cells } = readScale(cut.stdout);
    assert.isFalse(complete);
    assert.include(
      cells.map(({ stopped }) => stopped),
      "not done",
    );
    const { complete: completed, runs } = readScale((await command(cwd, [...sweep, "--json"])).stdout);
    assert.deepStrictEqual({ completed, runs }, { completed: true, runs: sweepRuns });
  });

  it("repeats a cell until its interval is tight, the same on one thread as on several", async () => {
    const args = ["scale", "--cpus", "8,64", "--models", "simple,hybrid", "--until-ci", "5%", "--max-repeat", "12", "--json"];
    const [threads, alone] = await Promise.all([command(scratch(), args), command(scratch(), [...args, "--memory", "1MB"])]);
    const { cells } = readScale(threads.stdout);
    const runsOf = (model: string) => cells.filter(({ point }) => point.model === model).map(({ runs, stopped }) => [runs, stopped]);
    assert.deepStrictEqual(runsOf("hybrid"), [
      [12, "enough"],
      [12, "enough"],
    ]);
    for (const [runs, stopped] of runsOf("simple")) assert.isTrue(stopped === "tight" && (runs as number) < 12, `${runs} ${stopped}`);
    const timeless = (text: string) =>
      readScale(text).cells.map(({ measures: { host_wall_s: _, host_cpu_s: __, host_peak_rss_bytes: ___, ...measures }, ...cell }) => ({
        ...cell,
        measures,
      }));
    assert.deepStrictEqual(timeless(threads.stdout), timeless(alone.stdout));
    for (const { measures } of readScale(alone.stdout).cells) assert.isAbove(measures.host_peak_rss_bytes?.median ?? 0, 10e6);
  });

  it("takes any setting for an axis, from flags and from a file alike", async () => {
    const file = [
      "schema: quiesce.sweep/1",
      "cpus: [2..8x2]",
      "tasks-per-cpu: 1,2",
      "fault:",
      "  - none",
      "  - [drop 5% of ack, delay 1us of stop]",
      "set:",
      "  - profile.tickNs=1000000",
      "  - {profile.tickNs: 4000000}",
      "repeat: 1",
    ].join("\n");
    const cwd = scratch({ "s.yaml": file });
    const flags = ["--cpus", "2,4,8", "--tasks-per-cpu", "1,2", "--fault", "none | drop 5% of ack; delay 1us of stop"];
    const byFlags = ["scale", ...flags, "--set", "profile.tickNs=1000000 | profile.tickNs=4000000", "--repeat", "1", "--json"];
    const [fromFile, fromFlags] = await Promise.all([command(cwd, ["scale", "s.yaml", "--json"]), command(scratch(), byFlags)]);
    assert.strictEqual(fromFile.code, 0, fromFile.stderr);
    const points = (text: string) => readScale(text).cells.map(({ key, measures }) => [key, measures.completion_ns, measures.packets]);
    assert.lengthOf(points(fromFile.stdout), 24);
    assert.deepStrictEqual(points(fromFlags.stdout), points(fromFile.stdout));
    assert.include(
      fromFile.stdout,
      "cpus=8 model=simple tasks-per-cpu=2 fault=drop 5% of ack; delay 1us of stop set=profile.tickNs=4000000",
    );
  });

  it("prints the plan and runs nothing if that is all that is asked for", async () => {
    const cwd = scratch();
    const args = ["scale", "--cpus", "2..1048576x8", "--until-ci", "5%", "--dry-run"];
    const { code, stdout } = await command(cwd, args);
    assert.strictEqual(code, 0);
    assert.match(stdout, /AXIS +cpus: 2, 16, 128, 1024, 8192, 65536, 524288, 1048576\n/);
    assert.match(stdout, /PLAN +8 cells, 5 to 40 runs each, until the median of completion is known to 5 %/);
    assert.isFalse(existsSync(join(cwd, "runs")));
  });

  it("does not go on where the code or a file that it names has changed, and says why", async () => {
    const patch = (title: string) =>
      JSON.stringify({
        schema: "quiesce.patch/1",
        id: "mine",
        title,
        kind: "function",
        objects: [{ object: "vmlinux", functions: ["ep_poll"] }],
      });
    const cwd = scratch({ "p.json": patch("one") });
    const args = ["scale", "--cpus", "2", "--patch", "./p.json", "--repeat", "1", "--quiet"];
    assert.strictEqual((await command(cwd, args)).code, 0);
    writeFileSync(join(cwd, "p.json"), patch("two"));
    const changed = await command(cwd, args);
    assert.strictEqual(changed.code, 254);
    assert.match(changed.stderr, /cannot go on: the cell cpus=2 model=simple is not what it was/);
    writeFileSync(join(cwd, "p.json"), patch("one"));
    const plan = join(cwd, "runs", "latest", "plan.json");
    writeFileSync(plan, readFileSync(plan, "utf8").replace(/"code": "\w+"/, '"code": "000000000000"'));
    const other = await command(cwd, args);
    assert.strictEqual(other.code, 254);
    assert.match(other.stderr, /cannot go on: it was begun by other code \(000000000000, this is \w{12}\)/);
    rmSync(plan);
  });

  it("lets no second driver into its folder, and none into one that is not its own", async () => {
    const cwd = scratch();
    const running = start(cwd, sweep);
    await running.until(() => linesOf(cwd) >= 1);
    // It is not over before the other has begun.
    running.kill("SIGSTOP");
    const second = await command(cwd, sweep);
    running.kill("SIGKILL");
    await running.finished;
    assert.strictEqual(second.code, 254);
    assert.match(second.stderr, /process \d+ is at work in it/);
    appendFileSync(runsFile(cwd), `${readFileSync(runsFile(cwd), "utf8").split("\n")[0]}\n`);
    const doubled = await command(cwd, sweep);
    assert.strictEqual(doubled.code, 254);
    assert.match(doubled.stderr, /runs\.ndjson: line \d+: cell \S+ \S+ with seed \d is there twice/);
  });

  it("refuses what makes no sense, with its place and the nearest spelling", async () => {
    const cwd = scratch({
      "a.yaml": "cpus: 2\nmodles: simple\n",
      "b.yaml": "cpus:\n  - 2..8\n",
      "d.yaml": "models: [simple, simpel]\n",
      "e.yaml": "seed: [1, 2]\n",
    });
    const refused: ReadonlyArray<readonly [readonly string[], RegExp]> = [
      [["--cpus", "2..64"], /--cpus: "2\.\.64" has no factor/],
      [["--workload", "web,wbe"], /--workload: .*did you mean "web"/],
      [["--fault", "none | drop 5% of akc"], /--fault: .*did you mean "ack"/],
      [["--until-ci", "0.05"], /--until-ci: "0\.05" is not a share \(like 5%/],
      [["--until-ci", "5%", "--repeat", "3"], /--repeat: "3" is not a whole number from 5/],
      [["--memory", "8"], /--memory: "8" is not an amount of memory/],
      [["--engine", "live", "--cpus", "2", "--hosts", "4"], /--hosts: 4 processes for 2 CPUs/],
      [["--seeds", "1"], /unknown flag --seeds of scale \(did you mean "--seed"\?\)/],
      [["a.yaml"], /a\.yaml: line 2: unknown setting "modles" \(did you mean "models"\?\)/],
      [["b.yaml"], /b\.yaml: line 1, cpus: "2\.\.8" has no factor/],
      [["d.yaml"], /d\.yaml: line 1, models: .*did you mean "simple"/],
      [["e.yaml"], /e\.yaml: line 1, seed: is one value for the whole sweep, not a list/],
    ];
    await Promise.all(
      refused.map(async ([args, message]) => {
        const { code, stderr, stdout } = await command(cwd, ["scale", ...args]);
        assert.deepStrictEqual({ code, stdout }, { code: 254, stdout: "" }, stderr);
        assert.match(stderr, message);
      }),
    );
    assert.isFalse(existsSync(join(cwd, "runs")));
  });

  it("sweeps real processes by the same path, one run at a time", async () => {
    const cwd = scratch();
    const args = ["scale", "--engine", "live", "--cpus", "2,4", "--hosts", "1,2", "--repeat", "1", "--json"];
    const { code, stdout, stderr } = await quiesce(cwd, args);
    assert.strictEqual(code, 0, stderr);
    const { cells, engine } = readScale(stdout);
    assert.strictEqual(engine, "live");
    assert.deepStrictEqual(
      cells.map(({ key, committed }) => [key, committed]),
      ["cpus=2 model=simple hosts=1", "cpus=2 model=simple hosts=2", "cpus=4 model=simple hosts=1", "cpus=4 model=simple hosts=2"].map(
        (key) => [key, 1],
      ),
    );
    assert.notInclude([...latestFiles(cwd)], "live");
  });
});
