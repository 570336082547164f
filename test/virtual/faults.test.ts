// Each fault of the grammar does in virtual time what it says, and is over when the run is healed.
import { assert, describe, it } from "vitest";
import { kpatch } from "../../shared/consistency/kpatch.ts";
import { isCoordinator } from "../../shared/machine/machine.ts";
import { planOf } from "../../shared/nemesis/plan.ts";
import type { Fact } from "../../shared/protocol/facts.ts";
import type { FaultApplied, TurnTaken } from "../../shared/protocol/observer.ts";
import type { Setup } from "../../shared/protocol/setup.ts";
import { runVirtual } from "../../shared/virtual/engine.ts";
import type { VirtualResult } from "../../shared/virtual/options.ts";
import { smallSetup, smallWorkload } from "../fixtures/setup.ts";
import { runJudged } from "./judged.ts";
import { hastened } from "./matrix.ts";

const quiet: Setup["workload"] = {
  ...smallWorkload,
  crossCalls: { perSecond: 0 },
  irqsOff: { perSecond: 0, ns: { kind: "constant", ns: 1 } },
};

interface Recorded extends VirtualResult {
  readonly turns: readonly TurnTaken[];
  readonly strikes: readonly FaultApplied[];
  readonly facts: ReadonlyArray<Fact & { readonly at: number }>;
}

const record = (faults: readonly string[], changes: Partial<Setup> = {}, timeLimitNs = 1e9): Recorded => {
  const setup = smallSetup({ workload: quiet, ...changes });
  const { plan, problems } = planOf(faults, setup.seed);
  assert.deepStrictEqual(problems, []);
  const turns: TurnTaken[] = [];
  const strikes: FaultApplied[] = [];
  const observer = { turn: (turn: TurnTaken) => turns.push(structuredClone(turn)), fault: (fault: FaultApplied) => strikes.push(fault) };
  const result = runVirtual({ setup, plan, timeLimitNs, eventLimit: 1e6, observer });
  assert.strictEqual(result.end.ended, "finished");
  const facts = turns.flatMap(({ input, outputs }) =>
    outputs.flatMap((output) => (output.kind === "announce" ? [{ ...output.fact, at: input.at }] : [])),
  );
  return { ...result, turns, strikes, facts };
};

const applied = ({ faults }: VirtualResult): number[] => faults.map((fault) => fault.applied);
const heardBy = ({ turns }: Recorded, cpu: number): TurnTaken[] =>
  turns.filter(({ actor, input }) => actor === cpu && input.kind === "deliver");
const asks = (run: Recorded, cpu: number): number =>
  heardBy(run, cpu).filter(({ input }) => input.kind === "deliver" && input.msg.kind === "stop").length;

const openedAt = record([]).facts.find(({ fact }) => fact === "opened")?.at ?? 0;

describe("a packet fault", () => {
  it("that corrupts loses the packet and counts it by itself", () => {
    const run = record(["corrupt 1st stop to cpu 2 during prepare"]);
    assert.deepStrictEqual(applied(run), [1]);
    assert.include(run.end.packets, { corrupted: 1, dropped: 0 });
    const resent = run.facts.flatMap((fact) => (fact.fact === "round-ended" && fact.phase === "prepare" ? [fact.resent] : []));
    assert.deepStrictEqual(resent, [1]);
  });

  it("that parts the coordinator from a CPU one way lets the other way through", () => {
    const run = record([`partition cpu 2 from coordinator one-way from ${openedAt}ns for 3ms`]);
    assert.isAbove(applied(run)[0] ?? 0, 1, "it answers every time that it is asked again");
    assert.isAbove(asks(run, 2), asks(record([]), 2));
    assert.strictEqual(run.end.packets.dropped, applied(run)[0]);
  });

  it("that never ends is over at the time limit", () => {
    const run = record(["partition coordinator from cpu 2"], {}, 3e6);
    assert.strictEqual(run.end.healedAt, 3e6);
    assert.isTrue(run.facts.some(({ fact }) => fact === "finished"));
  });
});

describe("a slow CPU", () => {
  it("is the last to ack, by as much as it is slower", () => {
    const stoppedAt = (run: Recorded, cpu: number) => run.facts.find((fact) => fact.fact === "stopped" && fact.cpu === cpu)?.at ?? 0;
    const run = record(["slow cpu 2 x20"]);
    for (const cpu of [0, 1, 3]) assert.isAbove(stoppedAt(run, 2), stoppedAt(run, cpu) + 15_000);
    assert.isAbove(run.faults[0]?.applied ?? 0, 5);
    assert.isBelow(stoppedAt(record([]), 2), stoppedAt(record([]), 1) + 15_000);
  });
});

describe("interrupts off", () => {
  it("let nothing be heard within their windows, and all of it in its order at their end", () => {
    const run = record(["irqs-off cpu 1 every 100us for 60us"], { operations: ["patch", "unpatch", "patch"] });
    const at = heardBy(run, 1).map(({ input }) => input.at % 100_000);
    assert.isTrue(
      at.every((into) => into >= 60_000),
      at.join(),
    );
    assert.include(at, 60_000);
    assert.isAbove(applied(run)[0] ?? 0, 3);
  });
});

describe("a clock that drifts", () => {
  it("lets its CPU repeat itself sooner", () => {
    const hellos = (run: Recorded) =>
      run.turns.filter(({ actor, input }) => actor === 1 && input.kind === "timeout" && input.timer === "hello" && input.at < 2e6).length;
    const lost = "drop any to cpu 1 from 0ns for 2ms";
    assert.isAbove(hellos(record([lost, "drift cpu 1 +900000ppm"])), hellos(record([lost])));
  });
});

describe("an NMI", () => {
  const setup: Partial<Setup> = { model: hastened(kpatch), workload: { ...quiet, calls: quiet.calls.slice(1, 2) } };
  const votes = (run: Recorded) =>
    run.facts.flatMap((fact) => (fact.fact === "voted" && fact.epoch === 1 && fact.report.kind === "busy" ? [fact.report.busy] : []));

  it("between the stopper and the vote is a veto for a model that minds", () => {
    const run = record(["nmi cpu 3 at prepare"], setup);
    assert.deepStrictEqual(applied(run), [1]);
    assert.deepStrictEqual(votes(run), [[{ task: "nmi", function: "vfs_read", why: "NMI in a patched function" }]]);
    assert.isAbove(run.facts.filter(({ fact }) => fact === "opened").length, 1);
  });

  it("of the workload's own finds the update being made for as long as the walk of all tasks takes", () => {
    const often: Setup["workload"] = { ...quiet, calls: quiet.calls.slice(1, 2), nmis: { perSecond: 100 } };
    const { profile } = smallSetup();
    const vetoes = (stackCheckNs: number) =>
      votes(record([], { ...setup, workload: often, profile: { ...profile, stackCheckNs } })).flat().length;
    assert.strictEqual(vetoes(0), 0);
    // 4 CPUs of 4 tasks: 48 ms, in which each CPU has about five.
    assert.strictEqual(vetoes(3_000_000), 4);
  });

  it("after the vote, or for a model that does not mind, changes nothing", () => {
    for (const [fault, changes] of [
      ["nmi cpu 3 at disable-irq", setup],
      ["nmi cpu 3 at run", setup],
      ["nmi cpu 3 at prepare", {}],
      ["nmi cpu 3 from 1us", setup],
    ] as const) {
      const run = record([fault], changes);
      assert.deepStrictEqual(applied(run), [1], fault);
      assert.deepStrictEqual(votes(run), [], fault);
      assert.strictEqual(run.facts.filter(({ fact }) => fact === "opened").length, 1, fault);
    }
  });
});

describe("a CPU that is unplugged", () => {
  it("in a stop leaves at the end of it, is known at once, and comes back as its next incarnation", () => {
    const run = record(["unplug cpu 2 at prepare replug after 300us"], { operations: ["patch", "unpatch"] });
    assert.deepStrictEqual(applied(run), [1]);
    const left = run.strikes[0]?.at ?? 0;
    assert.strictEqual(left, run.facts.find((fact) => fact.fact === "resumed" && fact.cpu === 2)?.at);
    const told = run.turns.find(({ actor, input }) => isCoordinator(actor) && input.kind === "died");
    assert.strictEqual(told?.input.at, left);
    const again = run.turns.find(({ actor, input }) => actor === 2 && input.kind === "start" && input.incarnation === 2);
    assert.strictEqual(again?.input.at, left + 300_000);
    assert.deepStrictEqual(
      run.facts.flatMap((fact) => (fact.fact === "decided" ? [fact.outcome] : [])),
      ["committed", "committed"],
    );
  });

  it("outside of one leaves at once, and ends the stop that it was to take part in", () => {
    const run = record([`unplug cpu 2 from ${openedAt + 1}ns`]);
    assert.strictEqual(run.strikes[0]?.at, openedAt + 1);
    assert.deepStrictEqual(
      run.facts.flatMap((fact) => (fact.fact === "decided" ? [[fact.outcome, fact.reason?.why]] : [])),
      [
        ["aborted", "death"],
        ["committed", undefined],
      ],
    );
  });
});

describe("a share of 0%", () => {
  it("is exactly absent: the run is the same to its last turn, and its verdict is not in doubt", () => {
    const none = ["drop 0% of any", "burst 0% of any lasting 2 every 9", "reorder 0% within 1ms"];
    const { turns, faults } = record(none);
    assert.deepStrictEqual(turns, record([]).turns);
    assert.deepStrictEqual(faults, []);
    assert.strictEqual(runJudged(smallSetup(), none).judgement.verdict, "valid");
  });
});

describe("a seed", () => {
  it("gives the same turns each time under every lasting and every packet fault", () => {
    const faults = [
      "reorder 20% within 50us",
      "corrupt 5% of any",
      "burst 80% of any lasting 3 every 30",
      "partition cpu 0 from coordinator from 1ms for 1ms",
      "slow cpu 1 x3",
      "irqs-off cpu 2 every 200us for 50us",
      "drift coordinator -1000ppm",
      "nmi cpu 3 at run",
      "unplug cpu 3 at exit replug after 100us",
    ];
    assert.deepStrictEqual(record(faults), record(faults));
  });
});

describe("what befalls processes live", () => {
  it.each([
    ["kill cpu 2 at prepare restart after 300us", "crash cpu 2 at prepare restart after 300us"],
    ["kill coordinator at run restart after 300us", "crash coordinator at run restart after 300us"],
    ["suspend cpu 2 at run for 2ms", "pause cpu 2 at run for 2ms"],
    [`outage from ${openedAt}ns for 2ms`, `drop any from ${openedAt}ns for 2ms`],
  ])("`%s` is `%s` for the machine", (real, simulated) => {
    const run = record([real]);
    assert.isAbove(applied(run)[0] ?? 0, 0);
    assert.deepStrictEqual(run.facts, record([simulated]).facts);
  });

  it("lets a run end that still waited for faults of a later time when they were switched off", () => {
    const { end, judgement } = runJudged(smallSetup({ workload: quiet }), ["crash cpu 3 from 100s", "pause cpu 1 from 2ms for 1ms"], 5e6);
    assert.deepStrictEqual({ ended: end.ended, at: end.at, healedAt: end.healedAt }, { ended: "finished", at: 5e6, healedAt: 5e6 });
    assert.deepStrictEqual(judgement.violations, []);
    assert.strictEqual(judgement.verdict, "unknown", "one of them never struck");
  });
});
