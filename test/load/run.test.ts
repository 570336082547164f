// Whole runs under load: the books balance whatever crashes, stops show in what users felt, and load changes nothing that it is not asked to.
import { describe, expect, it } from "vitest";
import { hybrid } from "../../shared/consistency/hybrid.ts";
import type { Model } from "../../shared/consistency/model.ts";
import { simple } from "../../shared/consistency/simple.ts";
import { Replay } from "../../shared/journal/replay.ts";
import type { Load } from "../../shared/kernel/requests/plan.ts";
import { type Felt, feltOf } from "../../shared/load/felt.ts";
import { Meter } from "../../shared/load/meter.ts";
import { Relive } from "../../shared/load/relive.ts";
import { planOf } from "../../shared/nemesis/plan.ts";
import { type Judgement, judgeOf } from "../../shared/oracle/judgement.ts";
import type { TurnTaken } from "../../shared/protocol/observer.ts";
import type { Setup } from "../../shared/protocol/setup.ts";
import { runVirtual } from "../../shared/virtual/engine.ts";
import { smallSetup, smallWorkload } from "../fixtures/setup.ts";

const load: Load = { arrivals: { kind: "poisson", perSecond: 4_000 }, fromNs: 10e6, coolNs: 200e6 };

const serving = (model: Model, changes: Partial<Setup> = {}): Setup => {
  const wait = { name: "epoll_wait", weight: 2, cpuNs: { kind: "constant", ns: 2_000 }, restarts: false } as const;
  const sleep = { probability: 1, kind: "interruptible", ns: { kind: "constant", ns: 1e6 } } as const;
  return smallSetup({
    model,
    cpus: 4,
    workload: { ...smallWorkload, calls: [...smallWorkload.calls.filter(({ name }) => name === "read"), { ...wait, sleep }] },
    operations: ["patch", "unpatch", "patch"],
    load,
    pace: { firstNs: 500e6, everyNs: 400e6 },
    ...changes,
  });
};

const run = (
  setup: Setup,
  faults: readonly string[] = [],
  watch: (turn: TurnTaken) => void = () => {},
): { felt: Felt; judgement: Judgement; endAt: number } => {
  const { cpus, seed, pace = { firstNs: 0, everyNs: 0 }, operations } = setup;
  const meter = new Meter({ source: { load, cpus, seed }, perSecond: 4_000, runNs: 3e9, afterNs: 100e6, breakOverNs: null });
  const judge = judgeOf(setup);
  const { plan, problems } = planOf(faults, setup.seed);
  expect(problems).toEqual([]);
  const { end, faults: applied } = runVirtual({
    ...{ setup, plan, timeLimitNs: 60e9, eventLimit: 1e6, requests: meter },
    observer: {
      fault: () => {},
      turn: (turn) => {
        meter.observer.turn(turn);
        watch(turn);
        judge.observer.turn(turn);
      },
    },
  });
  const felt = feltOf(meter.measured(end.at), {
    fromNs: load.fromNs,
    endAt: end.at,
    afterNs: 100e6,
    pace,
    cpus,
    perSecond: 4_000,
    planned: operations.length,
    callsPerSecond: setup.workload.crossCalls.perSecond * cpus,
    reschedulesPerSecond: (setup.reschedulesPerSecond ?? 0) * cpus,
  });
  return { felt, judgement: judge.conclude(end, applied), endAt: end.at };
};

describe("a run under load", () => {
  it("begins its operations when they are planned, goes on to the end of its cool-down, and answers what arrived", () => {
    const { felt, judgement, endAt } = run(serving(simple));
    expect(judgement.verdict).toBe("valid");
    expect(felt.operations.map(({ openedUs }) => openedUs)).toEqual([500_000, 900_000, 1_300_000].map((us) => expect.closeTo(us, -2)));
    expect(endAt).toBeGreaterThan(1_500e6);
    expect(felt.balance.problems).toEqual([]);
    expect(felt.balance.arrived).toBeGreaterThan(5_500);
    expect(felt.achieved).toBeGreaterThan(0.99);
  });

  it("is the same again from its seed, and another from another", () => {
    const { felt } = run(serving(simple));
    expect(run(serving(simple)).felt).toEqual(felt);
    expect(run(serving(simple, { seed: 8 })).felt.balance).not.toEqual(felt.balance);
  });

  it("feels a stop: requests that met it are slower than those before, and what kept them is told", () => {
    const { felt } = run(serving(simple, { profile: { ...serving(simple).profile, stopperWakeNs: 5_000_000 } }));
    expect(felt.latencyUs.during?.max).toBeGreaterThan(4_000);
    expect(felt.latencyUs.during?.max).toBeGreaterThan(5 * (felt.latencyUs.before?.p99 ?? Infinity));
    const kept = felt.slow.filter(({ cause }) => ["stopped", "interrupts-off", "held"].includes(cause));
    expect(kept.reduce((sum, { during }) => sum + during, 0)).toBeGreaterThan(10);
    expect(felt.dip.area).toBeGreaterThan(10);
  });

  it("feels a transition too, whose fake signals lose nothing", () => {
    const { felt, judgement } = run(serving(hybrid));
    expect(judgement.verdict).toBe("valid");
    expect(felt.balance.problems).toEqual([]);
    expect(felt.latencyUs.during?.n).toBeGreaterThan(100);
  });
});

describe("reschedules between CPUs", () => {
  it("are an open loop: all are sent but those that fall into a stop, all arrive, and none is answered", () => {
    const { felt, endAt, judgement } = run({ ...serving(simple), reschedulesPerSecond: 1_000 });
    const planned = (4 * 1_000 * (endAt - load.fromNs)) / 1e9;
    const arrived = felt.rescheduleUs.all?.n ?? 0;
    expect(judgement.verdict).toBe("valid");
    expect(felt.reschedules.lost).toBe(0);
    // Three standard deviations of a Poisson count, and what a stop may keep back.
    expect(Math.abs(arrived - planned)).toBeLessThan(3 * Math.sqrt(planned) + 0.01 * planned);
    expect(felt.rescheduled).toBeCloseTo(arrived / planned, 9);
    expect(felt.rescheduleUs.all?.max).toBeLessThan(50);
  });

  it("that are lost are told as such, and change no verdict", () => {
    const { felt, judgement } = run({ ...serving(simple), reschedulesPerSecond: 1_000 }, ["drop 50% of reschedule"]);
    expect(judgement.verdict).toBe("valid");
    expect(felt.rescheduled).toBeGreaterThan(0.45);
    expect(felt.rescheduled).toBeLessThan(0.55);
    expect(felt.reschedules.lost).toBeGreaterThan(0);
  });
});

describe("calls between CPUs", () => {
  const calling = (perSecond: number, changes: Partial<Setup> = {}): Setup => {
    const setup = serving(simple, changes);
    return { ...setup, workload: { ...setup.workload, crossCalls: { perSecond } } };
  };

  it.each([50, 500, 5_000])(
    "are made %i times a second by each CPU, to the end of the cool-down, but for the time that it waits",
    (perSecond) => {
      const { felt, endAt } = run(calling(perSecond));
      const seconds = (endAt - load.fromNs) / 1e9;
      const waitedShare = (perSecond * (felt.callUs.all?.mean ?? Infinity)) / 1e6;
      expect(felt.calls.plannedPerSecond).toBe(4 * perSecond);
      expect(felt.calls.perSecond).toBeCloseTo((felt.callUs.all?.n ?? 0) / seconds, 6);
      const expected = (4 * perSecond * seconds) / (1 + waitedShare);
      // Three standard deviations of a Poisson count.
      expect(Math.abs(felt.calls.perSecond * seconds - expected)).toBeLessThan(3 * Math.sqrt(expected));
      expect(felt.called).toBeCloseTo(felt.calls.perSecond / (4 * perSecond), 9);
    },
  );

  it.each([[[]], [["drop 50% of call"]]])(
    "are neither begun nor answered in a stop, and none waits for its end, with faults %j",
    (faults) => {
      const stopped = new Set<number>();
      const off = new Set<number>();
      const amiss: string[] = [];
      const slow = calling(5_000, { profile: { ...serving(simple).profile, registerNs: 5_000_000 } });
      const { felt, judgement } = run(slow, faults, ({ actor, input, outputs }) => {
        for (const output of outputs) {
          if (output.kind === "announce" && output.fact.fact === "stopped") stopped.add(actor);
          if (output.kind === "announce" && output.fact.fact === "voted") off.add(actor);
          if (output.kind === "announce" && output.fact.fact === "resumed") for (const set of [stopped, off]) set.delete(actor);
          if (output.kind !== "send") continue;
          const { kind } = output.msg;
          if (kind === "call" && stopped.has(actor) && input.kind === "timeout" && input.timer === "call") amiss.push(`cpu ${actor} calls`);
          // What is owed is answered in the turn of the exit.
          if (kind === "call-done" && off.has(actor) && input.kind === "deliver" && input.msg.kind === "call")
            amiss.push(`cpu ${actor} answers`);
        }
      });
      expect(judgement.verdict).toBe("valid");
      expect(amiss).toEqual([]);
      // What is under way is answered before interrupts are off, which is for as long as the register takes.
      expect(felt.irqsOffUs).toBeGreaterThan(5_000);
      expect(felt.callUs.during?.n).toBeGreaterThan(0);
      expect(felt.callUs.during?.max).toBeLessThan(5_000);
    },
  );

  it("have nobody to count where none are planned", () => {
    const { felt } = run(calling(0));
    expect([felt.called, felt.calls.perSecond, felt.callUs.all]).toEqual([null, 0, null]);
  });
});

describe("however often the engine looks", () => {
  it.each([simple, hybrid].map((model) => [model.name, model] as const))("a run of %s is replayed from its inputs alone", (_, model) => {
    const setup = serving(model, { seed: 5 });
    const turns: TurnTaken[] = [];
    runVirtual({
      ...{ setup, plan: planOf([], 5).plan, timeLimitNs: 60e9, eventLimit: 1e6 },
      observer: { turn: (turn) => turns.push(structuredClone(turn)), fault: () => undefined },
    });
    const replay = new Replay(setup);
    expect(turns.findIndex((turn) => replay.take({ ...turn, entries: [] }) !== undefined)).toBe(-1);
  });
});

describe("the books balance", () => {
  it("of a recorded run whose CPUs went on after its end, when the last of them has been told something", () => {
    const setup = serving(simple);
    const meter = new Meter({
      source: { load, cpus: setup.cpus, seed: setup.seed },
      ...{ perSecond: 4_000, runNs: 3e9, afterNs: 100e6, breakOverNs: null },
    });
    const relive = new Relive(setup, meter);
    const { end } = runVirtual({
      ...{ setup, plan: planOf([], setup.seed).plan, timeLimitNs: 60e9, eventLimit: 1e6 },
      observer: { turn: (turn) => relive.take(structuredClone(turn)), fault: () => undefined },
    });
    const { balance } = meter.measured(relive.finish(end.at - 100e6));
    expect(balance.problems).toEqual([]);
    expect(balance.arrived).toBeGreaterThan(5_500);
    for (const part of ["queued", "inService", "lost"] as const) expect(balance[part]).toBeGreaterThanOrEqual(0);
  });

  it.each([
    ["a CPU that dies and comes back", ["crash cpu 2 at disable-irq restart after 50ms"]],
    ["one that dies while nothing is asked, and stays dead", ["crash cpu 1 from 700ms"]],
    [
      "two that die, a slow one and losses",
      ["crash cpu 0 from 600ms restart after 20ms", "crash cpu 3 at run", "drop 10% of ack", "slow cpu 1 x4"],
    ],
  ])("with %s: what was lost is lost with a dead CPU, and nothing else is", (_, faults) => {
    const { felt, judgement } = run(serving(simple), faults);
    const { arrived, answered, queued, inService, lost, problems } = felt.balance;
    expect(problems).toEqual([]);
    expect(lost).toBeGreaterThan(0);
    expect(arrived).toBe(answered + queued + inService + lost);
    expect(judgement.violations).toEqual([]);
  });

  it("not for a machine that forgets what it has in hand: then the monitor says so, and so do they", () => {
    const { felt, judgement } = run(
      serving(simple, { mutant: "requests-forgotten-in-a-stop", seed: 3, load, operations: ["patch", "unpatch"] }),
    );
    expect(judgement.violations.map(({ monitor }) => monitor)).toContain("conservation");
    expect(felt.balance.problems).not.toEqual([]);
  });
});
