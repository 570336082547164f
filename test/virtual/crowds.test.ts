// CPUs that nothing tells apart share a state in virtual time, and no run can be told from one in which each has its own.
import fc from "fast-check";
import { assert, describe, it } from "vitest";
import type { Model } from "../../shared/consistency/model.ts";
import { models } from "../../shared/consistency/registry.ts";
import { simple } from "../../shared/consistency/simple.ts";
import type { Profile } from "../../shared/kernel/profile.ts";
import { coordinatorActor, isCoordinator } from "../../shared/machine/machine.ts";
import { machinesOf } from "../../shared/mutants/machines.ts";
import { type Plan, planOf } from "../../shared/nemesis/plan.ts";
import { judgeOf } from "../../shared/oracle/judgement.ts";
import { Crowd, outputsOf, Streams } from "../../shared/protocol/cpu/crowd.ts";
import type { CpuState } from "../../shared/protocol/cpu/state.ts";
import { type Ask, type Message, type RoundMessage, roundMessage } from "../../shared/protocol/messages.ts";
import type { AnyOutput, TurnsAlike, TurnTaken } from "../../shared/protocol/observer.ts";
import type { Setup } from "../../shared/protocol/setup.ts";
import type { Topology } from "../../shared/protocol/topology.ts";
import { CpuStates } from "../../shared/report/cpuStates.ts";
import { runVirtual } from "../../shared/virtual/engine.ts";
import { smallSetup, smallWorkload } from "../fixtures/setup.ts";

const idleWorkload = { ...smallWorkload, tasksPerCpu: 0, kthreads: [] };
const silent = { ...idleWorkload, irqsOff: { ...smallWorkload.irqsOff, perSecond: 0 }, crossCalls: { perSecond: 0 } };

/** Every turn of a run. Who watches the packets sees each CPU alone. */
const turnsOf = (setup: Setup, faults: readonly string[], apart: boolean): readonly TurnTaken[] => {
  const turns: TurnTaken[] = [];
  const observer = { turn: (turn: TurnTaken) => turns.push(structuredClone(turn)), fault: () => {} };
  const plan = planOfAll(faults, setup.seed);
  const order = { setup, plan, timeLimitNs: 1e9, eventLimit: 100_000, observer };
  runVirtual(apart ? { ...order, onPacket: () => {} } : order);
  return turns;
};

/** What each actor does, and when, in the order of its own time: of a coordinator what it says, since it may hear many acks in one turn. */
class Deeds {
  private readonly deeds: string[] = [];
  private note(actor: number, at: number, outputs: readonly AnyOutput[]): void {
    for (const output of outputs) {
      if (output.kind === "announce") {
        const fact = isCoordinator(actor) ? output.fact : { ...output.fact, cpu: actor };
        this.deeds.push(`${actor} at ${at}: ${JSON.stringify(fact)}`);
      } else if (!isCoordinator(actor)) this.deeds.push(`${actor} at ${at}: ${output.kind}`);
    }
  }
  turn = ({ actor, input, outputs }: TurnTaken): void => this.note(actor, input.at, outputs);
  alike = ({ cpus, times, outputs }: TurnsAlike): void => {
    for (const [i, cpu] of cpus.entries()) this.note(cpu, times[i] as number, outputs);
  };
  all = (): readonly string[] => this.deeds.sort();
}

interface Limits {
  readonly timeLimitNs: number;
  readonly eventLimit: number;
}

const ample: Limits = { timeLimitNs: 1e9, eventLimit: 1_000_000 };

/** How a run ends, is judged, and stands on a display. Whoever hears of turns one by one has them taken one by one. */
const endOf = (setup: Setup, texts: readonly string[], together: boolean, limits = ample) => {
  const judge = judgeOf(setup);
  const { fault, alike } = judge.observer;
  const states = new CpuStates(setup.cpus);
  const deeds = new Deeds();
  let swept = 0;
  const count = (turns: TurnsAlike): void => {
    swept += turns.cpus.length;
    alike?.(turns);
    states.alike(turns);
    deeds.alike(turns);
  };
  const turn = (taken: TurnTaken): void => {
    judge.observer.turn(taken);
    states.turn(taken);
    deeds.turn(taken);
  };
  const observer = together ? { turn, fault, alike: count } : { turn, fault };
  const plan = planOfAll(texts, setup.seed);
  const { end, faults } = runVirtual({ setup, plan, ...limits, observer });
  const shown = { cells: states.cells(setup.cpus), underWay: states.underWay(), atNs: states.atNs };
  return { ended: { end, faults, judgement: judge.conclude(end, faults), shown, deeds: deeds.all() }, swept };
};

/** How many CPUs were asked at once, in a run that ends as if they had been asked one by one. */
const sweptAsOneByOne = (setup: Setup, faults: readonly string[], limits: Limits): number => {
  const together = endOf(setup, faults, true, limits);
  assert.deepStrictEqual(together.ended, endOf(setup, faults, false, limits).ended);
  return together.swept;
};

const planOfAll = (texts: readonly string[], seed: number): Plan => {
  const { plan, problems } = planOf(texts, seed);
  assert.deepStrictEqual(problems, []);
  return plan;
};

/** What may befall packets where CPUs are in crowds. */
const someFaults = fc.subarray(
  [
    "drop 5% of any",
    "drop 1st ack from cpu 3-9",
    "delay 1us..9us of 10% of ack",
    "duplicate 3% of any",
    "duplicate 60% of hello",
    "drop 2% of hello from 0us for 40us",
    "reorder 10% of ack within 9us",
    "corrupt 2% of any",
    "partition cpu 2-5 from coordinator from 20us for 60us",
  ],
  { maxLength: 3 },
);

/** Models that give up, or let go of their CPUs, while others are still being asked. */
const hastes: ReadonlyArray<Partial<Model>> = [{}, {}, { limitNs: 30_000, holdLimitNs: 40_000 }, { limitNs: null, holdLimitNs: 6_000 }];
const { profile } = smallSetup();
const profiles: readonly Profile[] = [
  profile,
  { ...profile, registerNs: 40_000 },
  { ...profile, ipiNs: { ...profile.ipiNs, jitter: 0 } },
  { ...profile, sendNs: 0 },
];

const topologies: readonly Topology[] = [{ shape: "flat" }, { shape: "tree", fanout: 2 }, { shape: "tree", fanout: 5 }, { shape: "numa" }];

describe("a crowd of CPUs in virtual time", () => {
  it("takes the turns that each of its CPUs would take alone, in whatever model, by whatever tree, however often they are asked", () => {
    const machine = fc.record({
      seed: fc.nat(1e6),
      cpus: fc.integer({ min: 1, max: 60 }),
      model: fc.constantFrom(...models),
      topology: fc.constantFrom(...topologies),
      operations: fc.constantFrom(["patch"] as const, ["patch", "unpatch"] as const),
      workload: fc.constantFrom(silent, silent, idleWorkload),
      // So short that most asks are repeated while they are being answered.
      resend: fc.constantFrom({ firstNs: 4_000, capNs: 64_000 }, smallSetup().resend),
    });
    const check = fc.property(machine, someFaults, (changes, faults) => {
      const setup = smallSetup({ tasksPerCpu: 0, ...changes });
      assert.deepStrictEqual(turnsOf(setup, faults, false), turnsOf(setup, faults, true));
    });
    fc.assert(check, { numRuns: 25 });
  });

  it("ends the same and is judged the same whether its CPUs are asked one by one or all at once, with whatever between", () => {
    let swept = 0;
    const machine = fc.record({
      seed: fc.nat(1e6),
      cpus: fc.integer({ min: 20, max: 300 }),
      model: fc.tuple(fc.constantFrom(...models), fc.constantFrom(...hastes)).map(([model, haste]) => ({ ...model, ...haste })),
      profile: fc.constantFrom(...profiles),
      bootLimitNs: fc.constantFrom(30_000, 5_000_000),
      topology: fc.constantFrom<Topology>({ shape: "flat" }, { shape: "flat" }, { shape: "tree", fanout: 2 }),
      operations: fc.constantFrom(["patch"] as const, ["patch", "unpatch", "patch"] as const),
      resend: fc.constantFrom(
        { firstNs: 4_000, capNs: 64_000 },
        { firstNs: 60_000, capNs: 64_000 },
        { firstNs: 3_000_000, capNs: 6_000_000 },
        smallSetup().resend,
      ),
    });
    const limits = fc.constantFrom(ample, ample, { ...ample, timeLimitNs: 50_000 }, { ...ample, eventLimit: 1_500 });
    const check = fc.property(machine, someFaults, limits, (changes, faults, within) => {
      swept += sweptAsOneByOne(smallSetup({ tasksPerCpu: 0, workload: silent, ...changes }), faults, within);
    });
    fc.assert(check, { numRuns: 60 });
    assert.isAbove(swept, 1000, "CPUs that were asked at once");
  });

  const unhurried = { firstNs: 3_000_000, capNs: 6_000_000 };

  it("lets go of whoever has been held too long before others are asked at all", () => {
    const model = { ...simple, limitNs: null, holdLimitNs: 6_000 };
    const setup = smallSetup({ cpus: 300, tasksPerCpu: 0, workload: silent, model, resend: unhurried });
    assert.isAbove(sweptAsOneByOne(setup, [], ample), 300);
  });

  it("is welcomed for each greeting, however many of one CPU have come to an answer", () => {
    const slow = { ...profile, registerNs: 40_000 };
    const setup = smallSetup({ cpus: 100, tasksPerCpu: 0, workload: silent, profile: slow, resend: unhurried });
    assert.isAbove(sweptAsOneByOne(setup, ["duplicate 20% of hello"], ample), 100);
  });

  it("is left at the very event at which its limit is reached", () => {
    const setup = smallSetup({ cpus: 100, tasksPerCpu: 0, workload: silent });
    for (const eventLimit of [150, 333, 420, 777]) {
      const { observer } = judgeOf(setup);
      const { end } = runVirtual({ setup, plan: { seed: 1, faults: [] }, timeLimitNs: 1e9, eventLimit, observer });
      assert.strictEqual(end.ended, "event-limit");
      assert.strictEqual(end.events, eventLimit);
    }
  });

  const cpus = 4;
  const coordinator = coordinatorActor(0);
  const setup = smallSetup({ cpus, tasksPerCpu: 0, workload: silent });
  const asking = (round: number, ask: Ask): RoundMessage => roundMessage({ term: 1, epoch: 1, round }, ask);
  const gather = asking(1, { do: "gather", pass: "all" });

  /** Each CPU by itself, and the crowd of all but the last, which is told something first. */
  const welcomed = (of: Setup, before?: RoundMessage) => {
    const { cpu: machine } = machinesOf(of);
    const streams = new Streams(of.seed, cpus);
    const step = (state: CpuState<never>, msg: Message) =>
      machine.step(state as never, { kind: "deliver", at: 100, from: coordinator, msg });
    const alone = Array.from({ length: cpus }, (_, cpu) => {
      const [state] = machine.step(machine.init(cpu), { kind: "start", at: 0, incarnation: 1 });
      const at = 10 + cpu;
      const msg: Message = { kind: "welcome", term: 1, epoch: 0, cpu, incarnation: 1, version: 0 };
      return machine.step(state, { kind: "deliver", at, from: coordinator, msg })[0];
    });
    if (before !== undefined) step(alone[cpus - 1] as never, before);
    const crowd = Crowd.of({ machine, cpus, streams }, alone[0] as (typeof alone)[number]) as Crowd;
    return { machine, alone, crowd, joined: alone.map((state) => crowd.join(state)) };
  };

  it("takes in whoever has just come up, at whatever time, and nobody who has been asked something since", () => {
    assert.deepStrictEqual(welcomed(setup).joined, [true, true, true, true]);
    assert.deepStrictEqual(welcomed(setup, gather).joined, [true, true, true, false]);
  });

  it("takes in nobody of whom anything is different but how often it had greeted before it was welcomed", () => {
    const { alone, crowd } = welcomed(setup);
    const first = alone[0] as (typeof alone)[number];
    for (const field of Object.keys(first).filter((name) => name !== "cpu" && name !== "random")) {
      const other = { ...first, [field]: field === "life" ? null : "another" };
      assert.strictEqual(crowd.join(other as never), field === "helloTries", field);
    }
    for (const field of Object.keys(first.life as object)) {
      assert.isFalse(crowd.join({ ...first, life: { ...first.life, [field]: "another" } } as never), field);
    }
  });

  it("does the same for each of them, with its own number, time and streams", () => {
    const { machine, alone, crowd } = welcomed(setup);
    const first = crowd.moveOn(gather, coordinator, 2);
    assert.isNotNull(first);
    for (const cpu of [2, 0]) {
      const move = crowd.moveOn({ ...gather }, coordinator, cpu);
      assert.strictEqual(move, first);
      if (move === null) continue;
      move.at.values[cpu] = 50 + cpu;
      const state = alone[cpu] as (typeof alone)[number];
      const [next, outputs] = machine.step(state, { kind: "deliver", at: 50 + cpu, from: coordinator, msg: gather });
      assert.deepStrictEqual(outputsOf(move, cpu, coordinator), outputs);
      assert.deepStrictEqual(move.to.stateOf(cpu), next);
    }
  });

  it("lets whoever is named step alone, and everyone where each would draw or has tasks to look at", () => {
    const { crowd } = welcomed(setup);
    const vote = asking(1, { do: "disable-irq", walker: 1 });
    assert.isNull(crowd.moveOn(vote, coordinator, 1));
    assert.isNotNull(crowd.moveOn(vote, coordinator, 0));
    const relayed = { ...gather, relay: { fanout: 2, subtree: [0, 3] } };
    assert.isNull(crowd.moveOn(relayed, coordinator, 0));
    assert.isNull(welcomed({ ...setup, workload: idleWorkload }).crowd.moveOn(gather, coordinator, 0));
    assert.isNull(welcomed({ ...setup, tasksPerCpu: 1 }).crowd.moveOn(gather, coordinator, 0));
  });
});
