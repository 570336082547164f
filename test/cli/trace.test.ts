// `quiesce trace`: a recorded run as a file for other tools; what cannot be drawn is said in one line.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { assert, describe, it } from "vitest";
import { command, latestJournal, quiesce, scratch } from "./quiesce.ts";

const record = async (...args: readonly string[]): Promise<string> => {
  const cwd = scratch();
  await command(cwd, ["run", "--engine", "virtual", "--seed", "7", "--cpus", "4", "--quiet", ...args]);
  return cwd;
};

const change = (cwd: string, how: (journal: string) => string): void =>
  writeFileSync(join(cwd, "runs", "latest", "journal.ndjson.gz"), gzipSync(how(latestJournal(cwd))));

/** A run that no test changes. */
const plain = record();

describe("trace", () => {
  it("draws the run that ended last on stdout, or a run that is named into a file, the same bytes each time", async () => {
    const cwd = await record("--fault", "drop 20% of any");
    const { code, stdout, stderr } = await quiesce(cwd, ["trace"]);
    assert.deepInclude({ code, stderr }, { code: 0, stderr: "" });
    assert.isAbove(JSON.parse(stdout).traceEvents.length, 100);
    const filed = await command(cwd, ["trace", "runs/latest", "--out", "trace.json"]);
    assert.deepInclude(filed, { code: 0, stdout: "" });
    assert.strictEqual(readFileSync(join(cwd, "trace.json"), "utf8"), stdout);
  });

  it("writes bytes as well as text", async () => {
    const { code, stdout } = await quiesce(await plain, ["trace", "latest", "--format", "trace.dat"]);
    assert.strictEqual(code, 0);
    assert.match(stdout, /^..Dtracing6/s);
  });

  it("shows the CPUs and the time that are asked for", async () => {
    const { stdout } = await command(await plain, ["trace", "--format", "lamport", "--cpus", "1,3", "--from", "800us", "--to", "1ms"]);
    const [head = "", ...lines] = stdout.trimEnd().split("\n");
    assert.match(head, /coordinator0 +cpu1 +cpu3$/);
    const times = lines.map((line) => Number(line.trim().split(/ +/)[1]));
    assert.isTrue(times.every((ms) => ms >= 0.8 && ms <= 1));
    assert.isAbove(times.length, 5);
  });

  it("refuses with 254 what needs messages where there are facts only, draws the rest, and writes no file in vain", async () => {
    const cwd = await record("--journal", "facts");
    const { code, stdout, stderr } = await command(cwd, ["trace", "--format", "mermaid", "--out", "file"]);
    assert.deepInclude({ code, stdout }, { code: 254, stdout: "" });
    assert.match(stderr, /^quiesce: .*holds facts only, and mermaid shows messages: record the run with --journal full\n$/);
    assert.isFalse(existsSync(join(cwd, "file")));
    assert.deepInclude(await command(cwd, ["trace", "--format", "klog"]), { code: 0, stderr: "" });
  });

  it("says of a journal that goes on with facts only from when on, and calls no message lost that was not written down", async () => {
    const cwd = await record();
    change(cwd, (journal) => {
      const lines = journal.split("\n");
      const half = Math.floor(lines.length / 2);
      const rest = lines.slice(half).filter((line) => !/"kind":"(input|output)","body"/.test(line));
      return [...lines.slice(0, half), '{"note":"facts-only","entries":1}', ...rest].join("\n");
    });
    const { code, stdout, stderr } = await command(cwd, ["trace", "--format", "ftrace"]);
    assert.strictEqual(code, 0);
    assert.match(stderr, /^quiesce: from [\d.]+\w+ on the journal holds facts only: no message is drawn after that$/m);
    assert.notMatch(stdout, / lost\n/);
  });

  it("says which entries are missing, for what they sent or got is drawn as lost", async () => {
    const cwd = await record();
    change(cwd, (journal) => journal.split("\n").toSpliced(40, 1).join("\n"));
    const { code, stderr } = await command(cwd, ["trace", "--format", "klog"]);
    assert.strictEqual(code, 0);
    assert.match(stderr, /^quiesce: the journal of \w+ lacks entry \d+\n$/);
  });

  it("draws a run that was cut off as far as it goes, and says so", async () => {
    const cwd = await record();
    change(cwd, (journal) => journal.slice(0, journal.length / 2));
    const { code, stdout, stderr } = await command(cwd, ["trace", "--format", "ftrace"]);
    assert.strictEqual(code, 0);
    assert.match(stderr, /the run was cut off: its journal has no end/);
    assert.isAbove(stdout.split("\n").length, 50);
  });

  it.each([
    [["--format", "perfeto"], 'did you mean "perfetto"?'],
    [["--cpus", "9"], "--cpus: the machine has CPUs 0-3"],
    [["--from", "2ms", "--to", "1ms"], "--to: 1ms is before --from 2ms"],
    [["--out", "no/such/folder"], "cannot be written"],
    [["runs/lost"], "there is no such run"],
  ])("refuses with 254 %j", async (args, message) => {
    const { code, stdout, stderr } = await command(await plain, ["trace", ...args]);
    assert.deepInclude({ code, stdout }, { code: 254, stdout: "" });
    assert.include(stderr, message);
  });
});
