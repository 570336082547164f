// `quiesce chaos` and `quiesce shrink`: many seeds, one document; every failure comes back from one line, and gets small.
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as Schema from "effect/Schema";
import { assert, describe, it } from "vitest";
import { models } from "../../shared/consistency/registry.ts";
import { Chaos } from "../../shared/report/chaosSummary.ts";
import { Shrunk } from "../../shared/report/shrinkSummary.ts";
import { command, latest, latestFiles, quiesce, scratch, start } from "./quiesce.ts";

const readChaos = Schema.decodeUnknownSync(Schema.fromJsonString(Chaos), { onExcessProperty: "error" });
const readShrunk = Schema.decodeUnknownSync(Schema.fromJsonString(Shrunk), { onExcessProperty: "error" });

const study = (...args: readonly string[]): readonly string[] => ["chaos", "--cpus", "4", ...args];

/** A mutant that a few runs catch, under its own faults and others. */
const hunted = (...args: readonly string[]): readonly string[] => study("--mutant", "late-round-obeyed-after-exit", ...args);

/** The words of a printed line, as a shell takes them. */
const argsOf = (line: string): readonly string[] =>
  [...line.matchAll(/'([^']*)'|(\S+)/g)].map((match) => match[1] ?? (match[2] as string)).slice(1);

/** What a study says that does not depend on when and where it ran. */
const substance = (text: string) => {
  const { run: _, resources: __, failures, ...rest } = readChaos(text);
  return { ...rest, failures: failures.map(({ shrink: ___, ...failure }) => failure) };
};

describe("chaos", () => {
  it("takes the models in turn under swarms of faults, breaks no promise, and prints exactly one document", async () => {
    const cwd = scratch();
    const { code, stdout, stderr } = await quiesce(cwd, study("--seeds", "1..240", "--json"));
    assert.strictEqual(code, 0, stderr);
    const { rows, runs, verdict, unsafe, stuck, struck, failures, stopped } = readChaos(stdout);
    assert.deepStrictEqual({ runs, verdict, stopped, failures }, { runs: 240, verdict: "valid", stopped: "all done", failures: [] });
    assert.deepInclude(unsafe, { hits: 0, of: 240, low: 0 });
    assert.deepInclude(stuck, { hits: 0, of: 240, low: 0 });
    assert.isAbove(unsafe.high, 0);
    assert.sameMembers(
      rows.map(({ model }) => model),
      models.map(({ name }) => name),
    );
    for (const { model, committed, aborted, open, violated } of rows)
      assert.strictEqual(committed.hits + aborted.hits + open.hits + violated.hits, 40, model);
    for (const { fault, struck: hits } of struck) assert.isAbove(hits, 0, fault);
    assert.strictEqual(latest(cwd, "summary.json"), stdout);
    assert.includeMembers([...latestFiles(cwd)], ["checkpoint.json", "manifest.json", "repro.txt", "results.csv", "summary.json"]);
    assert.include(latest(cwd, "results.csv"), ",virtual,simple,4,,,committed,");
  });

  it("gives the same for the same line, on however many threads", async () => {
    const args = study("--seeds", "7..70", "--models", "simple,hybrid,kernel+function", "--json");
    const [first, again] = await Promise.all([command(scratch(), args), command(scratch(), args)]);
    assert.deepStrictEqual(substance(first.stdout), substance(again.stdout));
  });

  it("says a failure once, with the line that runs it again exactly", async () => {
    const cwd = scratch();
    const { code, stdout } = await command(cwd, hunted("--seeds", "1..60", "--max-failures", "5", "--json"));
    assert.strictEqual(code, 1);
    const { failures, stopped, mutant, rows, runs } = readChaos(stdout);
    assert.deepInclude({ stopped, mutant }, { stopped: "failures", mutant: "late-round-obeyed-after-exit" });
    assert.isAtMost(runs, 60);
    assert.strictEqual(rows[0]?.violated.hits, 5);
    for (const { monitor, reason, replay, seed } of failures.slice(0, 2)) {
      const again = await command(cwd, [...argsOf(replay), "--json", "--journal", "off"]);
      assert.strictEqual(again.code, 1, replay);
      const { violations, seed: taken } = JSON.parse(again.stdout);
      assert.strictEqual(taken, seed);
      const first = violations.find((violation: { monitor: string }) => violation.monitor === monitor);
      assert.strictEqual(first?.reason, reason, replay);
    }
  });

  it("ends with the verdict first and the lines to copy last", async () => {
    const { code, stdout } = await command(scratch(), hunted("--seeds", "1..20", "--max-failures", "1"));
    assert.strictEqual(code, 1);
    const lines = stdout.split("\n");
    assert.match(lines[1] ?? "", /VERDICT violated/);
    assert.match(stdout, /✗ SAFETY .*violations: 1 in/);
    assert.match(stdout, /late-round-obeyed-after-exit was caught after \d+ runs? by /);
    assert.match(stdout, /^ {2}replay {4}\.\/quiesce run --engine virtual .* --mutant late-round-obeyed-after-exit$/m);
    assert.match(stdout, /^ {2}shrink {4}\.\/quiesce shrink runs\/\S+-chaos-\S+ --seed \d+$/m);
  });

  it("goes on where Ctrl-C left it, to the same result", async () => {
    const cwd = scratch();
    const args = ["chaos", "--cpus", "8", "--seeds", "1..1000", "--json"];
    const running = start(cwd, args);
    await running.until(() => existsSync(join(cwd, "runs", "latest", "checkpoint.json")));
    running.kill("SIGINT");
    const cut = await running.finished;
    assert.strictEqual(cut.code, 130);
    const { runs, stopped } = readChaos(cut.stdout);
    assert.strictEqual(stopped, "interrupted");
    assert.isAbove(runs, 0);
    assert.isBelow(runs, 1000);
    const resumed = await command(cwd, [...args, "--resume", "latest"]);
    assert.strictEqual(resumed.code, 0, resumed.stderr);
    const whole = await command(cwd, args);
    assert.deepStrictEqual(substance(resumed.stdout), substance(whole.stdout));
  });

  it("fills a surface of loss by limit, with theory beside it", async () => {
    const { code, stdout } = await command(scratch(), study("--surface", "--seeds", "1..30", "--workload", "idle", "--json"));
    assert.strictEqual(code, 0);
    const { surface } = readChaos(stdout);
    assert.lengthOf(surface ?? [], 56);
    for (const { lossPercent, pauses, committed, closedForm } of surface ?? [])
      assert.closeTo(committed.hits / committed.of, closedForm ?? Number.NaN, 0.3, `${lossPercent} % ${pauses}`);
  });

  it("says that it knows nothing where a fault that was asked for never struck", async () => {
    const { code, stdout } = await command(scratch(), study("--seeds", "1..12", "--fault", "crash cpu 3 from 100s", "--quiet"));
    assert.strictEqual(code, 2);
    assert.match(stdout, /^unknown; .*"crash cpu 3 from 100s" was never applied in any run/);
  });

  it("refuses what makes no sense, by name", async () => {
    const cwd = scratch();
    const refused = [
      [["--seeds", "9..3"], /--seeds: "9\.\.3" ends before it begins/],
      [["--models", "simpel"], /--models: unknown model "simpel" \(did you mean "simple"\?\)/],
      [["--surface", "--models", "simple,hybrid"], /--models: a surface is of one model/],
      [["--minutes", "0"], /--minutes: "0" is not a number of minutes above 0/],
      [["--mutant", "majority"], /--mutant: "majority" is not one of/],
      [["--resume", "nowhere"], /nowhere: .*no repro.txt/],
      [["--seed", "3"], /unknown flag --seed of chaos \(did you mean "--seeds"\?\)/],
    ] as const;
    await Promise.all(
      refused.map(async ([args, message]) => {
        const { code, stderr, stdout } = await command(cwd, ["chaos", ...args]);
        assert.deepStrictEqual({ code, stdout }, { code: 254, stdout: "" }, stderr);
        assert.match(stderr, message);
      }),
    );
  });
});

describe("a chaos study as a file", () => {
  const text = ["schema: quiesce.chaos-study/1", "cpus: 4", "models: simple", "seeds: 1..3", "surface: yes"];

  it("is what its flags would be, which go before it, and draws its surface", async () => {
    const cwd = scratch();
    const file = join(cwd, "study.yaml");
    writeFileSync(file, text.join("\n"));
    const { code, stdout, stderr } = await command(cwd, ["chaos", file, "--seeds", "7..8", "--json"]);
    assert.strictEqual(code, 0, stderr);
    const { cpus, seeds, surface } = readChaos(stdout);
    assert.deepStrictEqual({ cpus, seeds }, { cpus: 4, seeds: { first: 7, last: 8 } });
    assert.isNotNull(surface);
    assert.match(stderr, /again: \.\/quiesce chaos --cpus 4 --models simple --seeds 7\.\.8 --surface$/m);
    assert.match(latest(cwd, "survival.svg"), /<title>How often one attempt commits/);
    assert.match((await command(cwd, ["validate", file])).stdout, /: chaos study of 168 runs: valid\n$/);
  });

  it("says what is wrong with it, and where", async () => {
    const cwd = scratch();
    const file = join(cwd, "study.yaml");
    for (const [from, to, message] of [
      ["surface: yes", "surface: perhaps", /study\.yaml: line 5, surface: "perhaps" is not yes or no/],
      ["seeds: 1..3", "seeds: 3..1", /study\.yaml: line 4, seeds: "3\.\.1" ends before it begins/],
      ["models: simple", "models: simple,hybrid", /study\.yaml: line 3, models: a surface is of one model/],
      ["seeds: 1..3", "seed: 3", /study\.yaml: line 4, seed: a study has many/],
    ] as const) {
      writeFileSync(file, text.join("\n").replace(from, to));
      const { code, stderr } = await command(cwd, ["chaos", file]);
      assert.strictEqual(code, 254, stderr);
      assert.match(stderr, message);
    }
  });
});

describe("shrink", () => {
  it("makes a scenario of a study's failure that breaks the same promise with less, and draws it", async () => {
    const cwd = scratch();
    await command(cwd, study("--mutant", "run-without-wrote", "--seeds", "1..40", "--max-failures", "1", "--quiet"));
    const { code, stdout, stderr } = await quiesce(cwd, ["shrink", "runs/latest", "--json"]);
    assert.strictEqual(code, 0, stderr);
    const { monitor, faults, before, after, replay } = readShrunk(stdout);
    assert.strictEqual(monitor, "whole-call");
    assert.deepStrictEqual(faults, ["crash cpu 0 at run"]);
    assert.isAbove(before.cpus, after.cpus);
    assert.match(latest(cwd, "sequence.txt"), /✗ whole-call/);
    assert.match(latest(cwd, "scenario.yaml"), /^schema: quiesce\.scenario\/1$/m);
    const folder = `runs/${readShrunk(stdout).run}`;
    assert.strictEqual((await command(cwd, ["validate", `${folder}/scenario.yaml`])).code, 0);
    for (const args of [argsOf(replay), ["run", "--scenario", `${folder}/scenario.yaml`]]) {
      const again = await command(cwd, [...args, "--json", "--journal", "off"]);
      assert.strictEqual(again.code, 1, again.stderr);
      assert.include(
        JSON.parse(again.stdout).violations.map((violation: { monitor: string }) => violation.monitor),
        monitor,
      );
    }
  });

  it("takes a run's folder and a scenario file as well, and says so where nothing is broken", async () => {
    const cwd = scratch({ "ok.yaml": "cpus: 3\nseed: 5\nfault: drop 10% of ack\n" });
    const nothing = await command(cwd, ["shrink", "--scenario", "ok.yaml"]);
    assert.strictEqual(nothing.code, 2);
    assert.match(nothing.stderr, /breaks no promise: there is nothing to shrink/);
    const failing = ["run", "--engine", "virtual", "--cpus", "6", "--mutant", "majority-is-enough", "--fault", "delay 1us of any"];
    assert.strictEqual((await command(cwd, [...failing, "--quiet"])).code, 1);
    const { code, stdout } = await command(cwd, ["shrink", "runs/latest", "--json"]);
    assert.strictEqual(code, 0);
    assert.deepInclude(readShrunk(stdout), { monitor: "rounds", faults: [] });
  });
});
