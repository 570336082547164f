// The samples of the README: what stands below a command is what the command prints, but for names of folders and what the harness cost.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { assert, describe, it } from "vitest";
import { command, scratch } from "./quiesce.ts";

const readme = readFileSync(fileURLToPath(new URL("../../README.md", import.meta.url)), "utf8");

interface Sample {
  readonly line: string;
  readonly prints: readonly string[];
}

const samples: readonly Sample[] = [...readme.matchAll(/^```\n\$ \.\/quiesce (.*)\n([\s\S]*?)^```$/gm)].map(([, line = "", text = ""]) => ({
  line,
  prints: text.trimEnd().split("\n"),
}));

const masked = (line: string): string =>
  line.replaceAll(/runs\/\d{8}T\d{6}Z-(\w+)-[0-9a-f]{6}/g, "runs/TIME-$1").replace(/^( {2}COST +\d+ events? ).*/, "$1");

const printedBy = async (line: string): Promise<readonly string[]> => {
  const { code, stdout } = await command(scratch(), line.split(" "));
  assert.strictEqual(code, 0, line);
  return stdout.trimEnd().split("\n").map(masked);
};

/** The words that begin lines. */
const labels = (lines: readonly string[]): readonly string[] =>
  lines.flatMap((line) => /^ {2}([A-Z]{3,}|[✓✗?] [A-Z]+|[a-z]+)\b/.exec(line)?.[1] ?? []);

describe("the README", () => {
  it("has samples of a run and of a comparison", () => {
    assert.deepStrictEqual(
      samples.map(({ line }) => line.split(" ")[0]),
      ["run", "compare"],
    );
  });

  it.each(samples.filter(({ line }) => line.includes("--engine virtual")))("shows what it prints: $line", async ({ line, prints }) => {
    assert.deepStrictEqual(prints.map(masked), await printedBy(line));
  });

  it.each(samples.filter(({ line }) => !line.includes("--engine virtual")))(
    "shows the lines of a live run that any run has: $line",
    async ({ line, prints }) => {
      // What a live run tells on stderr first stands above what it prints.
      assert.match(prints[0] ?? "", /^quiesce run {3}seed 7 {3}again: /);
      const wanted = labels(await printedBy(`${line} --engine virtual`));
      assert.deepStrictEqual(labels(prints.slice(1)), wanted);
    },
  );
});
