// Blame, watchdogs and statistics, from facts written by hand and from a machine that is stuck.
import { assert, describe, it } from "vitest";
import { type BlameReport, blameFold } from "../../shared/oracle/blame.ts";
import { type Statistics, statisticsFold } from "../../shared/oracle/statistics.ts";
import { type Watchdog, watchdogFold } from "../../shared/oracle/watchdogs.ts";
import type { Fact } from "../../shared/protocol/facts.ts";
import type { End } from "../../shared/protocol/observer.ts";
import { smallSetup, stuckWorkload } from "../fixtures/setup.ts";
import { runJudged } from "../virtual/judged.ts";
import { every100, fold, type Timed } from "./folded.ts";
import * as story from "./stories.ts";

const { asked, closed, decided, ended, held, opened, resumed, scene, start, stopped, voted } = story;
const s = scene();
const seconds = 1e9;

const blame = (facts: Timed): BlameReport => fold(blameFold, facts);
const watchdogs = (facts: Timed, how?: End): readonly Watchdog[] => fold(watchdogFold, facts, how);
const statistics = (facts: Timed): Statistics => fold(statisticsFold, facts);

const blocked = (cpu: number, task: string, forNs: number | null): Fact => ({
  fact: "blocked",
  cpu,
  incarnation: 1,
  term: 1,
  epoch: 1,
  round: 1,
  task,
  function: "io_schedule",
  why: "uninterruptible sleep",
  forNs,
});

describe("blame", () => {
  const gather = asked(s, 1, { do: "gather", pass: "all" });

  it("names the CPU that came last, and the task that it waited for", () => {
    const { blame: rows } = blame([
      [1000, opened(s)],
      [1000, gather],
      [2000, held(s, 0)],
      [2000, blocked(1, "web-1", 7000)],
      [9000, held(s, 1)],
      [9500, ended(s, 1, "gather")],
    ]);
    const row = {
      cpu: 1,
      task: "web-1",
      function: "io_schedule",
      why: "uninterruptible sleep",
      heldUs: 8,
      epoch: 1,
      phase: "gather",
    } as const;
    assert.deepStrictEqual(rows, [row]);
  });

  it("sorts by cost", () => {
    const facts: Timed = [
      [0, opened(s)],
      [0, gather],
      [2000, held(s, 0)],
      [2500, held(s, 1)],
      [3000, ended(s, 1, "gather")],
      [3000, asked(s, 2, { do: "prepare" })],
      [3500, { fact: "interrupts-off", cpu: 0, incarnation: 1, forNs: 4500 }],
      [4000, stopped(s, 1)],
      [8000, stopped(s, 0)],
      [9000, ended(s, 2, "prepare")],
    ];
    const told = blame(facts).blame.map(({ cpu, phase, why, heldUs }) => ({ cpu, phase, why, heldUs }));
    assert.deepStrictEqual(told, [
      { cpu: 0, phase: "prepare", why: "interrupts off", heldUs: 5 },
      { cpu: 1, phase: "gather", why: "last to answer", heldUs: 2.5 },
    ]);
  });

  it("blames an abort on whom its reason names", () => {
    const why = (reason: Parameters<typeof decided>[2]) =>
      blame([
        [0, opened(s)],
        [0, gather],
        [50, blocked(1, "web-1", null)],
        [5000, ended(s, 1, "gather", 1)],
        [5000, decided(s, "aborted", reason ?? null)],
      ]).blame.map(({ cpu, task, why: how, heldUs }) => [cpu, task, how, heldUs]);
    assert.deepStrictEqual(why({ why: "limit", cpus: [0, 1], busy: [] }), [
      [0, undefined, "did not answer", 5],
      [1, "web-1", "uninterruptible sleep", 5],
    ]);
    assert.deepStrictEqual(
      why({ why: "busy", cpus: [0, 0], busy: [{ cpu: 0, task: "db-2", function: "vfs_read", why: "in the kernel" }] }),
      [[0, "db-2", "in the kernel", 5]],
    );
    assert.deepStrictEqual(why({ why: "death", cpus: [1, 1], busy: [] }), [[1, undefined, "died", 5]]);
    assert.deepStrictEqual(why({ why: "takeover", cpus: [], busy: [] }), []);
  });

  it("names whoever withdrew once, by its own account", () => {
    const { blame: rows, blocker } = blame([
      [0, opened(s)],
      [0, gather],
      [25_000, story.withdrew(s, 1)],
      [26_000, decided(s, "aborted", { why: "withdraw", cpus: [1, 1], busy: [] })],
    ]);
    assert.deepStrictEqual(rows, [{ cpu: 1, why: "held too long, withdrew", heldUs: 25, epoch: 1, phase: "gather" }]);
    assert.strictEqual(blocker, "epoch 1 aborted in gather (withdraw): cpu 1: withdrew");
  });

  const second = scene({ term: 2 });
  const replacedAt60: Timed = [
    [0, story.took(s)],
    [1000, opened(s)],
    [1000, gather],
    [4000, held(s, 0)],
    [5000, held(s, 1)],
    [60_000, story.took(second)],
    [60_000, decided(second, "aborted", { why: "takeover", cpus: [], busy: [] })],
  ];
  it("names no CPU for the time between the last answer to a lost coordinator and the next one", () =>
    assert.deepStrictEqual(blame(replacedAt60).blame, [{ why: "no word from a coordinator", heldUs: 55, epoch: 1, phase: "gather" }]));
  it("knows a coordinator that was not lost by what it says later, and misses none that had finished", () => {
    assert.isEmpty(blame([...replacedAt60, [61_000, { fact: "stood-down", life: 0, term: 1 }]]).blame);
    assert.isEmpty(blame(replacedAt60.toSpliced(5, 0, [5000, story.finished(s, "committed", 1)])).blame);
  });

  it("keeps the worst of very many", () => {
    const facts: Array<readonly [number, Fact]> = [[0, opened(s)]];
    for (let cpu = 0; cpu < 200; cpu++) facts.push([0, blocked(cpu, `web-${cpu}`, cpu)]);
    facts.push([9000, decided(s, "aborted", { why: "limit", cpus: [0, 199], busy: [] })]);
    const { blame: rows, blocker } = blame(facts);
    assert.lengthOf(rows, 16);
    assert.sameMembers(
      rows.map(({ task }) => task),
      Array.from({ length: 16 }, (_, i) => `web-${184 + i}`),
    );
    assert.match(blocker ?? "", /^epoch 1 aborted in gather \(limit\): cpu 199, web-199 in io_schedule: uninterruptible sleep; cpu 198/);
  });

  it("names CPU, task and function of a sleep that never ends", () => {
    const { judgement } = runJudged(smallSetup({ workload: stuckWorkload, cpus: 2 }), []);
    const { verdict, exitCode, version, reasons } = judgement;
    assert.deepStrictEqual({ verdict, exitCode, version }, { verdict: "unknown", exitCode: 2, version: 0 });
    assert.match(reasons.join(), /cpu 0, stuck-0 in jbd2_log_wait_commit: uninterruptible sleep/);
    const [first] = judgement.blame;
    assert.deepInclude(first, { cpu: 0, task: "stuck-0", function: "jbd2_log_wait_commit", phase: "gather" });
  });
});

describe("watchdogs", () => {
  it("reports a stopper that spins for 20 s in prepare, but not one with interrupts off", () => {
    const soft = { kind: "soft-lockup", cpu: 0, atUs: 20e6 } as const;
    assert.deepStrictEqual(
      watchdogs([
        [0, stopped(s, 0)],
        [20 * seconds, voted(s, 0)],
      ]),
      [],
    );
    assert.deepStrictEqual(
      watchdogs([
        [0, stopped(s, 0)],
        [20 * seconds + 1, voted(s, 0)],
      ]),
      [soft],
    );
    assert.deepStrictEqual(
      watchdogs([
        [0, stopped(s, 0)],
        [30 * seconds, story.withdrew(s, 0)],
      ]),
      [soft],
    );
    assert.deepStrictEqual(
      watchdogs([
        [0, stopped(s, 0)],
        [1, voted(s, 0)],
        [99 * seconds, resumed(s, 0, "aborted", 4)],
      ]),
      [],
    );
  });

  it("reports what the end of the run cuts off, and nothing of the dead", () => {
    const late = story.end({ at: 25 * seconds });
    assert.lengthOf(watchdogs([[0, stopped(s, 0)]], late), 1);
    assert.deepStrictEqual(
      watchdogs(
        [
          [0, stopped(s, 0)],
          [1, story.died(s, 0)],
        ],
        late,
      ),
      [],
    );
  });

  it("reports interrupts that are off for 10 s, and a stall of RCU after 21 s", () => {
    const off = (forNs: number): Timed => [[seconds, { fact: "interrupts-off", cpu: 2, incarnation: 1, forNs }]];
    assert.deepStrictEqual(watchdogs(off(9 * seconds)), []);
    assert.deepStrictEqual(watchdogs(off(11 * seconds)), [{ kind: "hard-lockup", cpu: 2, atUs: 11e6 }]);
    const kinds = watchdogs(off(22 * seconds)).map(({ kind }) => kind);
    assert.deepStrictEqual(kinds, ["hard-lockup", "rcu-stall"]);
  });

  it("reports a call that is not answered, each threshold once", () => {
    const call = { cpu: 1, incarnation: 1, callee: 2 };
    const facts: Timed = [
      [6 * seconds, { fact: "call-stuck", ...call, waitedNs: 6 * seconds }],
      [30 * seconds, { fact: "call-ended", ...call, waitedNs: 30 * seconds, resent: 3 }],
    ];
    assert.deepStrictEqual(watchdogs(facts), [
      { kind: "csd-lock", cpu: 1, atUs: 5e6 },
      { kind: "soft-lockup", cpu: 1, atUs: 20e6 },
      { kind: "rcu-stall", cpu: 1, atUs: 21e6 },
    ]);
    assert.lengthOf(watchdogs(facts.slice(0, 1), story.end({ at: 22 * seconds })), 3);
  });
});

describe("statistics", () => {
  const commit = story.commit(s);

  it("tells the rounds in order with their times and acks", () => {
    const { phases } = statistics(every100(commit));
    assert.deepStrictEqual(
      phases.map(({ name }) => name),
      ["gather", "prepare", "disable-irq", "run", "exit"],
    );
    assert.deepStrictEqual(phases[0], { epoch: 1, name: "gather", startUs: 0.1, endUs: 0.4, acks: 2, resent: 0, late: 0 });
  });

  it("tells a round whose coordinator died in it", () => {
    const { phases } = statistics(every100([opened(s), asked(s, 1, { do: "gather", pass: "all" })]));
    assert.deepStrictEqual(phases, [{ epoch: 1, name: "gather", startUs: 0.1, endUs: null, acks: 0, resent: 0, late: 0 }]);
  });

  it("times a stop from its CPUs' own facts", () => {
    const at = (fact: Fact["fact"], cpu?: number) =>
      0.1 * commit.findIndex((one) => one.fact === fact && (cpu === undefined || ("cpu" in one && one.cpu === cpu)));
    const { timings } = statistics(every100(commit));
    assert.closeTo(timings.stopUs ?? 0, Math.max(at("resumed", 0) - at("stopped", 0), at("resumed", 1) - at("stopped", 1)), 1e-9);
    assert.closeTo(timings.irqsOffUs ?? 0, Math.max(at("resumed", 0) - at("voted", 0), at("resumed", 1) - at("voted", 1)), 1e-9);
    assert.closeTo(timings.decideUs ?? 0, at("decided") - at("voted", 1), 1e-9);
    assert.closeTo(timings.totalUs ?? 0, at("closed"), 1e-9);
    assert.strictEqual(timings.mixedUs, 0);
  });

  it("times committed epochs only, where there are any", () => {
    const slow: Timed = story.abortAtLimit(s).map((fact, index) => [1e6 * index, fact] as const);
    const quick = every100(story.commit(scene({ epoch: 2 }))).map(([at, fact]) => [1e9 + at, fact] as const);
    assert.strictEqual(statistics(slow).timings.gatherUs, 2000);
    assert.closeTo(statistics([...slow, ...quick]).timings.gatherUs ?? 0, 0.3, 1e-9);
  });

  it("measures for how long versions were mixed", () => {
    const facts: Timed = [...every100(start), [5000, resumed(s, 0, "committed", 5)], [9000, resumed(s, 1, "committed", 5)]];
    assert.strictEqual(statistics(facts).timings.mixedUs, 4);
  });

  it("counts interrupted calls of every life", () => {
    const at = (cpu: number, incarnation: number, interrupted: number): Fact => ({
      ...voted({ ...s, incarnation }, cpu),
      census: story.census({ interrupted }),
    });
    const facts = [at(0, 1, 2), at(0, 1, 5), at(1, 1, 1), { fact: "booted", cpu: 0, incarnation: 2 } as const, at(0, 2, 3)];
    assert.strictEqual(statistics(every100(facts)).interrupted, 9);
  });

  it("tells how it came out", () => {
    const done = statistics(every100([...commit, story.finished(s, "committed", 1)]));
    assert.deepInclude(done, { outcome: "committed", version: 1, attempts: 1, operationsCommitted: 1 });
    assert.deepInclude(statistics(every100(commit.slice(0, -1))), { outcome: "incomplete", version: 1 });
    const given = statistics(every100([...story.abortAtLimit(s), closed(s, "aborted"), story.finished(s, "gave-up", 0)]));
    assert.deepInclude(given, { outcome: "aborted", version: 0, operationsCommitted: 0 });
  });
});
