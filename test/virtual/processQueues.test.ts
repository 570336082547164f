// CPUs that are processes on shared cores: what waits for what, and that a whole run of them is as long as its parts.
import { assert, describe, it } from "vitest";
import { decodeProfile } from "../../shared/kernel/decode/profile.ts";
import type { ProcessCosts } from "../../shared/kernel/profile.ts";
import { coordinatorActor } from "../../shared/machine/machine.ts";
import { ProcessQueues } from "../../shared/virtual/processQueues.ts";
import { smallSetup, smallWorkload } from "../fixtures/setup.ts";
import { runJudged } from "./judged.ts";

const costs: ProcessCosts = {
  cores: 1,
  carryNs: 10,
  host: { messageNs: 20, packetNs: 5 },
  coordinator: { messageNs: 30, packetNs: 1 },
  askNs: 100,
};
/** Nobody is in the kernel, so that nobody is waited for. */
const quiet = {
  ...smallWorkload,
  calls: [],
  kthreads: [],
  tasksPerCpu: 0,
  crossCalls: { perSecond: 0 },
  irqsOff: { perSecond: 0, ns: { kind: "constant", ns: 1 } as const },
};
const coordinator = coordinatorActor(0);

/** When each is taken up of what leaves at 1,000. */
const takenAt = (queues: ProcessQueues, sender: number, actors: readonly number[]): readonly number[] => {
  const times = new Float64Array(actors.length).fill(1_000);
  queues.putOff(sender, times, Int32Array.from(actors), actors.length);
  return [...times];
};

describe("processes of two CPUs", () => {
  it("take up what they are asked one after the other where there is one core", () => {
    assert.deepStrictEqual(takenAt(new ProcessQueues(costs, 2), coordinator, [0, 1, 2, 3]), [1_140, 1_140, 1_180, 1_180]);
  });

  it("take it up side by side where there is a core for each, but for the asking", () => {
    assert.deepStrictEqual(takenAt(new ProcessQueues({ ...costs, cores: 4 }, 2), coordinator, [0, 1, 2, 3]), [1_140, 1_140, 1_140, 1_140]);
  });

  it("say in one message what their CPUs say at one moment", () => {
    const queues = new ProcessQueues(costs, 2);
    const acks = [0, 1, 2, 3].flatMap((cpu) => takenAt(queues, cpu, [coordinator]));
    // Carried and taken up at 1,040; an ack each; then the other process's message.
    assert.deepStrictEqual(acks, [1_041, 1_042, 1_083, 1_084]);
  });

  it("keep whoever is asked later waiting until they have done what came before", () => {
    const queues = new ProcessQueues({ ...costs, cores: 8 }, 2);
    const [first] = takenAt(queues, 2, [0]);
    const [second] = takenAt(queues, 4, [0]);
    assert.strictEqual(second, (first as number) + 25);
  });
});

describe("a run of processes", () => {
  const processes = { ...costs, carryNs: 50_000, host: { messageNs: 100_000, packetNs: 4_000 } };
  const base = smallSetup({ cpus: 8, workload: quiet, resend: { firstNs: 50_000_000, capNs: 50_000_000 }, bootLimitNs: 1e9 });
  const zero = { ipiNs: { near: 0, far: 0, jitter: 0 }, sendNs: 0, stopperWakeNs: 0, writeNs: 0, cpusPerSocket: 4 };
  const setup = { ...base, profile: { ...base.profile, ...zero, processes } };

  it("is valid, and each round takes what asking, carrying and taking up add to", () => {
    const { judgement, facts } = runJudged(setup, [], 1e12);
    assert.strictEqual(judgement.verdict, "valid");
    const asked = facts.filter(({ fact }) => fact.fact === "asked").map(({ at }) => at);
    const ended = facts.filter(({ fact }) => fact.fact === "round-ended").map(({ at }) => at);
    // Two processes of four CPUs on one core: asked once, and twice carried, taken up, carried and taken up.
    const sum = 100 + 2 * (50_000 + 100_000 + 4 * 4_000 + 50_000 + 30 + 4);
    const [first = 0, ...further] = ended.map((at, i) => at - (asked[i] as number));
    assert.deepStrictEqual(further, [sum, sum, sum, sum]);
    // It waits behind the greetings of those who came up.
    assert.isAbove(first, sum);
  });
});

describe("a profile", () => {
  it("may say what processes cost, or nothing of it, and nothing half", () => {
    const { profile } = smallSetup();
    const read = (more: object) => decodeProfile(JSON.stringify({ ...profile, ...more }), "p.json").processes;
    assert.isUndefined(read({}));
    assert.deepStrictEqual(read({ processes: costs }), costs);
    assert.throws(() => read({ processes: { ...costs, askNs: undefined } }), /"askNs" is missing/);
  });
});
