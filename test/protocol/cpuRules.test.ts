// The rules of a CPU that the protocol cannot do without, one group each: every test here fails when its rule is taken out of the code.
import { assert, describe, it } from "vitest";
import type { StopAsk } from "../../shared/protocol/messages.ts";
import { CoordinatorByHand, CpuByHand, factsIn, messagesIn, namesIn, stop } from "./drive.ts";

const gather: StopAsk = { do: "gather", pass: "all" };
const run: StopAsk = { do: "run", active: 1 };
const exit = (outcome: "committed" | "aborted", version = outcome === "committed" ? 1 : 0): StopAsk => ({ do: "exit", outcome, version });

describe("R1: the highest stamp, and the last epoch left", () => {
  it("an equal round gets the same ack again, and nothing else happens", () => {
    const cpu = CpuByHand.up();
    const first = cpu.hear(stop(1, 1, 1, gather));
    const again = cpu.hear(stop(1, 1, 1, gather));
    assert.deepEqual(messagesIn(again), messagesIn(first));
    assert.deepEqual(namesIn(again), []);
  });

  for (const [what, late] of [
    ["round", stop(1, 1, 1, gather)],
    ["epoch", stop(1, 0, 9, exit("aborted"))],
    ["term", stop(0, 1, 9, exit("aborted"))],
  ] as const) {
    it(`a lower ${what} is late: counted, otherwise ignored`, () => {
      const cpu = CpuByHand.voted();
      const outputs = cpu.hear(late);
      assert.deepEqual(namesIn(outputs), ["ignored"]);
      assert.deepEqual(messagesIn(outputs), []);
      assert.strictEqual(cpu.state.stage, "voted");
    });
  }

  it("the term outranks the epoch, and the epoch the round", () => {
    const cpu = CpuByHand.voted();
    assert.deepEqual(namesIn(cpu.hear(stop(2, 1, 1, exit("aborted")))), ["resumed"]);
    assert.deepEqual(namesIn(cpu.hear(stop(1, 2, 9, gather))), ["ignored"]);
    assert.deepEqual(namesIn(cpu.hear(stop(2, 2, 1, gather))), ["held"]);
  });

  for (const ask of [gather, { do: "prepare" }, { do: "disable-irq", walker: 0 }] satisfies readonly StopAsk[]) {
    it(`an epoch once left is not entered again by ${ask.do}, whatever the term`, () => {
      const cpu = CpuByHand.voted();
      cpu.hear(stop(1, 1, 4, exit("aborted")));
      const outputs = cpu.hear(stop(9, 1, 1, ask));
      assert.deepEqual(namesIn(outputs), ["ignored"]);
      assert.strictEqual(cpu.state.stage, "running");
    });
  }

  for (const ask of [run, exit("aborted")]) {
    it(`${ask.do} of an epoch once left gets an ack and nothing else`, () => {
      const cpu = CpuByHand.voted();
      cpu.hear(stop(1, 1, 4, run));
      cpu.hear(stop(1, 1, 5, exit("committed")));
      const outputs = cpu.hear(stop(9, 1, 1, ask));
      assert.deepEqual(namesIn(outputs), []);
      assert.deepInclude(messagesIn(outputs)[0], { kind: "ack", term: 9, epoch: 1, round: 1 });
      assert.deepEqual([cpu.state.stage, cpu.state.version], ["running", 1]);
    });
  }

  it("an epoch left by withdrawing is not entered again either", () => {
    const cpu = CpuByHand.up();
    cpu.hear(stop(1, 1, 1, gather));
    assert.include(namesIn(cpu.time("hold-limit")), "withdrew");
    const outputs = cpu.hear(stop(1, 1, 2, { do: "prepare" }));
    assert.deepInclude(messagesIn(outputs)[0], { kind: "withdraw", epoch: 1 });
    assert.strictEqual(cpu.state.stage, "running");
  });
});

describe("R5: run ends with the text written", () => {
  it("the active CPU writes and says so; the others ack", () => {
    const active = CpuByHand.voted().hear(stop(1, 1, 4, run));
    assert.deepEqual(namesIn(active), ["wrote"]);
    assert.deepInclude(messagesIn(active)[0], { report: { kind: "wrote" } });
    const other = CpuByHand.voted().hear(stop(1, 1, 4, { do: "run", active: 0 }));
    assert.deepEqual(namesIn(other), []);
    assert.deepInclude(messagesIn(other)[0], { report: { kind: "done" } });
  });

  it("being asked again does not make the text be there sooner", () => {
    const cpu = CpuByHand.voted(5000);
    const after = (at: number) =>
      cpu
        .give({ kind: "deliver", at, from: -1, msg: stop(1, 1, 4, run) })
        .flatMap((output) => (output.kind === "send" ? [output.afterNs] : []));
    assert.deepEqual([after(100), after(1100), after(9000)], [[5000], [4000], [0]]);
  });

  it("the lowest-numbered participant alive is active", () =>
    assert.deepEqual(CoordinatorByHand.running().round()?.ask, { do: "run", active: 0 }));

  it("acks of all without `wrote` among them end nothing: run is asked again", () => {
    const coordinator = CoordinatorByHand.running();
    const { round } = coordinator.round() ?? assert.fail();
    coordinator.ackAll();
    assert.deepInclude(coordinator.round(), { round: round + 1, ask: { do: "run", active: 0 } });
    coordinator.ack(0, { kind: "wrote" });
    coordinator.ack(1);
    assert.deepInclude(coordinator.round()?.ask, { do: "exit", outcome: "committed" });
  });

  it("if the active CPU dies first, a new round names the next one", () => {
    const coordinator = CoordinatorByHand.running();
    const { round } = coordinator.round() ?? assert.fail();
    coordinator.died(0);
    assert.deepInclude(coordinator.round(), { round: round + 1, ask: { do: "run", active: 1 } });
  });
});

describe("R9: hello until welcome", () => {
  it("hello is repeated until a welcome, and not after it", () => {
    const cpu = new CpuByHand();
    assert.deepEqual(messagesIn(cpu.time("hello")), [{ kind: "hello", cpu: 1, incarnation: 1 }]);
    const outputs = cpu.hear({ kind: "welcome", term: 1, epoch: 0, cpu: 1, incarnation: 1, version: 7 });
    assert.deepEqual(factsIn(outputs), [{ fact: "running", cpu: 1, incarnation: 1, version: 7 }]);
    assert.deepInclude(outputs, { kind: "cancel-timer", timer: "hello" });
  });

  it("until then it runs no task and answers nothing else", () => {
    const cpu = new CpuByHand();
    assert.isNull(cpu.state.life);
    for (const ask of [gather, { do: "prepare" }, { do: "disable-irq", walker: 0 }, run, exit("committed")] satisfies readonly StopAsk[]) {
      assert.deepEqual(cpu.hear(stop(1, 1, 1, ask)), []);
    }
    assert.isNull(cpu.state.life);
  });

  it("but a call gets its answer", () => {
    const outputs = new CpuByHand().hear({ kind: "call", id: 3, incarnation: 1 }, 2);
    assert.deepEqual(messagesIn(outputs), [{ kind: "call-done", id: 3, incarnation: 1 }]);
  });

  it("a welcome of another incarnation, or of another CPU, is none", () => {
    const cpu = new CpuByHand(2);
    for (const wrong of [{ incarnation: 1 }, { incarnation: 3 }, { cpu: 0 }]) {
      const outputs = cpu.hear({ kind: "welcome", term: 1, epoch: 0, cpu: 1, incarnation: 2, version: 0, ...wrong });
      assert.deepEqual(namesIn(outputs), ["ignored"]);
      assert.isNull(cpu.state.life);
    }
  });
});
