// `quiesce chaos --engine live`: runs of real processes that are killed, stopped and started again, one after the other.
import * as Schema from "effect/Schema";
import { assert, describe, it } from "vitest";
import { Chaos } from "../../shared/report/chaosSummary.ts";
import { latestFiles, quiesce, scratch } from "./quiesce.ts";

const readChaos = Schema.decodeUnknownSync(Schema.fromJsonString(Chaos), { onExcessProperty: "error" });

describe("chaos, live", () => {
  it("survives, says what struck, and keeps nothing of its runs but the numbers", async () => {
    const cwd = scratch();
    const { code, stdout, stderr } = await quiesce(cwd, [
      ...["chaos", "--engine", "live", "--cpus", "3", "--models", "simple,kpatch", "--seeds", "1..2", "--json"],
    ]);
    assert.strictEqual(code, 0, stderr);
    const { engine, verdict, runs, rows, struck } = readChaos(stdout);
    assert.deepStrictEqual({ engine, verdict, runs }, { engine: "live", verdict: "valid", runs: 2 });
    assert.deepStrictEqual(rows.map(({ model, runs: of }) => [model, of]).toSorted(), [
      ["kpatch", 1],
      ["simple", 1],
    ]);
    for (const word of ["kill", "suspend", "outage"]) assert.deepInclude(struck, { fault: word, runs: 2, struck: 2 });
    assert.deepStrictEqual(latestFiles(cwd), [
      "checkpoint.json",
      "manifest.json",
      "report.html",
      "repro.txt",
      "results.csv",
      "summary.json",
    ]);
    assert.notInclude(stderr, "ended by itself", "what the plan does is no news");
  });

  it("refuses what only virtual time can do", async () => {
    const { code, stderr } = await quiesce(scratch(), ["chaos", "--engine", "live", "--surface"]);
    assert.strictEqual(code, 254, stderr);
    assert.include(stderr, "surfaces and mutants are for virtual time");
  });
});
