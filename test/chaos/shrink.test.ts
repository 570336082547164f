// Shrinking: a failing run becomes one that a person can read, and the same promise stays broken.
import { assert, describe, it } from "vitest";
import { exactFaults } from "../../shared/chaos/exact.ts";
import { pictureOf } from "../../shared/chaos/picture.ts";
import { type Scenario, shrink } from "../../shared/chaos/shrink.ts";
import { simplerFaults } from "../../shared/chaos/simpler.ts";
import { type Case, type Trial, takeTrial } from "../../shared/chaos/trial.ts";
import { printFault } from "../../shared/nemesis/grammar.ts";
import { planOf } from "../../shared/nemesis/plan.ts";
import type { Fault } from "../../shared/nemesis/registry.ts";
import type { Setup } from "../../shared/protocol/setup.ts";
import { sequenceText } from "../../shared/report/sequenceText.ts";
import type { Carried } from "../../shared/virtual/network.ts";
import { smallSetup } from "../fixtures/setup.ts";

const faultsOf = (texts: readonly string[]): readonly Fault[] => {
  const { plan, problems } = planOf(texts, 1);
  assert.deepStrictEqual(problems, []);
  return plan.faults;
};

const caseOf = ({ seed, cpus, tasksPerCpu, sequel, faults }: Scenario, changes: Partial<Setup>): Case => ({
  setup: smallSetup({ ...changes, seed, cpus, tasksPerCpu, operations: ["patch", ...sequel] }),
  plan: { seed, faults },
  timeLimitNs: 1e9,
  eventLimit: 200_000,
});

const shrunk = (scenario: Scenario, monitor: string, changes: Partial<Setup>): Scenario => {
  const fails = (one: Scenario): boolean => takeTrial(caseOf(one, changes)).failures.some((failure) => failure.monitor === monitor);
  const packetsOf = (one: Scenario): readonly Carried[] => {
    const packets: Carried[] = [];
    takeTrial(caseOf(one, changes), { onPacket: (packet) => packets.push(packet) });
    return packets;
  };
  assert.isTrue(fails(scenario), "it fails to begin with");
  const { scenario: found, isMinimal } = shrink(scenario, { fails, packetsOf });
  assert.isTrue(isMinimal, "nothing can be left out of it");
  assert.isTrue(fails(found), "it still fails");
  return found;
};

const texts = ({ faults }: Scenario): readonly string[] => faults.map(printFault);

const large: Scenario = { seed: 3, cpus: 6, tasksPerCpu: 2, sequel: ["unpatch", "patch"], timeLimit: 1, faults: [] };

describe("shrinking", () => {
  it("leaves of a broken rule's scenario the one fault that it needs, on as few CPUs as it takes", () => {
    const faults = faultsOf([
      "delay 20us..50us of 10% of any",
      "crash coordinator at run",
      "pause cpu 3 at prepare for 120us",
      "drop 5% of ack from cpu 4-5",
      "second coordinator from 7ms",
    ]);
    const found = shrunk({ ...large, faults }, "left-kernel", { mutant: "leaves-after-vote" });
    assert.deepStrictEqual(texts(found), ["crash coordinator at run"]);
    const { cpus, tasksPerCpu, sequel, timeLimit } = found;
    assert.deepStrictEqual({ cpus, tasksPerCpu, sequel, timeLimit }, { cpus: 1, tasksPerCpu: 1, sequel: [], timeLimit: undefined });
  });

  it("names the packets whose loss is needed, where it was left to chance before", () => {
    const faults = faultsOf(["drop 30% of any", "pause cpu 2 at gather for 50us", "duplicate 10% of stop"]);
    const found = shrunk({ ...large, faults }, "converges", { mutant: "round-never-repeated" });
    assert.lengthOf(found.faults, 1);
    assert.match(texts(found).join(), /^drop [1-4](st|nd|rd|th) /);
  });

  it("shrinks what is not safe and what does not end alike: no fault at all is needed where the rule alone breaks it", () => {
    const found = shrunk({ ...large, faults: faultsOf(["drop 10% of any"]) }, "rounds", { mutant: "majority-is-enough" });
    assert.deepStrictEqual({ faults: texts(found), cpus: found.cpus }, { faults: [], cpus: 3 });
  });
});

describe("packets written out", () => {
  const take = (faults: readonly Fault[]): { trial: Trial; packets: readonly Carried[] } => {
    const packets: Carried[] = [];
    const trial = takeTrial(caseOf({ ...large, faults }, {}), { onPacket: (packet) => packets.push(packet) });
    return { trial, packets };
  };

  it("befall the run in the same way as the chances that they were drawn from", () => {
    for (const text of [
      "drop 10% of any",
      "delay 5us..90us of 20% of ack",
      "duplicate 15% of stop",
      "corrupt 5% of any",
      "burst any lasting 3 every 20",
    ]) {
      const { trial, packets } = take(faultsOf([text]));
      const exact = exactFaults(faultsOf([text]), packets);
      assert.isNotEmpty(exact, text);
      const again = take(exact);
      assert.deepStrictEqual(
        again.packets.map(({ at, from, to, fate }) => ({ at, from, to, fate })),
        packets.map(({ at, from, to, fate }) => ({ at, from, to, fate })),
        text,
      );
      assert.strictEqual(again.trial.events, trial.events, text);
    }
  });
});

describe("simpler faults", () => {
  it("read as faults and get simpler, until none is left", () => {
    for (const text of [
      "drop 10% of stop to cpu 3-5 during disable-irq from 1.25ms for 17us",
      "crash cpu 2 at disable-irq restart after 5.25ms",
      "slow cpu 4 x8",
    ]) {
      let [fault] = faultsOf([text]);
      let steps = 0;
      for (; fault !== undefined; steps++) {
        assert.isBelow(steps, 100, text);
        [fault] = simplerFaults(fault);
      }
      assert.isAbove(steps, 0, text);
    }
  });

  it("offer the fault without each of its clauses, in rounder numbers, and by number in place of chance", () => {
    const offered = simplerFaults(faultsOf(["drop 10% of stop to cpu 3-5 during run"])[0] as Fault).map(printFault);
    assert.includeMembers(offered, [
      "drop 10% of stop during run",
      "drop 10% of stop to cpu 3 during run",
      "drop 1st stop to cpu 3-5 during run",
    ]);
    const durations = simplerFaults(faultsOf(["pause cpu 1 at run for 437us"])[0] as Fault).map(printFault);
    assert.includeMembers(durations, ["pause cpu 1 at run for 1us", "pause cpu 1 at run for 400us"]);
  });
});

describe("the picture", () => {
  it("draws a lane for each actor, lost messages with a cross, and the breach where it happened", () => {
    const scenario = { ...large, cpus: 2, sequel: [], faults: faultsOf(["drop 1st stop to cpu 1", "crash coordinator at run"]) };
    const text = sequenceText(pictureOf(caseOf(scenario, { mutant: "leaves-after-vote" })));
    assert.match(text, /coordinator0 +cpu0 +cpu1/);
    assert.match(text, /\|-+ gather #1 -+x .* lost$/m);
    assert.match(text, /\|<-+ ack #1 -+\|/);
    assert.match(text, /\* \*\* crash coordinator at run/);
    assert.match(text, /✗ left-kernel: /);
  });

  it("tells once what is said over and over", () => {
    const scenario = { ...large, cpus: 2, sequel: [], faults: faultsOf(["drop stop to cpu 1"]) };
    const text = sequenceText(pictureOf(caseOf(scenario, {})));
    assert.match(text, /^ +\.\.\. the same \d+ times more, until [\d.]+ ms$/m);
    assert.isBelow(text.split("\n").length, 60);
  });
});
