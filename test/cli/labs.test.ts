// The labs of docs/labs: every command in them is run, and must end and print as they say.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { assert, describe, it } from "vitest";
import { command, scratch } from "./quiesce.ts";

const folder = fileURLToPath(new URL("../../docs/labs", import.meta.url));

interface Step {
  readonly args: readonly string[];
  readonly exit: number;
  readonly prints: readonly string[];
}

/** Words as a shell would see them, which needs no more here than single quotes. */
const wordsOf = (line: string): readonly string[] =>
  [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? "");

/** A block's commands with the lines that stand below each. */
const stepsOf = (markdown: string): readonly Step[] =>
  [...markdown.matchAll(/^```\n([\s\S]*?)^```$/gm)].flatMap(([, block = ""]) =>
    block.split(/^\$ /m).flatMap((step) => {
      const [command = "", ...prints] = step.trimEnd().split("\n");
      const [, line, exit] = /^\.\/quiesce (.*?) +# exit (\d+)$/.exec(command) ?? [];
      return line === undefined ? [] : [{ args: wordsOf(line), exit: Number(exit), prints: prints.map((text) => text.trim()) }];
    }),
  );

describe("a lab", () => {
  const labs = readdirSync(folder).filter((name) => /^\d-.*\.md$/.test(name));

  it("is each of five, and each has commands", () => {
    assert.lengthOf(labs, 5);
    for (const lab of labs) assert.isAtLeast(stepsOf(readFileSync(join(folder, lab), "utf8")).length, 2, lab);
  });

  it.each(labs)("prints what it says: %s", async (lab) => {
    const text = readFileSync(join(folder, lab), "utf8");
    const steps = stepsOf(text);
    assert.lengthOf(text.match(/^\$ /gm) ?? [], steps.length, "a command without its exit code");
    const cwd = scratch();
    for (const { args, exit, prints } of steps) {
      const { code, stdout, stderr } = await command(cwd, args);
      assert.strictEqual(code, exit, `${args.join(" ")}: ${stderr}`);
      for (const line of prints) assert.include(stdout, line, args.join(" "));
    }
  });
});
