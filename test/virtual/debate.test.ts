// What the systems of the debate do in the cases that the debate was about.
import { assert, describe, it } from "vitest";
import { hybrid } from "../../shared/consistency/hybrid.ts";
import { immediate } from "../../shared/consistency/immediate.ts";
import { kgraft } from "../../shared/consistency/kgraft.ts";
import { kpatch } from "../../shared/consistency/kpatch.ts";
import { ksplice } from "../../shared/consistency/ksplice.ts";
import type { Model } from "../../shared/consistency/model.ts";
import { simple } from "../../shared/consistency/simple.ts";
import type { Setup } from "../../shared/protocol/setup.ts";
import { smallSetup, stuckWorkload } from "../fixtures/setup.ts";
import { runJudged } from "./judged.ts";
import { contract, hastened, quietWorkload, tallyOf } from "./matrix.ts";

const asleepIn: Setup["patch"] = {
  id: "asleep",
  title: "the function that a task sleeps in for ever",
  kind: "function",
  objects: [{ object: "vmlinux", functions: ["jbd2_log_wait_commit"] }],
};

/** Every task of two CPUs sleeps for ever, uninterruptibly, in the patched function. */
const stuck = (model: Model) =>
  runJudged(
    smallSetup({ model: hastened(model), workload: { ...stuckWorkload, crossCalls: { perSecond: 1 } }, patch: asleepIn, cpus: 2 }),
    [],
    1e9,
  );

const namesTheSleeper = ({ judgement }: ReturnType<typeof stuck>): void =>
  assert.isTrue(
    judgement.blame.some(({ task }) => task?.startsWith("stuck-")),
    `nobody named: ${JSON.stringify(judgement.blame)}`,
  );

describe("a task asleep for ever in a patched function", () => {
  for (const model of [kpatch, ksplice]) {
    it(`${model.name} tries five times and gives up busy`, () => {
      const run = stuck(model);
      assert.strictEqual(run.judgement.outcome, "aborted");
      assert.strictEqual(run.judgement.attempts, 5);
      assert.match(run.judgement.reasons.join(), /busy/);
      assert.deepEqual(run.judgement.violations, []);
      namesTheSleeper(run);
    });
  }

  for (const model of [hybrid, kgraft]) {
    it(`${model.name} stays open, and is never falsely complete`, () => {
      const run = stuck(model);
      assert.strictEqual(run.end.ended, "open");
      assert.strictEqual(run.judgement.outcome, "incomplete");
      assert.strictEqual(run.judgement.verdict, "unknown");
      assert.deepEqual(run.judgement.violations, []);
      namesTheSleeper(run);
    });
  }

  it("the hybrid can be turned back, and then nothing has changed", () => {
    const { judgement, end } = stuck({ ...hybrid, limitNs: 20_000_000, onLimit: "reverse" });
    assert.strictEqual(end.ended, "finished");
    assert.deepInclude(judgement, { outcome: "aborted", version: 0 });
    assert.deepEqual(judgement.violations, []);
  });

  it("the hybrid on its way back waits for who switched and fell asleep in the new function, and says since when", () => {
    const sleep = { probability: 0.5, kind: "uninterruptible", ns: { kind: "constant", ns: 10e9 } } as const;
    const [fsync] = stuckWorkload.calls.map((call) => ({ ...call, sleep }));
    const calls = [...quietWorkload.calls.slice(0, 1).map((read) => ({ ...read, weight: 1e6 })), fsync ?? assert.fail("no call")];
    const setup = smallSetup({
      model: { ...hybrid, limitNs: 2e9, onLimit: "reverse" },
      workload: { ...quietWorkload, calls, tasksPerCpu: 8 },
      patch: asleepIn,
    });
    const { judgement, end, facts } = runJudged(setup, [], 4e9);
    const turned = facts.find(({ fact }) => fact.fact === "decided");
    const switchedFirst = facts.some(({ fact, at }) => fact.fact === "switched" && fact.count > 0 && at < (turned?.at ?? 0));
    assert.deepStrictEqual({ ended: end.ended, switchedFirst }, { ended: "open", switchedFirst: true });
    assert.deepStrictEqual(judgement.turningBack, { sinceUs: (turned?.at ?? 0) / 1000, from: 1 });
    assert.deepStrictEqual(judgement.violations, []);
    assert.match(judgement.reasons[0] ?? "", /^turning back since 2.0\d s, and nothing bounds that: [1-9]\d* tasks? still on version 1$/);
  });

  for (const model of [hybrid, kgraft]) {
    it(`${model.name} can be forced to its end`, () => {
      const { judgement, end } = stuck({ ...model, limitNs: 20_000_000, onLimit: "force" });
      assert.strictEqual(end.ended, "finished");
      assert.deepInclude(judgement, { outcome: "committed", version: 1 });
      assert.isAbove(judgement.forced, 0);
    });
  }

  it("the simple method aborts at its limit", () => {
    const run = stuck({ ...simple, limitNs: 20_000_000, holdLimitNs: 30_000_000 });
    assert.deepInclude(run.judgement, { outcome: "aborted", version: 0 });
    assert.match(run.judgement.reasons.join(), /limit/);
    namesTheSleeper(run);
  });

  it("no consistency does not even notice", () => {
    const { judgement } = stuck(immediate);
    assert.strictEqual(judgement.outcome, "committed");
    assert.include(
      judgement.foreign.map(({ monitor }) => monitor),
      "off-stack",
    );
  });
});

/** One patched function that readers are often in, and a reader of stacks that overlooks one frame in a hundred. */
const misreading = (): Partial<Setup> => {
  const { profile, patch } = smallSetup();
  return { profile: { ...profile, stackReader: { ...profile.stackReader, misses: 0.01 } }, patch, cpus: 2 };
};

describe("a stack reader that misses one frame in a hundred", () => {
  for (const model of [kpatch, hybrid]) {
    it(`makes ${model.name} break its promise`, () => {
      const { own } = tallyOf(model, 2000, misreading());
      assert.include([...own.keys()], "off-stack");
    });
  }

  for (const model of [simple, kgraft, ksplice]) {
    it(`is nothing to ${model.name}, which has none`, () => {
      const { own } = tallyOf(model, 2000, misreading());
      assert.deepEqual([...own.keys()], []);
    });
  }
});

describe("a stack reader that fails and says so", () => {
  const { profile } = smallSetup();
  const failing = (fails: number) => ({ ...profile, stackReader: { ...profile.stackReader, fails } });
  const underHybrid = (changes: Partial<Setup>) =>
    runJudged(smallSetup({ model: hastened(hybrid), workload: quietWorkload, patch: contract, ...changes }), [], 1e9).judgement;

  it("costs the hybrid time and nothing else", () => {
    const doubtful = underHybrid({ profile: failing(0.9) });
    assert.deepInclude(doubtful, { violations: [], outcome: "committed" });
    assert.isAbove(doubtful.timings.totalUs ?? 0, underHybrid({}).timings.totalUs ?? Infinity);
  });

  it("keeps the hybrid open for ever where kernel threads can be judged by nothing else", () => {
    assert.strictEqual(underHybrid({ profile: failing(1) }).outcome, "incomplete");
    const withoutThreads = { ...quietWorkload, kthreads: [] };
    assert.strictEqual(underHybrid({ profile: failing(1), workload: withoutThreads }).outcome, "committed");
  });

  it("is taken for a whole stack by kpatch, which then breaks its promise", () => {
    assert.include([...tallyOf(kpatch, 300, { profile: failing(0.5) }).own.keys()], "off-stack");
  });
});

describe("hazards", () => {
  /** Of a function that tasks sleep in: who sleeps there does so in the old version while others run the new one. */
  const dataPatch: Setup["patch"] = {
    ...contract,
    id: "data",
    kind: "data",
    objects: [{ object: "vmlinux", functions: ["hrtimer_nanosleep"] }],
  };
  const sum = (model: Model, patch: Setup["patch"]) => {
    const total = { call: 0, data: 0 };
    for (let seed = 1; seed <= 50; seed++) {
      const { hazards } = runJudged(smallSetup({ model: hastened(model), patch, seed }), []).judgement;
      total.call += hazards.call;
      total.data += hazards.data;
    }
    return total;
  };

  it("a contract between two functions is broken by no consistency, and by nobody who promises more", () => {
    assert.isAbove(sum(immediate, contract).call, 0);
    for (const model of [simple, kgraft, kpatch, ksplice, hybrid]) assert.deepEqual(sum(model, contract), { call: 0, data: 0 }, model.name);
  });

  it("the meaning of data is broken wherever old and new run side by side", () => {
    for (const model of [immediate, kgraft, hybrid]) assert.isAbove(sum(model, dataPatch).data, 0, model.name);
    for (const model of [simple, kpatch, ksplice]) assert.deepEqual(sum(model, dataPatch), { call: 0, data: 0 }, model.name);
  });

  it("a CPU that is born again in the middle runs no old code, and says so", () => {
    for (const model of [kgraft, hybrid]) {
      const { facts } = runJudged(smallSetup({ model: hastened(model), patch: { ...contract, kind: "data" } }), [
        "crash cpu 2 at poke restart after 5us",
      ]);
      const told = facts.flatMap(({ fact }) => (fact.fact === "switched" && fact.cpu === 2 && fact.incarnation === 2 ? [fact] : []));
      assert.isNotEmpty(told, model.name);
      assert.isTrue(
        told.every(({ outgoingUntil }) => outgoingUntil === null),
        model.name,
      );
      assert.isNotNull(told.at(-1)?.incomingFrom, model.name);
    }
  });
});
