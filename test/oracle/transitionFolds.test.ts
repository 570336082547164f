// What is added up over transitions: who held them up, how long versions were mixed, what the patch needed and did not get.
import { assert, describe, it } from "vitest";
import type { Switches } from "../../shared/kernel/life.ts";
import type { PatchKind } from "../../shared/kernel/patch.ts";
import type { CpuSet } from "../../shared/machine/cpuSet.ts";
import { blameFold } from "../../shared/oracle/blame.ts";
import { judgeOf } from "../../shared/oracle/judgement.ts";
import { hazardsOf } from "../../shared/oracle/statistics/hazards.ts";
import { statisticsFold } from "../../shared/oracle/statistics.ts";
import type { Fact } from "../../shared/protocol/facts.ts";
import { smallSetup } from "../fixtures/setup.ts";
import { every100, fold, type Timed } from "./folded.ts";
import { committed, redirected, reversed } from "./goodTransitions.ts";
import * as story from "./stories.ts";
import { bring, halfway, pokes, switchAsk, switched, waits } from "./transitionStories.ts";

const { decided, opened, scene } = story;
const s = scene();
const us = 1000;

/** One task of each CPU waits; CPU 0 has switched at 3 us, CPU 1 at 7 us. */
const late: Timed = [
  [1 * us, opened(s)],
  [1 * us, story.asked(s, 1, switchAsk("start", 1))],
  [2 * us, switched(s, 0, 1, 1, halfway)],
  [2 * us, waits(s, 0, 1)],
  [2 * us, switched(s, 1, 1, 1, halfway)],
  [2 * us, waits(s, 1, 1)],
  [3 * us, switched(s, 0, 2, 1)],
  [7 * us, switched(s, 1, 2, 1)],
];

describe("blame", () => {
  it("names the task that switched last, for all the time since the opening", () =>
    assert.deepStrictEqual(fold(blameFold, [...late, [8 * us, decided(s, "committed")]]).blame, [
      { cpu: 1, task: "web-1", function: "vfs_read", why: "in the kernel", heldUs: 6, epoch: 1, phase: "check" },
    ]));

  it("blames nobody for each check, and whoever has not switched when the run ends with an open transition", () => {
    const { blame, blocker } = fold(
      blameFold,
      [...late.slice(0, -1), [5 * us, story.ended(s, 1, "start")]],
      story.end({ ended: "open", at: 21 * us }),
    );
    assert.deepStrictEqual(
      blame.map(({ cpu, task, heldUs }) => ({ cpu, task, heldUs })),
      [{ cpu: 1, task: "web-1", heldUs: 20 }],
    );
    assert.strictEqual(blocker, "epoch 1 still in start: cpu 1, web-1 in vfs_read: in the kernel");
  });

  it("names in an abort who had not switched by its CPU's last answer, and who was last to be brought back", () => {
    const busy = [{ cpu: 1, task: "web-1", function: "vfs_read", why: "in the kernel" }];
    const { blame, blocker } = fold(blameFold, [
      ...late.slice(0, -1),
      [9 * us, decided(s, "aborted", { why: "limit", cpus: [1, 1], busy })],
      [9 * us, story.asked(s, 3, switchAsk("reverse", 0))],
      [12 * us, switched(s, 1, 3, 0, { count: 4 })],
      [13 * us, story.asked(s, 4, { do: "cancel", version: 0 })],
    ]);
    assert.strictEqual(blocker, "epoch 1 aborted in start (limit): cpu 1, web-1 in vfs_read: in the kernel");
    assert.deepStrictEqual(
      blame.map(({ cpu, heldUs }) => [cpu, heldUs]),
      [
        [1, 8],
        [1, 3],
      ],
    );
  });
});

describe("blame at a limit", () => {
  it("names who has not switched though the coordinator had not heard of it yet, and else whom the coordinator names", () => {
    const blockerOf = (facts: Timed, cpus: CpuSet) =>
      fold(blameFold, [...facts, [9 * us, decided(s, "aborted", { why: "limit", cpus, busy: [] })], [9 * us, story.closed(s, "aborted")]])
        .blocker;
    assert.match(blockerOf(late.slice(0, -1), []) ?? "", /\(limit\): cpu 1, web-1 in vfs_read: in the kernel$/);
    assert.match(blockerOf(late, [0, 0]) ?? "", /\(limit\): cpu 0.*/);
    assert.match(blockerOf([[0, opened(s)], ...every100(pokes(s, 1))], [1, 1]) ?? "", /in poke \(limit\): cpu 1: did not answer$/);
  });
});

describe("statistics", () => {
  const statistics = (facts: readonly Fact[], how = story.end()) => fold(statisticsFold, every100(facts), how);
  const spread = (from: number, to: number) => ({ firstAt: from * us, lastAt: to * us });

  it("mixes versions from the first task that switched anywhere to the last", () => {
    const facts = [...story.start, opened(s), ...bring(s, 1, "start", 1, spread(3, 5), spread(4, 9)), decided(s, "committed")];
    assert.strictEqual(statistics(facts).timings.mixedUs, 6);
  });
  it("mixes versions to the end of the run where a transition is open", () => {
    const facts = [...story.start, opened(s), ...bring(s, 1, "start", 1, spread(3, 5), { ...spread(4, 4), ...halfway })];
    const { timings, pending } = statistics(facts, story.end({ at: 20 * us }));
    assert.deepStrictEqual({ mixedUs: timings.mixedUs, pending }, { mixedUs: 17, pending: 1 });
  });
  it("mixes versions from the first redirection to the last where functions switch by themselves", () => {
    const told = redirected.map((fact) =>
      fact.fact === "switched" ? { ...fact, ...spread(2 + fact.cpu, 2 + fact.cpu + (fact.round > 3 ? 3 : 0)) } : fact,
    );
    assert.strictEqual(statistics(told).timings.mixedUs, 4);
  });
  it("times a transition from the first asking to the decision, and counts its checks and signals", () => {
    const { timings, checks, signals, attempts } = statistics(committed);
    const at = (match: (fact: Fact) => boolean) => 0.1 * committed.findIndex(match);
    const asked = at((fact) => fact.fact === "asked" && fact.ask.do === "start");
    assert.closeTo(timings.switchUs ?? 0, at(({ fact }) => fact === "decided") - asked, 1e-9);
    assert.deepStrictEqual({ checks, signals, attempts, stop: timings.stopUs }, { checks: 2, signals: 1, attempts: 1, stop: null });
  });
  it("counts an epoch once that is opened again by whoever takes it over", () =>
    assert.strictEqual(statistics([opened(s), opened(scene({ term: 2 })), opened(scene({ epoch: 2 }))]).attempts, 2));
  it("adds up for how long tasks were held, in every life", () => {
    const at = (incarnation: number, heldNs: number): Fact => ({
      ...story.voted({ ...s, incarnation }, 0),
      census: story.census({ heldNs }),
    });
    const facts = [at(1, 2 * us), at(1, 5 * us), { fact: "booted", cpu: 0, incarnation: 2 } as const, at(2, 1 * us)];
    assert.strictEqual(statistics(facts).timings.heldTaskUs, 6);
  });
});

describe("hazards", () => {
  const hazards = (kind: PatchKind, facts: readonly Fact[]) =>
    fold((roster) => {
      const { on, result } = hazardsOf(roster, kind);
      return { on: [on], result };
    }, every100(facts));
  const told = (cpu: number, number: number, changes: Partial<Switches>) => switched(s, cpu, number, 1, changes);

  it("count for a changed call each entry that ran both versions, as told last in each epoch", () => {
    const next = scene({ epoch: 2 });
    const facts = [opened(s), told(0, 1, { mixed: 2 }), told(0, 2, { mixed: 3 }), told(1, 2, { mixed: 1 })];
    assert.deepStrictEqual(hazards("call", [...facts, opened(next), switched(next, 0, 1, 1, { mixed: 3 })]), { call: 7, data: 0 });
  });
  it("count for changed data each CPU that ran old code after new code had begun anywhere", () => {
    const facts = [
      opened(s),
      told(0, 1, { incomingFrom: 50, outgoingUntil: 40 }),
      told(1, 1, { outgoingUntil: 49 }),
      told(2, 1, { outgoingUntil: 60, incomingFrom: 90 }),
    ];
    assert.deepStrictEqual(hazards("data", facts), { call: 0, data: 1 });
    assert.deepStrictEqual(hazards("data", [...facts, told(1, 2, { outgoingUntil: 51 })]), { call: 0, data: 2 });
  });
  it("count what was under way in a patched function across a stop", () => {
    const straddles = [
      { task: "web-1", patched: "vfs_read" },
      { task: "web-2", patched: null },
      { task: "web-3", patched: "vfs_read" },
    ];
    const facts = [opened(s), { ...story.resumed(s, 0, "committed", 5), straddles }];
    assert.deepStrictEqual(hazards("call", facts), { call: 2, data: 0 });
    assert.deepStrictEqual(hazards("data", facts), { call: 0, data: 1 });
  });
  it("are none of a local fix", () => {
    const facts = [opened(s), told(0, 1, { mixed: 2, incomingFrom: 1, outgoingUntil: 9 })];
    assert.deepStrictEqual(hazards("function", facts), { call: 0, data: 0 });
  });
});

describe("the judgement", () => {
  const judged = (facts: readonly Fact[], model: Partial<ReturnType<typeof smallSetup>["model"]>, how = story.end()) => {
    const setup = smallSetup({ cpus: 2 });
    const judge = judgeOf({ ...setup, model: { ...setup.model, ...model } });
    every100(facts).forEach(([at, fact], clock) => {
      judge.announce({ at, clock, actor: 0, fact });
    });
    return judge.conclude(how, []);
  };

  it("names the first breach of each promise of other models, and lets it change nothing", () => {
    const { verdict, foreign } = judged(committed, { leave: "kernel", switch: "task" });
    assert.deepStrictEqual({ verdict, foreign: foreign.map(({ monitor }) => monitor) }, { verdict: "valid", foreign: ["one-instant"] });
    const same = judged(committed, { leave: "kernel", switch: "kernel" });
    assert.strictEqual(same.verdict, "violated");
    assert.isEmpty(same.foreign);
  });
  it("does not know of a transition that nothing bounds, and says whom it waits for", () => {
    const open = committed.slice(
      0,
      committed.findIndex((fact) => fact.fact === "asked" && fact.ask.do === "signal"),
    );
    const { verdict, exitCode, reasons } = judged(open, { leave: "kernel", switch: "task" }, story.end({ ended: "open" }));
    assert.deepStrictEqual({ verdict, exitCode }, { verdict: "unknown", exitCode: 2 });
    assert.strictEqual(reasons[0], "still open after the time limit: nothing bounds this model");
    assert.match(reasons.join(), /epoch 1 still in check: cpu 1, web-1 in vfs_read: in the kernel/);
  });
  it("says of a transition that is on its way back since when, and how many are left", () => {
    const ended = reversed.findIndex((fact) => fact.fact === "round-ended" && fact.phase === "reverse");
    const { verdict, reasons, turningBack } = judged(
      reversed.slice(0, ended),
      { leave: "kernel", switch: "task" },
      story.end({ ended: "open" }),
    );
    const [since] = every100(reversed).find(([, { fact }]) => fact === "decided") ?? assert.fail("nothing was decided");
    assert.deepStrictEqual({ verdict, turningBack }, { verdict: "unknown", turningBack: { sinceUs: since / us, from: 1 } });
    assert.match(reasons[0] ?? "", /^turning back since .* s, and nothing bounds that: 1 task still on version 1$/);
    assert.strictEqual(reasons[1], "nothing was patched: it was being turned back");
  });
  it("takes a transition that was turned back for given up", () => {
    const given = [...reversed, story.finished(s, "gave-up", 0)];
    const { verdict, outcome, blame } = judged(given, { leave: "kernel", switch: "task" });
    assert.deepStrictEqual({ verdict, outcome }, { verdict: "unknown", outcome: "aborted" });
    assert.deepInclude(blame[0], { cpu: 1, task: "web-1" });
  });
});
