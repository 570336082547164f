// Why `prepare` and `disable-irq` are two rounds: the deadlock that one round would bring, and the same schedule with both.
import { assert, describe, it } from "vitest";
import type { Message, StopAsk } from "../../shared/protocol/messages.ts";
import { CpuByHand, messagesIn, namesIn, stop } from "./drive.ts";

const ask = (round: number, what: StopAsk["do"] & ("prepare" | "disable-irq")) =>
  stop(1, 1, round, what === "prepare" ? { do: what } : { do: what, walker: 0 });

/** The one message of these outputs, of this kind. */
const message = (outputs: Parameters<typeof messagesIn>[0], kind: Message["kind"]): Message => {
  const [msg, ...more] = messagesIn(outputs);
  assert.isEmpty(more);
  return msg?.kind === kind ? msg : assert.fail(`expected a ${kind}, found ${msg?.kind ?? "nothing"}`);
};

/** A CPU that spins for another one, that other one, and what it asks of it. */
const spinning = () => {
  const caller = CpuByHand.up();
  const call = message(caller.time("call"), "call");
  const callee = CpuByHand.up(0, caller.state.call?.callee);
  return { caller, callee, call };
};

describe("a CPU that spins for another one while the machine stops", () => {
  it("waits for ever without prepare, if the other one has its interrupts off already", () => {
    const { caller, callee, call } = spinning();
    assert.deepEqual(namesIn(callee.hear(ask(1, "disable-irq"))), ["stopped", "voted"]);
    assert.isEmpty(messagesIn(callee.hear(call, 1)), "interrupts are off: the call is not answered");
    assert.isEmpty(messagesIn(caller.hear(ask(1, "disable-irq"))), "who spins cannot reach its stopper: no vote");
    for (let again = 0; again < 3; again++) {
      assert.deepEqual(message(caller.time("call-again"), "call"), call);
      assert.isEmpty(messagesIn(callee.hear(call, 1)));
      assert.isEmpty(messagesIn(caller.hear(ask(1, "disable-irq"))), "asking again does not help");
    }
    assert.deepEqual([caller.state.stage, callee.state.stage], ["stopping", "voted"]);
  });

  it("is answered in prepare, and both vote", () => {
    const { caller, callee, call } = spinning();
    assert.deepEqual(namesIn(callee.hear(ask(1, "prepare"))), ["stopped"]);
    assert.isEmpty(messagesIn(caller.hear(ask(1, "prepare"))), "it still spins, and so the round goes on");
    const answer = message(callee.hear(call, 1), "call-done");
    assert.deepEqual(namesIn(caller.hear(answer, callee.state.cpu)), ["call-ended", "stopped"]);
    for (const cpu of [callee, caller]) {
      assert.deepInclude(messagesIn(cpu.hear(ask(2, "disable-irq")))[0], { kind: "ack", round: 2, report: { kind: "clear" } });
    }
  });
});
