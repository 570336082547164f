// `quiesce conformance`: what it prints and how it ends.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { assert, describe, it } from "vitest";
import { command, quiesce, scratch } from "./quiesce.ts";

const selftests = fileURLToPath(new URL("../livepatch/selftests.json", import.meta.url));

const source = readFileSync(selftests, "utf8");

describe("quiesce conformance", () => {
  it("says of each case that it is as expected, and ends with 0", async () => {
    const { code, stdout, stderr } = await quiesce(scratch(), ["conformance", selftests]);
    assert.strictEqual(code, 0, stderr);
    const lines = stdout.trimEnd().split("\n");
    assert.strictEqual(lines.at(-1), "18 of 18 cases as expected");
    assert.lengthOf(
      lines.filter((line) => line.startsWith("ok ")),
      18,
    );
  });

  it("shows the first line that differs, expected and printed, and ends with 1", async () => {
    const cwd = scratch({ "altered.json": source.replace("'test_klp_livepatch': patching complete", "'test_klp_livepatch': patched") });
    const { code, stdout } = await quiesce(cwd, ["conformance", "altered.json"]);
    assert.strictEqual(code, 1);
    assert.include(stdout, "- expected: livepatch: 'test_klp_livepatch': patched\n");
    assert.include(stdout, "+ printed:  livepatch: 'test_klp_livepatch': patching complete\n");
    assert.include(stdout, "17 of 18 cases as expected");
  });

  it("prints its results as a document, of one case if asked", async () => {
    const { code, stdout } = await command(scratch(), ["conformance", selftests, "--case", "cb-09", "--json"]);
    assert.strictEqual(code, 0);
    assert.deepStrictEqual(JSON.parse(stdout), {
      schema: "quiesce.conformance/1",
      file: selftests,
      cases: [{ id: "cb-09", title: "busy target module", verdict: "ok" }],
      passed: 1,
      failed: 0,
    });
  });

  it("has files that `validate` knows: of cases, and of modules", async () => {
    const module = fileURLToPath(new URL("../../shared/livepatch/modules/test_klp_state.json", import.meta.url));
    const newer = source.replace('"op": "insmod"', '"op": "frobnicate"');
    const cwd = scratch({ "newer.json": newer, "twice.json": source.replace('"id": "lp-02"', '"id": "lp-01"') });
    const [cases, state, later, twice] = await Promise.all(
      [selftests, module, "newer.json", "twice.json"].map((file) => command(cwd, ["validate", file])),
    );
    assert.strictEqual(cases?.stdout, `${selftests}: 18 cases: valid\n`);
    assert.strictEqual(state?.stdout, `${module}: module test_klp_state: valid\n`);
    assert.strictEqual(later?.stdout, "newer.json: 18 cases, of which 1 not supported: valid\n");
    assert.deepStrictEqual([twice?.code, twice?.stdout], [254, ""]);
    assert.include(twice?.stderr, 'cases[1].id: "lp-01" is the id of cases[0] already');
  });

  it.each([
    [source.replace('"insmod"', '"insmd"'), [], 'cases[0].steps[0].op: unknown operation "insmd" (did you mean "insmod"?)'],
    [source, ["--case", "cb-9"], 'cases.json: has no case "cb-9" (did you mean "cb-09"?)'],
    ["[", [], "cases.json: not JSON"],
  ])("refuses a file that it cannot use with 254 and one line, %#", async (text, flags, message) => {
    const { code, stdout, stderr } = await command(scratch({ "cases.json": text }), ["conformance", "cases.json", ...flags]);
    assert.strictEqual(code, 254);
    assert.strictEqual(stdout, "");
    assert.include(stderr, message);
    assert.lengthOf(stderr.trimEnd().split("\n"), 1);
  });
});
