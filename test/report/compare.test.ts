// What is written about a comparison: its documents and their schemas, the table at any width, and what blocked whom.
import { stripVTControlCharacters } from "node:util";
import * as Schema from "effect/Schema";
import { assert, describe, it } from "vitest";
import type { Patch } from "../../shared/kernel/patch.ts";
import { catalogueOf } from "../../shared/report/compareCatalogue.ts";
import { catalogueText } from "../../shared/report/compareCatalogueText.ts";
import { compareOf } from "../../shared/report/compareRows.ts";
import { Catalogue, Compare, type Shared } from "../../shared/report/compareSummary.ts";
import { compareText, timeCell } from "../../shared/report/compareText.ts";
import { patchResultsCsv, resultsCsv } from "../../shared/report/results.ts";
import type { Summary } from "../../shared/report/summary.ts";
import { runOf } from "./fixture.ts";

const base = runOf(2, []);

const patch: Patch = { id: "small", title: "small", kind: "call", objects: [{ object: "vmlinux", functions: ["vfs_read", "vfs_write"] }] };

const shared: Shared = {
  run: "a-comparison",
  engine: "virtual",
  transport: "none",
  cpus: 2,
  hosts: 0,
  tasks: 4,
  workload: "small",
  profile: "small",
  faults: [],
  seed: 1,
  repeat: 5,
  complete: true,
};

const seeds = [1, 2, 3, 4, 5];

/** Five runs, each with noise of its seed in its total. */
const runsOf = (name: string, extraUs: number, changes: (seed: number) => Partial<Summary> = () => ({})): readonly Summary[] =>
  seeds.map((seed) => ({
    ...base,
    seed,
    model: { ...base.model, name },
    timings: { ...base.timings, totalUs: 1000 * seed + extraUs },
    ...changes(seed),
  }));

const culprit = {
  cpu: 1,
  task: "web-1",
  function: "ep_poll",
  why: "patched function on its stack",
  heldUs: 8e6,
  epoch: 5,
  phase: "disable-irq",
} as const;

const gaveUp = (seed: number): Partial<Summary> =>
  seed === 2
    ? { outcome: "aborted", verdict: "unknown", reasons: ["nothing was patched"], blame: [culprit], operations: { asked: 1, committed: 0 } }
    : {};

const broke = (seed: number): Partial<Summary> =>
  seed > 3
    ? {
        verdict: "violated",
        reasons: ["off-stack: somebody was there"],
        violations: [1, 2].map((atUs) => ({ monitor: "off-stack", reason: "somebody was there", atUs })),
        hazards: { call: 3, data: 0 },
        broken: ["one-instant"],
      }
    : { broken: ["one-instant", "left-kernel"] };

const compared = compareOf(shared, patch, [runsOf("simple", 0), runsOf("kpatch", 7, gaveUp), [], runsOf("hybrid", 250, broke)]);

const forcing = (seed: number): Partial<Summary> => ({ forced: seed === 3 ? 4 : 0 });

const options = { repro: "./quiesce compare --seed 1", folder: "runs/x", callsAsked: false, columns: Infinity, colours: false };

const asDocument = <S extends Schema.Top & { readonly DecodingServices: never }>(schema: S, document: S["Type"]) =>
  Schema.decodeUnknownSync(schema, { onExcessProperty: "error" })(JSON.parse(JSON.stringify(document)));

describe("the document of a comparison", () => {
  it("is what its schema says, with a row for each model that has runs", () => {
    assert.deepStrictEqual(asDocument(Compare, compared), compared);
    assert.deepStrictEqual(
      compared.rows.map(({ model }) => model),
      ["simple", "kpatch", "hybrid"],
    );
    assert.deepStrictEqual(compared.patch, { id: "small", kind: "call", functions: ["vfs_read", "vfs_write"] });
  });

  it("gives medians with intervals that hold them", () => {
    const total = compared.rows[0]?.timings.totalUs;
    assert.deepInclude(total, { median: 3000, n: 5 });
    assert.isAtMost(total?.low ?? Infinity, 3000);
    assert.isAtLeast(total?.high ?? 0, 3000);
  });

  it("compares seed by seed with the first model, so that the noise of the seeds falls out", () => {
    assert.isNull(compared.rows[0]?.against);
    assert.deepStrictEqual(compared.rows[1]?.against?.timings.totalUs, { median: 7, low: 7, high: 7, n: 5 });
    assert.strictEqual(compared.rows[2]?.against?.model, "simple");
  });

  it("blames, of the runs that did not commit, whoever held one up longest", () => {
    const [simple, kpatch] = compared.rows;
    const { epoch: _, ...named } = culprit;
    assert.deepStrictEqual(kpatch?.blame, { seed: 2, ...named });
    assert.deepInclude(kpatch, { runs: 5, committed: 4, verdicts: { valid: 4, violated: 0, unknown: 1 } });
    assert.deepStrictEqual(kpatch?.reasons, [{ seed: 2, text: "nothing was patched" }]);
    assert.deepStrictEqual(simple?.reasons, []);
  });

  it("tells promises of the model's own apart from those of others, each by the runs that broke it", () => {
    const hybrid = compared.rows[2];
    assert.deepStrictEqual(hybrid?.violated, [{ monitor: "off-stack", runs: 2 }]);
    assert.deepStrictEqual(hybrid?.broken, [
      { monitor: "one-instant", runs: 5 },
      { monitor: "left-kernel", runs: 3 },
    ]);
    assert.deepStrictEqual(hybrid?.hazards, { call: 6, data: 0 });
  });

  it("of no runs at all has no rows", () => assert.deepStrictEqual(compareOf(shared, patch, [[], []]).rows, []));
});

describe("the text of a comparison", () => {
  it("says first whose promises broke, then a row for each model, then why and who", () => {
    const lines = compareText(compared, options).split("\n");
    assert.match(lines[1] ?? "", /^ {2}✗ VIOLATED {3}hybrid: off-stack \(2\)$/);
    const rows = lines.filter((line) => /^ {2}(simple|kpatch|hybrid) .*\//.test(line));
    assert.match(rows[0] ?? "", /^ {2}simple +valid +5\/5 +1 .* 3 ms /);
    assert.match(rows[1] ?? "", /^ {2}kpatch +1 unknown, 4 valid +4\/5 /);
    assert.match(rows[2] ?? "", /^ {2}hybrid +2 violated, 3 valid +5\/5 .* 6\/0 +2$/);
    assert.include(lines, "  BREAKS    hybrid  one-instant (5), left-kernel (3)");
    assert.include(lines, "  BECAUSE   kpatch  nothing was patched (seed 2)");
    assert.include(
      lines,
      "  WHO       kpatch  cpu 1 web-1 in ep_poll: patched function on its stack, held up disable-irq for 8 s (seed 2)",
    );
    assert.strictEqual(lines.at(-2), "  again     ./quiesce compare --seed 1");
  });

  it("tells of calls between CPUs only whoever asked for them", () => {
    const calls = { planned: 200, ended: 180, perSecond: 900, plannedPerSecond: 1_000 };
    const calling = compareOf(shared, patch, [runsOf("simple", 0, () => ({ calls }))]);
    assert.notInclude(compareText(calling, options), "CALLS");
    assert.include(compareText(calling, { ...options, callsAsked: true }), "  CALLS     simple  900/s ended, of 1k/s expected (90 %)\n");
  });

  it("stands in straight columns, and has no colour where nobody sees it", () => {
    const text = compareText(compared, options);
    assert.notInclude(text, "\u001b");
    const [head, ...rows] = text.split("\n").filter((line) => /^ {2}(MODEL|simple|kpatch|hybrid) .*(VERDICT|valid)/.test(line));
    const at = head?.indexOf("DONE") ?? -1;
    assert.lengthOf(rows, 3);
    for (const row of rows) assert.match(row.slice(at), /^\d\/5/);
    const coloured = compareText(compared, { ...options, colours: true });
    assert.strictEqual(stripVTControlCharacters(coloured), text);
  });

  it("has intervals and paired differences only where there are several runs", () => {
    const text = compareText(compared, options);
    assert.match(text, /MORE THAN simple, PAIRED BY SEED \(95 %\)\n.*\n {2}kpatch .* 7 us /);
    const single = compareText(
      compareOf({ ...shared, repeat: 1 }, patch, [runsOf("simple", 0).slice(0, 1), runsOf("kpatch", 0).slice(0, 1)]),
      options,
    );
    assert.notInclude(single, "95 %");
    assert.match(single, /seed 1\n {2}✓ KEPT/);
    assert.match(single, /^ {2}kpatch +valid +yes +1 /m);
  });

  it("tells how little a few runs without a breach say", () => {
    const text = compareText(compareOf(shared, patch, [runsOf("simple", 0), runsOf("kpatch", 7, gaveUp)]), options);
    assert.match(text, /✓ KEPT +each model kept its own guarantees in 5 runs \(95 %: breaks one in less than 43 % of runs\)\n/);
  });

  it("gives each model a block of lines where a terminal is too narrow for the table", () => {
    const lines = compareText(compared, { ...options, columns: 60 }).split("\n");
    assert.include(lines, "  hybrid");
    const cells = lines.filter((line) => line.startsWith("    "));
    for (const line of cells) assert.isAtMost(line.length, 60);
    assert.include(cells.join(" "), "verdict 2 violated, 3 valid");
  });

  it("writes times with three digits in a unit of their size", () => {
    assert.deepStrictEqual([0, 0.25, 1, 31.234, 999.4, 1346, 2.5e6, -80_000].map(timeCell), [
      "0",
      "250 ns",
      "1 us",
      "31.2 us",
      "999 us",
      "1.35 ms",
      "2.5 s",
      "-80 ms",
    ]);
  });
});

describe("a catalogue under each model", () => {
  const other: Patch = { ...patch, id: "other" };
  const twice = (seed: number): Partial<Summary> => (seed === 1 ? { attempts: 2 } : {});
  const catalogue = catalogueOf(shared, [
    [
      { patch, runs: runsOf("simple", 0) },
      { patch: other, runs: runsOf("simple", 0, twice) },
    ],
    [
      { patch, runs: runsOf("kpatch", 0, gaveUp) },
      { patch: other, runs: [] },
    ],
  ]);

  it("counts patches that every run applied, runs by attempt, and what kept patches out", () => {
    assert.deepStrictEqual(asDocument(Catalogue, catalogue), catalogue);
    const [simple, kpatch] = catalogue.models;
    assert.deepInclude(simple, { patches: 2, applied: 2, byAttempt: [9, 1], blockers: [] });
    assert.deepInclude(kpatch, { patches: 1, applied: 0, byAttempt: [4] });
    assert.deepStrictEqual(kpatch?.blockers, [{ text: "patched function on its stack in ep_poll", patches: ["small"] }]);
    assert.deepStrictEqual(
      catalogue.rows.map((row) => `${row.patch} ${row.model} ${row.committed}`),
      ["small simple 5", "other simple 5", "small kpatch 4"],
    );
  });

  it("is told in a row for each model and a line for each blocker", () => {
    const text = catalogueText(catalogue, options);
    assert.match(text, /^ {2}simple +2 of 2 +9, 1 +valid /m);
    assert.include(text, "  BLOCKED   kpatch  1 by patched function on its stack in ep_poll: small\n");
  });
});

describe("tasks that were forced", () => {
  it("are told, and no promise is called kept for them", () => {
    const text = compareText(compareOf(shared, patch, [runsOf("simple", 0), runsOf("kgraft", 7, forcing)]), options);
    assert.match(text, /KEPT .*kept its own guarantees, but for tasks that were forced/);
    assert.match(text, /FORCED {4}kgraft {2}4 tasks/);
  });
});

describe("the table of results", () => {
  it("has a row for each run and metric, with the patch in front where there are several", () => {
    const [header, ...rows] = resultsCsv(...runsOf("simple", 0), ...runsOf("kpatch", 0))
      .trimEnd()
      .split("\n");
    assert.strictEqual(header, "run,engine,model,cpus,hosts,seed,verdict,metric,value");
    assert.lengthOf(
      rows.filter((row) => row.includes(",totalUs,")),
      10,
    );
    assert.include(rows, "a-run,virtual,kpatch,2,0,4,valid,totalUs,4000");
    assert.include(patchResultsCsv([{ patch, runs: runsOf("simple", 0) }]), "\nsmall,a-run,virtual,simple,2,0,4,valid,totalUs,4000\n");
  });
});
