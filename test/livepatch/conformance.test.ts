// The kernel's own selftests of livepatching: every case of the two files must print exactly its lines, and the runner must be able to fail.
import { assert, describe, it } from "vitest";
import { hybrid } from "../../shared/consistency/hybrid.ts";
import { defaultPatchId, findPatch } from "../../shared/kernel/catalogue.ts";
import type { Case } from "../../shared/livepatch/conformance/case.ts";
import { decodeCases } from "../../shared/livepatch/conformance/decode.ts";
import { type CaseResult, cpus, runCase } from "../../shared/livepatch/conformance/run.ts";
import { modules } from "../../shared/livepatch/modules.ts";
import { judgeOf } from "../../shared/oracle/judgement.ts";
import { noPackets } from "../../shared/protocol/observer.ts";
import further from "./further.json" with { type: "json" };
import selftests from "./selftests.json" with { type: "json" };

const known = { modules: [...modules.keys()], systemCalls: ["getpid"] };

const decode = (cases: unknown): readonly Case[] => decodeCases(JSON.stringify(cases), "f.json", known);

const run = (given: unknown): CaseResult => {
  const [only] = decode([given]);
  return runCase(only ?? assert.fail("no case"), modules);
};

const named = (id: string) => {
  const found = [...selftests, ...further].find((each) => each.id === id) ?? assert.fail(`no case ${id}`);
  // Who prints which line is told of the lines as they are, and these are to be altered.
  return structuredClone({ ...found, origin: undefined }) as {
    id: string;
    title: string;
    steps: Array<Record<string, unknown>>;
    expected: string[];
  };
};

describe("kernel selftests", () => {
  it("the files hold the whole suite: 25 cases of 6.12 and 7 later ones", () => {
    assert.lengthOf(selftests, 18);
    assert.lengthOf(new Set([...selftests, ...further].map(({ id }) => id)), 32);
  });

  it.each([...decode(selftests), ...decode(further)])("$id: $title", (each) => {
    const { printed, expected, reason, verdict } = runCase(each, modules);
    assert.strictEqual(reason, null);
    assert.deepStrictEqual(printed, expected);
    assert.strictEqual(verdict, "ok");
  });

  it.each([...decode(selftests), ...decode(further)])("the machines under $id keep every promise of the hybrid", (each) => {
    const judge = judgeOf({ cpus, model: hybrid, operations: [], patch: findPatch(defaultPatchId) });
    let at = 0;
    let asked = 0;
    const { printed } = runCase(each, modules, (fact, now) => {
      at = now;
      if (fact.fact === "asked" && (fact.ask.do === "start" || fact.ask.do === "reverse")) asked++;
      judge.announce({ fact, at, clock: 0, actor: 0 });
    });
    const end = { ended: "finished", at, healedAt: null, boundNs: Infinity, packets: noPackets(), events: 0 } as const;
    assert.deepStrictEqual(judge.conclude(end, []).violations, []);
    // What the log tells of transitions is what the coordinator asked for.
    assert.lengthOf(
      printed.filter((line) => / starting (un)?patching transition$/.test(line)),
      asked,
    );
  });

  it("one case leaves nothing behind for the next: in the opposite order they print the same", () => {
    for (const each of [...decode(selftests)].reverse()) assert.strictEqual(runCase(each, modules).verdict, "ok", each.id);
  });
});

describe("the runner fails", () => {
  it.each(["lp-01", "cb-09", "sc-01", "st-04"])("at any line of %s that is left out, changed, added or exchanged", (id) => {
    const { expected } = named(id);
    for (const [i, line] of expected.entries()) {
      const next = expected[i + 1];
      const altered = [expected.toSpliced(i, 1), expected.toSpliced(i, 1, `${line}.`), expected.toSpliced(i, 0, line)];
      if (next !== undefined && next !== line) altered.push(expected.toSpliced(i, 2, next, line));
      for (const lines of altered) {
        const { verdict, difference } = run({ ...named(id), expected: lines });
        assert.strictEqual(verdict, "differs", `${id}, line ${i + 1}`);
        assert.isAtLeast(difference?.line ?? 0, i + 1);
      }
    }
  });

  it("where the first difference is, with both lines", () => {
    const given = named("lp-01");
    given.expected[4] = "livepatch: nonsense";
    assert.deepStrictEqual(run(given).difference, {
      line: 5,
      expected: "livepatch: nonsense",
      printed: "livepatch: 'test_klp_livepatch': completing patching transition",
    });
  });

  const steps: ReadonlyArray<readonly [what: string, step: Record<string, unknown>, reason: string]> = [
    ["a file that reads otherwise", { op: "assertRead", file: "/proc/cmdline", equals: "x" }, 'expected "x", found "BOOT_IMAGE'],
    ["a file that is not there", { op: "assertRead", file: "/proc/nowhere", equals: "x" }, "no file /proc/nowhere"],
    ["a module that loads against expectation", { op: "insmod", module: "test_klp_livepatch", mustFail: true }, "unexpectedly loaded"],
    [
      "a module that does not load",
      { op: "insmod", module: "test_klp_callbacks_demo", params: { pre_patch_ret: -12 } },
      "Cannot allocate memory",
    ],
    ["a module that is not there", { op: "rmmod", module: "test_klp_livepatch" }, "is not loaded"],
    ["a value in sysfs", { op: "assertSysfsValue", patch: "test_klp_livepatch", attr: "enabled", value: "1" }, "found nothing"],
    ["a wait in vain", { op: "waitPatchDirCount", value: 1 }, "waited 60 s in vain"],
    ["a function that is not there", { op: "ftraceFunction", function: "nobody" }, "there is no function nobody"],
    ["a function that was not called", { op: "assertTraced", function: "cmdline_proc_show" }, "was not traced"],
    ["ftrace that stays on", { op: "writeEnabled", patch: "test_klp_livepatch", value: 0 }, "No such file or directory"],
  ];
  it.each(steps)("at a step: %s", (_, step, reason) => {
    const result = run({ id: "x", title: "x", steps: [step], expected: [] });
    assert.strictEqual(result.verdict, "failed");
    assert.include(result.reason, `steps[0] (${step.op})`);
    assert.include(result.reason, reason);
  });

  it("at a command that would never end on a real machine", () => {
    // The new work function completes nothing, and init waits for that.
    const steps = [
      { op: "insmod", module: "test_klp_callbacks_demo" },
      { op: "insmod", module: "test_klp_callbacks_busy" },
    ];
    assert.include(
      run({ id: "x", title: "x", steps, expected: [] }).reason,
      "insmod of test_klp_callbacks_busy waits for what does not happen",
    );
  });
});

describe("files of cases", () => {
  const refused: ReadonlyArray<readonly [given: unknown, message: string]> = [
    [{}, "f.json: cases: expected a list"],
    [[{ ...named("lp-01"), title: undefined }], 'cases[0]: "title" is missing'],
    [[{ ...named("lp-01"), step: [] }], 'cases[0].step: unknown field "step" (did you mean "steps"?)'],
    [[{ ...named("lp-01"), steps: [{ op: "insmd" }] }], 'cases[0].steps[0].op: unknown operation "insmd" (did you mean "insmod"?)'],
    [
      [{ ...named("lp-01"), steps: [{ op: "insmod", modul: "x" }] }],
      'cases[0].steps[0].modul: unknown field "modul" (did you mean "module"?)',
    ],
    [
      [{ ...named("lp-01"), steps: [{ op: "rmmod", module: "test_klp_livepach" }] }],
      'cases[0].steps[0].module: unknown module "test_klp_livepach" (did you mean "test_klp_livepatch"?)',
    ],
    [[{ ...named("lp-01"), steps: [{ op: "rmmod" }] }], 'cases[0].steps[0]: "module" is missing'],
    [[{ ...named("lp-01"), steps: [{ op: "insmod", module: "test_klp_livepatch", mustFail: 1 }] }], "mustFail: expected true or false"],
    [[named("lp-01"), named("lp-02"), named("lp-01")], 'cases[2].id: "lp-01" is the id of cases[0] already'],
    [[{ ...named("lp-01"), origin: ["harness"] }], "cases[0].origin: tells of 1 lines where 12 are expected"],
    [[{ ...named("lp-01"), origin: "harness" }], "cases[0].origin: expected a list"],
  ];
  it.each(refused)("are refused with the place and the nearest spelling: %j", (given, message) =>
    assert.throws(() => decode(given), message),
  );

  it("may have an operation or a module of a newer suite: its case says so, and the others are run", () => {
    const cases = decode([
      { ...named("lp-02"), steps: [{ op: "frobnicate", how: "gently" }] },
      { ...named("lp-03"), steps: [{ op: "insmod", module: "nothing_like_it" }] },
      named("lp-01"),
    ]);
    const results = cases.map((each) => runCase(each, modules));
    assert.deepStrictEqual(
      results.map(({ verdict, reason }) => [verdict, reason]),
      [
        ["unsupported", 'cases[0].steps[0].op: unknown operation "frobnicate"'],
        ["unsupported", 'cases[1].steps[0].module: unknown module "nothing_like_it"'],
        ["ok", null],
      ],
    );
  });
});
