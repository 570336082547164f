// What is written about a run: the summary and its schema, the end text, the table, and the progress of CPUs.
import * as Schema from "effect/Schema";
import { assert, describe, it } from "vitest";
import { type CpuState, CpuStates } from "../../shared/report/cpuStates.ts";
import { endText } from "../../shared/report/endText.ts";
import { progressLines } from "../../shared/report/progressText.ts";
import { resultsCsv } from "../../shared/report/results.ts";
import { Summary } from "../../shared/report/summary.ts";
import * as story from "../oracle/stories.ts";
import { switched } from "../oracle/transitionStories.ts";
import { runOf } from "./fixture.ts";

const end = { ended: "finished", at: 1_500_000, healedAt: null, boundNs: 2e9 } as const;

const options = {
  verb: "run",
  patch: "small",
  repro: "./quiesce run --seed 1",
  folder: "runs/x",
  replayable: true,
  report: "runs/a-run/report.html",
  callsAsked: false,
  end,
  colours: false,
};

describe("the summary", () => {
  it("is what its schema says, with every field that the design names and no other", () => {
    const summary = runOf(4, ["drop 30% of any", "pause cpu 1 at prepare for 1ms"]);
    assert.deepStrictEqual(Schema.decodeUnknownSync(Summary, { onExcessProperty: "error" })(JSON.parse(JSON.stringify(summary))), summary);
    assert.deepStrictEqual(
      Object.keys(summary).join(" "),
      [
        "schema run engine transport model cpus hosts tasks seed outcome verdict reasons violations broken hazards attempts phases timings",
        "checks signals pending turningBack forced ipis faults blame watchdogs interrupted operations version ignored calls wire resources",
      ].join(" "),
    );
    assert.deepStrictEqual(
      summary.faults.map(({ text }) => text),
      ["drop 30% of any", "pause cpu 1 at prepare for 1ms"],
    );
    assert.strictEqual(summary.tasks, 8);
  });

  it("names the topology of a run that has combiners, and so does the end text", () => {
    const summary = runOf(4, [], undefined, { topology: { shape: "tree", fanout: 2 } });
    assert.strictEqual(Schema.decodeUnknownSync(Summary, { onExcessProperty: "error" })(summary).topology, "tree:2");
    assert.match(endText(summary, options).split("\n")[0] ?? "", / {3}4 CPUs by tree:2 {3}8 tasks/);
  });

  it("is refused by its schema where a field is missing, unknown or of another kind", () => {
    const read = Schema.decodeUnknownExit(Summary, { onExcessProperty: "error" });
    const { verdict: _, ...without } = runOf(2, []);
    for (const wrong of [without, { ...runOf(2, []), extra: 1 }, { ...runOf(2, []), verdict: "good" }, { ...runOf(2, []), cpus: -1 }]) {
      assert.strictEqual(read(wrong)._tag, "Failure");
    }
  });
});

describe("the end text", () => {
  it("gives the verdict before the numbers, who held it up after them, and the lines to copy last", () => {
    const lines = endText(runOf(4, ["drop 30% of any"]), options)
      .trimEnd()
      .split("\n");
    assert.match(lines[0] ?? "", /quiesce run {3}simple {3}engine virtual \(deterministic\) {3}4 CPUs {3}8 tasks {3}seed 1/);
    assert.strictEqual(lines[1], "  VERDICT valid");
    const words = lines.map((line) => line.trim().split(/ {2,}/)[0]);
    for (const [before, after] of [
      ["TIMES", "IPIS"],
      ["IPIS", "FAULT"],
      ["FAULT", "COST"],
      ["COST", "WHO"],
      ["WHO", "folder"],
    ] as const) {
      assert.isBelow(words.indexOf(before), words.indexOf(after), `${before} before ${after}`);
      assert.isAtLeast(words.indexOf(before), 0);
    }
    assert.match(lines.at(-1) ?? "", /again +\.\/quiesce run --seed 1$/);
  });

  it("says what was broken where, why the verdict is what it is, and when it was left early", () => {
    const summary = runOf(2, []);
    const violations = [
      { monitor: "one-instant", reason: "two versions at once", atUs: 12, cpu: 1, task: "a-1" },
      { monitor: "converges", reason: "cpu 1 is held", atUs: 13 },
    ];
    const broken = endText({ ...summary, verdict: "violated", reasons: ["one-instant: two versions at once"], violations }, options);
    assert.include(broken, "✗ SAFETY     one-instant: two versions at once (at 12.0 us, cpu 1 a-1)");
    assert.include(broken, "✗ LIVENESS   cpu 1 is held");
    assert.include(broken, "    because one-instant: two versions at once");
    const left = endText(summary, { ...options, end: { ...end, ended: "interrupted" } });
    assert.include(left, "? LIVENESS   left at 1500 us: interrupted");
  });

  it("names a culprit of several epochs once, for the sum, and no CPU where there was no coordinator", () => {
    const row = (epoch: number, heldUs: number) => ({
      cpu: 1,
      task: "db-0",
      function: "io_schedule",
      why: "sleeps",
      heldUs,
      epoch,
      phase: "gather" as const,
    });
    const silent = { why: "no word from a coordinator", heldUs: 350, epoch: 2, phase: "prepare" } as const;
    const who = endText({ ...runOf(2, []), blame: [silent, row(1, 200), row(2, 200)] }, options).match(/WHO.*/g);
    assert.deepStrictEqual(who, [
      "WHO       cpu 1 db-0 in io_schedule: sleeps, held up gather for 400 us in 2 epochs",
      "WHO       no word from a coordinator, held up prepare for 350 us",
    ]);
  });

  it("names the patch of a single operation, and of several what they left in force", () => {
    const outcomeOf = (changes: Partial<Summary>) => /(COMMITTED|ABORTED) .*/.exec(endText({ ...runOf(2, []), ...changes }, options))?.[0];
    const several = { attempts: 3, operations: { asked: 2, committed: 2 }, version: 0 };
    assert.strictEqual(outcomeOf({}), "COMMITTED  small on 2 CPUs in 1 attempt");
    assert.strictEqual(outcomeOf(several), "COMMITTED  2 operations on 2 CPUs in 3 attempts; version 0 in force");
    assert.strictEqual(outcomeOf({ outcome: "aborted" }), "ABORTED    patch small after 1 attempt");
    const half = { ...several, outcome: "aborted", operations: { asked: 2, committed: 1 }, version: 1 } as const;
    assert.strictEqual(outcomeOf(half), "ABORTED    1 of 2 operations after 3 attempts; version 1 in force");
  });

  it("tells of a transition how long it took and what it broke, and of an open one who is missing", () => {
    const model = { name: "hybrid", leave: "patched-set", switch: "task" } as const;
    const { timings, ...rest } = runOf(2, []);
    const times = { ...timings, switchUs: 1_360_000, mixedUs: 12_000, totalUs: 1_400_000, heldTaskUs: 0 };
    const summary = {
      ...rest,
      model,
      timings: times,
      checks: 2,
      signals: 0,
      broken: ["one-instant", "left-kernel"],
      hazards: { call: 0, data: 3 },
    };
    const text = endText(summary, options);
    assert.include(text, "  TIMES     switch 1360.0 ms   mixed 12.0 ms   checks 2   total 1400.0 ms\n");
    assert.include(text, "  BROKEN    guarantees of other models that this run broke: one-instant, left-kernel\n");
    assert.include(text, "  HAZARDS   call 0   data 3\n");
    const open = endText({ ...summary, outcome: "incomplete", pending: 1 }, { ...options, end: { ...end, ended: "open" } });
    assert.include(open, "? OPEN       patch small after 1 attempt; 1 task has not switched");
    assert.include(open, "? LIVENESS   left at 1500 us: nothing bounds this model");
    const turned = { ...summary, outcome: "incomplete", pending: 2, turningBack: { sinceUs: 900, from: 1 } } as const;
    const back = endText(turned, { ...options, end: { ...end, ended: "open" } });
    assert.include(back, "? REVERSING  patch small after 1 attempt; 2 tasks have not come back from version 1");
    assert.include(back, "? LIVENESS   left at 1500 us: nothing bounds the way back");
    assert.notMatch(endText(runOf(2, []), options), /BROKEN|HAZARDS|switch /);
  });

  it("tells of a broken wire, and of a sound one nothing", () => {
    const live = { ...runOf(2, []), engine: "live", wire: { refused: 3, unsent: 0, serverRestarts: 1 } } as const;
    assert.include(endText(live, options), "  WIRE      frames refused 3   unsent 0   server restarts 1\n");
    assert.include(resultsCsv(live), ",wire.refused,3\n");
    for (const wire of [null, { refused: 0, unsent: 0, serverRestarts: 0 }]) {
      assert.notInclude(endText({ ...live, wire }, options), "WIRE");
    }
  });

  it("tells of calls between CPUs only whoever asked for them", () => {
    const calling = { ...runOf(2, []), calls: { planned: 1e5, ended: 52_108, perSecond: 104_217, plannedPerSecond: 2e5 } };
    assert.notInclude(endText(calling, options), "CALLS");
    assert.include(endText(calling, { ...options, callsAsked: true }), "  CALLS     104k/s ended, of 200k/s expected (52.1 %)\n");
  });

  it("has colours only where they are wanted", () => {
    assert.notInclude(endText(runOf(2, []), options), "\u001b");
    assert.include(endText(runOf(2, []), { ...options, colours: true }), "\u001b[32mVERDICT valid\u001b[0m");
  });
});

describe("the table", () => {
  it("has one row for each number, with its run beside, and none for what did not happen", () => {
    const summary = runOf(4, []);
    const [header, ...rows] = resultsCsv({ ...summary, run: 'a "run", quoted', timings: { ...summary.timings, mixedUs: null } })
      .trimEnd()
      .split("\n");
    assert.strictEqual(header, "run,engine,model,cpus,hosts,seed,verdict,metric,value");
    assert.include(rows, `"a ""run"", quoted",virtual,simple,4,0,1,valid,totalUs,${summary.timings.totalUs}`);
    assert.isFalse(rows.some((row) => row.includes("mixedUs")));
  });
});

describe("progress", () => {
  it("takes every CPU through the states of a stop, and counts the acks of each round", () => {
    const seen: CpuState[] = [];
    const rounds = new Set<string>();
    const states = new CpuStates(4);
    runOf(4, [], (turn) => {
      states.turn(turn);
      if (states.stateOf(2) !== seen.at(-1)) seen.push(states.stateOf(2));
      const round = states.underWay();
      // The turn that takes the last ack asks for the next round already.
      if (round !== null && round.acks >= round.of - 1) rounds.add(round.phase);
    });
    assert.deepStrictEqual(seen, ["off", "running", "gathering", "held", "stopped", "irqs off", "resumed"]);
    assert.deepStrictEqual([...rounds], ["gather", "prepare", "disable-irq", "run", "exit"]);
  });

  it("shows who waits for tasks to switch, by what was announced or heard", () => {
    const states = new CpuStates(2);
    const life = { life: 0, term: 1 };
    const ask = { do: "start", target: 1, from: 0, caller: 0, batch: null } as const;
    const place = { term: 1, epoch: 1, round: 1, incarnation: 1 };
    const busy = [{ task: "web-1", function: "vfs_read", why: "in the kernel" }];
    states.announce(1, { fact: "asked", ...life, epoch: 1, round: 1, ask, of: [0, 1] });
    states.hear({ kind: "ack", ...place, cpus: [0, 0], report: { kind: "pending", busy: [] } });
    states.hear({ kind: "ack", ...place, cpus: [1, 1], report: { kind: "pending", busy } });
    assert.deepStrictEqual([states.stateOf(0), states.stateOf(1)], ["switched", "switching"]);
    states.announce(2, { fact: "asked", ...life, epoch: 1, round: 2, ask: { do: "sync" }, of: [0, 1] });
    states.hear({ kind: "ack", ...place, round: 2, cpus: [1, 1], report: { kind: "done" } });
    assert.deepStrictEqual(states.cells(1), ["switching"]);
    states.announce(3, switched(story.scene(), 1, 3, 1));
    assert.deepStrictEqual(states.cells(1), ["switched"]);
  });

  it("shows a dead CPU, and what a live run lets be heard", () => {
    const states = new CpuStates(3);
    const life = { life: 0, term: 1 };
    states.announce(1, { fact: "asked", ...life, epoch: 1, round: 2, ask: { do: "prepare" }, of: [0, 2] });
    const ack = { kind: "ack", term: 1, epoch: 1, round: 2, incarnation: 1, report: { kind: "done" } } as const;
    states.hear({ ...ack, cpus: [1, 1] });
    states.hear({ ...ack, cpus: [1, 1] });
    states.hear({ ...ack, cpus: [0, 0], round: 1 });
    states.announce(2, { fact: "died", ...life, cpu: 2, incarnation: 1 });
    assert.deepStrictEqual(
      [0, 1, 2].map((cpu) => states.stateOf(cpu)),
      ["off", "stopped", "dead"],
    );
    assert.deepStrictEqual(states.underWay(), { epoch: 1, phase: "prepare", acks: 1, of: 3 });
  });

  it("draws many CPUs in cells, each with its least advanced CPU, and never beyond the terminal", () => {
    const states = new CpuStates(1000);
    for (let cpu = 0; cpu < 1000; cpu++) {
      if (cpu !== 500) states.announce(0, { fact: "booted", cpu, incarnation: 1 });
      if (cpu !== 500) states.announce(0, { fact: "running", cpu, incarnation: 1, version: 0 });
    }
    const lines = progressLines(states, 1234, { cpus: 1000, columns: 40, colours: false });
    assert.strictEqual(lines[0], `  ${".".repeat(18)}-${".".repeat(17)}`);
    assert.isTrue(lines.every((line) => line.length < 40));
    assert.include(lines[1], "- off  . running");
    assert.include(lines[2], "coming up");
    assert.include(progressLines(states, 0, { cpus: 1000, columns: 80, colours: true })[0], "\u001b[37m.\u001b[0m");
  });
});
