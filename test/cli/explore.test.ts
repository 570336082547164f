// `quiesce explore` as it is typed: what it prints, how it ends, and that a path it wrote down can be stepped through.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { assert, describe, it } from "vitest";
import { command, quiesce, scratch } from "./quiesce.ts";

describe("explore", () => {
  it("a search that came to its end: every property by name, and 0", async () => {
    const { code, stdout } = await quiesce(scratch(), ["explore", "--attempts", "1", "--drops", "1", "--json"]);
    const document = JSON.parse(stdout);
    assert.strictEqual(code, 0);
    assert.deepInclude(document, { verdict: "valid", ended: "exhausted", states: 1_045, counterexample: null });
    assert.include(
      document.properties.map(({ name }: { readonly name: string }) => name),
      "ends",
    );
  });

  it("a broken guarantee: 1, with steps that can be taken again, and 4 where they are not what they were", async () => {
    const cwd = scratch();
    const found = await command(cwd, ["explore", "--mutant", "copied-ack-counts-twice", "--copies", "1"]);
    assert.strictEqual(found.code, 1);
    assert.include(found.stdout, "  1. the register answers coordinator0");
    assert.include(found.stdout, "  again     ./quiesce explore --cpus 2 --mutant copied-ack-counts-twice --copies 1\n");
    const replayed = await command(cwd, ["explore", "--replay", "runs/latest/path.json"]);
    assert.strictEqual(replayed.code, 0);
    assert.include(replayed.stdout, "rounds: ");
    assert.deepStrictEqual(await command(cwd, ["replay", "runs/latest"]), replayed);
    const file = join(cwd, "other.json");
    writeFileSync(file, readFileSync(join(cwd, "runs/latest/path.json"), "utf8").replace("of which a copy", "of which no copy"));
    assert.strictEqual((await command(cwd, ["explore", "--replay", file])).code, 4);
  });

  it("a limit: 2, and the depth that was reached", async () => {
    const { code, stdout } = await command(scratch(), [
      "explore",
      "--cpus",
      "3",
      "--drops",
      "1",
      "--second-coordinator",
      "--max-states",
      "5000",
    ]);
    assert.strictEqual(code, 2);
    assert.match(stdout, /VERDICT unknown\n {4}because the limit of states was reached at depth \d+/);
  });

  it("what cannot be explored is bad input", async () => {
    for (const args of [
      ["--cpus", "6"],
      ["--model", "hybrid", "--switch", "function"],
      ["--drops", "16"],
    ]) {
      const { code, stderr } = await command(scratch(), ["explore", ...args]);
      assert.strictEqual(code, 254, args.join(" "));
      assert.include(stderr, args[0] as string);
    }
  });
});
