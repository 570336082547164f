// The rules of combiners (R11, C11): they carry what they have heard, count nothing, and are asked for nothing twice.
import { assert, describe, it } from "vitest";
import { oneCpu } from "../../shared/machine/cpuSet.ts";
import { coordinatorActor } from "../../shared/machine/machine.ts";
import type { CpuOutput } from "../../shared/protocol/cpu/state.ts";
import type { Ack, Ask, Relay, Report, RoundMessage } from "../../shared/protocol/messages.ts";
import { CoordinatorByHand, CpuByHand, messagesIn, RegisterByHand, stop } from "./drive.ts";

const gather: Ask = { do: "gather", pass: "all" };
const done: Report = { kind: "done" };

/** CPU 0 asks 1, and 2, which asks 3. */
const relay: Relay = { fanout: 2, subtree: [0, 3] };
const first: RoundMessage = { ...stop(1, 1, 1, gather), relay };
const repeat = stop(1, 1, 1, gather);

const ackOf = (cpu: number, changes: Partial<Ack> = {}): Ack => ({
  ...{ kind: "ack", term: 1, epoch: 1, round: 1, cpus: oneCpu(cpu), incarnation: 1, report: done },
  ...changes,
});

/** What is sent, and to whom. */
const sent = (outputs: readonly CpuOutput[]) =>
  outputs.flatMap((output) => (output.kind === "send" ? [{ to: output.to, msg: output.msg, afterNs: output.afterNs }] : []));

/** The CPUs that speak, for the coordinator, in these outputs. */
const spokenFor = (outputs: readonly CpuOutput[]) =>
  sent(outputs).flatMap(({ to, msg }) => (to === "coordinators" && msg.kind === "ack" ? [msg.cpus] : []));

/** A combiner that has handed the first asking on and done what it says itself. */
const combiner = (writeNs = 0): CpuByHand => {
  const cpu = CpuByHand.up(writeNs, 0);
  cpu.hear(first);
  return cpu;
};

describe("R11: a combiner", () => {
  it("hands the first asking on to those below it, obeys it, and says nothing yet", () => {
    const outputs = CpuByHand.up(0, 0).hear(first);
    assert.deepEqual(sent(outputs), [
      { to: [2, 2], msg: { ...repeat, relay: { fanout: 2, subtree: [2, 3] } }, afterNs: 0 },
      { to: [1, 1], msg: repeat, afterNs: 0 },
    ]);
    assert.include(
      outputs.flatMap((output) => (output.kind === "announce" ? [output.fact.fact] : [])),
      "held",
    );
  });

  it("answers for all with one message when it has heard all", () => {
    const cpu = combiner();
    assert.deepEqual(sent(cpu.hear(ackOf(1), 1)), []);
    const outputs = cpu.hear(ackOf(2, { cpus: [2, 3], carrier: 2 }), 2);
    assert.deepEqual(messagesIn(outputs), [ackOf(0, { cpus: [0, 3], carrier: 0 })]);
  });

  it("joins only what says the same, of the same incarnation", () => {
    const cpu = combiner();
    cpu.hear(ackOf(1, { incarnation: 2 }), 1);
    cpu.hear(ackOf(3, { cpus: [3, 3], carrier: 2, report: { kind: "wrote" } }), 2);
    const outputs = cpu.hear(ackOf(2, { cpus: [2, 2], carrier: 2 }), 2);
    assert.deepEqual(messagesIn(outputs), [
      ackOf(1, { incarnation: 2, carrier: 0 }),
      ackOf(3, { report: { kind: "wrote" }, carrier: 0 }),
      ackOf(0, { cpus: [0, 0, 2, 2], carrier: 0 }),
    ]);
  });

  it("never counts: a copy brings nobody nearer", () => {
    const cpu = combiner();
    for (let copy = 0; copy < 5; copy++) assert.deepEqual(sent(cpu.hear(ackOf(1), 1)), []);
  });

  it("takes nothing from one for whom its sender may not speak", () => {
    const cpu = combiner();
    for (const stranger of [
      ackOf(7),
      ackOf(0),
      ackOf(2, { cpus: [1, 2], carrier: 2 }),
      ackOf(2, { cpus: [2, 3], carrier: 1 }),
      ackOf(2, { cpus: [2, 3], carrier: 3 }),
    ])
      assert.deepEqual(sent(cpu.hear(stranger, 2)), []);
    cpu.hear(ackOf(1), 1);
    cpu.hear(ackOf(2), 2);
    assert.lengthOf(sent(cpu.hear(ackOf(3), 2)), 1, "and waits for all of them as before");
  });

  it("takes an ack of another round for nothing", () => {
    const cpu = combiner();
    for (const other of [{ term: 2 }, { epoch: 2 }, { round: 2 }]) cpu.hear(ackOf(1, other), 1);
    cpu.hear(ackOf(2, { cpus: [2, 3], carrier: 2 }), 2);
    assert.deepEqual(spokenFor(cpu.time("combine")), [[2, 3], oneCpu(0)]);
  });

  it("brings what it has when its time is up, and the rest when it comes, once", () => {
    const cpu = combiner();
    cpu.hear(ackOf(1), 1);
    assert.deepEqual(spokenFor(cpu.time("combine")), [oneCpu(1), oneCpu(0)]);
    assert.deepEqual(spokenFor(cpu.hear(ackOf(1), 1)), [], "a copy");
    assert.deepEqual(spokenFor(cpu.hear(ackOf(2, { cpus: [2, 3], carrier: 2 }), 2)), [[2, 3]]);
  });

  it("does not speak for itself before its own work is done, and waits for nobody else then", () => {
    const cpu = CpuByHand.up(1_000, 0);
    cpu.hear(stop(1, 1, 1, gather));
    cpu.hear(stop(1, 1, 2, { do: "prepare" }));
    cpu.hear(stop(1, 1, 3, { do: "disable-irq", walker: 0 }));
    cpu.hear({ ...stop(1, 1, 4, { do: "run", active: 0 }), relay: { fanout: 2, subtree: [0, 1] } });
    const outputs = cpu.hear(ackOf(1, { round: 4 }), 1);
    assert.deepEqual(
      sent(outputs).map(({ msg, afterNs }) => [(msg as Ack).report.kind, afterNs]),
      [
        ["done", 1_000],
        ["wrote", 1_000],
      ],
    );
  });

  it("lets go of a round when it is asked something newer", () => {
    const cpu = combiner();
    cpu.hear(ackOf(1), 1);
    cpu.hear(stop(1, 1, 2, { do: "prepare" }));
    assert.deepEqual(sent(cpu.time("combine")), []);
    assert.deepEqual(sent(cpu.hear(ackOf(2, { cpus: [2, 3], carrier: 2 }), 2)), []);
  });

  it("hands nothing on that it does not obey itself", () => {
    for (const cpu of [new CpuByHand(1, 0, 0), CpuByHand.up(0, 0)]) {
      if (cpu.state.life !== null) cpu.hear(stop(1, 9, 1, gather));
      assert.deepEqual(sent(cpu.hear(first)), []);
    }
  });

  it("hands nothing on by a tree of which it is not the lowest", () => {
    assert.deepEqual(
      sent(CpuByHand.up(0, 1).hear(first)).map(({ to }) => to),
      ["coordinators"],
    );
  });
});

describe("C3: a repetition goes straight, and is answered straight", () => {
  it("by a combiner: with what it has heard, and from then on with what it hears", () => {
    const cpu = combiner();
    cpu.hear(ackOf(1), 1);
    assert.deepEqual(spokenFor(cpu.hear(repeat)), [oneCpu(1), oneCpu(0)]);
    assert.deepEqual(spokenFor(cpu.hear(ackOf(2, { cpus: [2, 3], carrier: 2 }), 2)), [[2, 3]]);
  });

  it("by a combiner below another: no longer by way of that", () => {
    const cpu = CpuByHand.up(0, 2);
    cpu.hear({ ...repeat, relay: { fanout: 2, subtree: [2, 3] } }, 0);
    assert.deepEqual(
      sent(cpu.hear(ackOf(3), 3)).map(({ to }) => to),
      [[0, 0]],
    );
    assert.deepEqual(spokenFor(cpu.hear(repeat)), [oneCpu(2)]);
  });

  it("by a CPU that has answered its combiner", () => {
    const cpu = CpuByHand.up();
    assert.deepEqual(
      sent(cpu.hear(repeat, 0)).map(({ to }) => to),
      [[0, 0]],
    );
    assert.deepEqual(spokenFor(cpu.hear(repeat, coordinatorActor(3))), [oneCpu(1)]);
  });

  it("a copy of the first asking is none: the combiner goes on waiting, and asks nobody again", () => {
    const cpu = combiner();
    assert.deepEqual(sent(cpu.hear(first)), []);
  });

  it("by the coordinator: to the missing alone, without a tree", () => {
    const coordinator = treeOf(4);
    assert.deepEqual(asked(coordinator.asked), [
      [
        [0, 0],
        [0, 1],
      ],
      [
        [2, 2],
        [2, 3],
      ],
    ]);
    coordinator.by.ack(0, done, { cpus: [0, 1], carrier: 0 });
    assert.deepEqual(asked(coordinator.by.time("resend")), [[[2, 3], undefined]]);
  });
});

/** A coordinator that asks its CPUs to gather by a tree of two branches, and what it sent for that. */
const treeOf = (cpus: number) => {
  const by = new CoordinatorByHand(new RegisterByHand(), 0, cpus, { topology: { shape: "tree", fanout: 2 } });
  by.settle();
  for (let cpu = 0; cpu < cpus; cpu++) by.hello(cpu);
  return { by, asked: by.settle() };
};

/** Who is asked by these outputs, and for which subtree. */
const asked = (outputs: ReturnType<CoordinatorByHand["give"]>) =>
  outputs.flatMap((output) => (output.kind === "send" && output.msg.kind === "stop" ? [[output.to, output.msg.relay?.subtree]] : []));

describe("C11: the coordinator", () => {
  const missing = (coordinator: CoordinatorByHand): number => coordinator.state.round?.missing ?? 0;

  it("counts what a combiner brings once for each CPU, however it comes", () => {
    const { by } = treeOf(4);
    by.ack(2, done, { cpus: [2, 3], carrier: 2 });
    by.ack(3);
    by.ack(2, done, { cpus: [2, 3], carrier: 2 });
    assert.strictEqual(missing(by), 2);
    assert.deepInclude(by.state.round, { acks: 2, late: 3 });
  });

  it("does not let a CPU speak for those who were not asked by way of it", () => {
    const { by } = treeOf(8);
    for (const [cpus, carrier] of [
      [[0, 7], 0],
      [[4, 7], 0],
      [[0, 3], 4],
      [[2, 3], 1],
      [[3, 3], 7],
      [[0, 3], 9],
    ] as const)
      by.ack(carrier, done, { cpus, carrier });
    assert.strictEqual(missing(by), 8);
    by.ack(2, done, { cpus: [2, 3], carrier: 2 });
    assert.strictEqual(missing(by), 6, "by way of CPU 2 goes what CPU 3 says");
  });

  it("lets nobody speak for others where everybody was asked straight", () => {
    const coordinator = CoordinatorByHand.gathering();
    coordinator.ack(0, done, { cpus: [0, 1], carrier: 0 });
    assert.strictEqual(missing(coordinator), 2);
  });
});
