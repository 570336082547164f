// `quiesce replay`: a run goes again as it is recorded, and the first difference is named.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { assert, describe, it } from "vitest";
import { command, latestJournal, quiesce, scratch } from "./quiesce.ts";

const record = async (...args: readonly string[]): Promise<string> => {
  const cwd = scratch();
  await command(cwd, ["run", "--engine", "virtual", "--seed", "7", "--quiet", ...args]);
  return cwd;
};

const change = (cwd: string, how: (journal: string) => string): void =>
  writeFileSync(join(cwd, "runs", "latest", "journal.ndjson.gz"), gzipSync(how(latestJournal(cwd))));

describe("replay", () => {
  it("finds every output as recorded, given the folder, its name or the journal itself", async () => {
    const cwd = await record("--fault", "drop 20% of any", "--fault", "crash cpu 2 at prepare restart after 5ms");
    for (const run of ["latest", "runs/latest", "runs/latest/journal.ndjson.gz"]) {
      const { code, stdout } = await quiesce(cwd, ["replay", run]);
      assert.strictEqual(code, 0);
      assert.match(stdout, /^replay: \d+ turns of a virtual run of 8 CPUs: every output as recorded\n$/);
    }
  });

  it("ends with 4 at the first output that differs, and names it", async () => {
    const cwd = await record();
    change(cwd, (journal) => journal.replace('"fact":"resumed","cpu":3', '"fact":"resumed","cpu":4'));
    const { code, stdout } = await command(cwd, ["replay", "latest"]);
    assert.strictEqual(code, 4);
    assert.match(stdout, /^replay: DIVERGED at entry \d+ of cpu3 .*: recorded \{.*"cpu":4.*\}, replayed \{.*"cpu":3.*\}\n$/);
  });

  it("runs the seed again for a journal of facts, and ends with 4 where they differ", async () => {
    const cwd = await record("--journal", "facts");
    const whole = await command(cwd, ["replay", "latest"]);
    assert.deepInclude(whole, { code: 0, stdout: "replay: the seed run again: the journal is the same, byte for byte\n" });
    change(cwd, (journal) => journal.replace('"fact":"resumed","cpu":3', '"fact":"resumed","cpu":4'));
    const changed = await command(cwd, ["replay", "latest"]);
    assert.strictEqual(changed.code, 4);
    assert.match(changed.stdout, /^replay: DIVERGED at line \d+: seed 7/);
  });

  it("ends with 2 where an entry is missing", async () => {
    const cwd = await record();
    change(cwd, (journal) => journal.split("\n").toSpliced(40, 1).join("\n"));
    const { code, stdout } = await command(cwd, ["replay", "latest"]);
    assert.strictEqual(code, 2);
    assert.match(stdout, /not whole: the journal of \w+ lacks entry \d+/);
  });

  it.each([
    ["not a journal", () => "{}\n", "line 1: not a journal"],
    ["a line that is no JSON", (text: string) => text.replace('{"seq":1,', '{"seq":1;'), "not JSON"],
    [
      "a fault that is none",
      (text: string) => text.replace('"mode":"full"', '"mode":"facts"').replace('"faults":[]', '"faults":["drp 1% of any"]'),
      'did you mean "drop"?',
    ],
    ["a setup that builds no machine", (text: string) => text.replace('"workload":{', '"workloda":{'), "the setup builds no machine"],
  ])("refuses with 254 %s", async (_, how, message) => {
    const cwd = await record();
    change(cwd, how);
    const { code, stdout, stderr } = await command(cwd, ["replay", "latest"]);
    assert.strictEqual(code, 254, stdout);
    assert.strictEqual(stdout, "");
    assert.include(stderr, message);
  });

  it("ends with 2 where a compressed journal was cut off, and counts what there is of it", async () => {
    const cwd = await record();
    const path = join(cwd, "runs", "latest", "journal.ndjson.gz");
    const whole = readFileSync(path);
    writeFileSync(path, whole.subarray(0, whole.length / 2));
    const { code, stdout } = await command(cwd, ["replay", "latest"]);
    assert.strictEqual(code, 2);
    assert.match(stdout, /^replay: [1-9]\d* turns as recorded, but the run was cut off/);
  });

  it("refuses a file that only claims to be compressed", async () => {
    const cwd = await record();
    writeFileSync(join(cwd, "runs", "latest", "journal.ndjson.gz"), latestJournal(cwd));
    const { code, stderr } = await command(cwd, ["replay", "latest"]);
    assert.strictEqual(code, 254, stderr);
    assert.include(stderr, "incorrect header check");
  });
});
