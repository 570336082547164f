// `quiesce report`: a page about whatever a folder holds, its pictures as files, and one clear line where there is nothing to tell.
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { assert, describe, it } from "vitest";
import { command, latest, latestFiles, quiesce, scratch } from "./quiesce.ts";

const record = async (...args: readonly string[]): Promise<string> => {
  const cwd = scratch();
  await command(cwd, ["run", "--engine", "virtual", "--seed", "7", "--cpus", "4", "--quiet", ...args]);
  return cwd;
};

/** A run that no test changes. */
const plain = record();

describe("report", () => {
  it("makes the page that the run has left again, byte for byte, and each of its pictures as a file", async () => {
    const cwd = await record("--fault", "drop 20% of any");
    const left = latest(cwd, "report.html");
    const { code, stdout, stderr } = await quiesce(cwd, ["report", "--figures", "pictures"]);
    assert.deepStrictEqual({ code, stderr }, { code: 0, stderr: "" });
    assert.strictEqual(latest(cwd, "report.html"), left);
    assert.deepStrictEqual(
      stdout.trim().split("\n").slice(1),
      ["cpus", "messages", "blame"].map((name) => `pictures/${name}.svg`),
    );
    assert.strictEqual(readFileSync(join(cwd, "pictures/messages.svg"), "utf8"), latest(cwd, "sequence.svg"));
    await command(cwd, ["report", "--figures", "pngs", "--format", "png", "--out", "page.html"]);
    assert.sameMembers(readdirSync(join(cwd, "pngs")), ["cpus.png", "messages.png", "blame.png"]);
    assert.strictEqual(readFileSync(join(cwd, "pngs/cpus.png")).toString("latin1", 1, 4), "PNG");
    assert.include(readFileSync(join(cwd, "page.html"), "utf8"), "<!doctype html>");
  });

  it("leaves out what is large, and says which command makes it", async () => {
    const cwd = scratch();
    const { stdout } = await command(cwd, ["run", "--engine", "virtual", "--seed", "7", "--cpus", "400"]);
    assert.match(stdout, /report +\.\/quiesce report runs\/\S+ {3}\(left out: of \d+ events\)/);
    assert.notInclude(latestFiles(cwd), "report.html");
    assert.strictEqual((await command(cwd, ["report"])).code, 0);
    assert.include(latest(cwd, "report.html"), "how many of the others were at what");
  });

  it("shows the smallest scenario of a failure with the pictures of its run", async () => {
    const failing = "schema: quiesce.scenario/1\ncpus: 3\ntasks-per-cpu: 1\nseed: 1\nmutant: majority-is-enough\n";
    const cwd = scratch({ "failing.yaml": failing });
    const { stdout } = await command(cwd, ["shrink", "--scenario", "failing.yaml"]);
    assert.match(stdout, /report {4}runs\/\S+\/report\.html/);
    const page = latest(cwd, "report.html");
    for (const part of ['id="picture-messages"', "mutant: majority-is-enough", 'class="verdict violated"']) assert.include(page, part);
  });

  it.each([
    [["report", "runs/nowhere"], /runs\/nowhere: there is no such run/],
    [["report", "empty"], /empty: has no summary\.json/],
    [["report", "--epoch", "9"], /--epoch: this run has no epoch 9.*it has 1 to 1/],
    [["report", "--format", "png"], /--format: is of the files that --figures DIR writes/],
    [["report", "--out", "no/such/folder/page.html"], /cannot be written/],
  ] as const)("refuses %j in one line", async (args, why) => {
    const cwd = await plain;
    mkdirSync(join(cwd, "empty"), { recursive: true });
    const { code, stdout, stderr } = await command(cwd, args);
    assert.strictEqual(code, 254);
    assert.match(stderr, why);
    assert.strictEqual(stderr.trim().split("\n").length, 1);
    assert.strictEqual(stdout, "");
  });
});
