// The rules of a transition, machine by machine: what a CPU answers, and what a coordinator asks next.
import { assert, describe, it } from "vitest";
import { hybrid } from "../../shared/consistency/hybrid.ts";
import { immediate } from "../../shared/consistency/immediate.ts";
import { kgraft } from "../../shared/consistency/kgraft.ts";
import type { Model } from "../../shared/consistency/model.ts";
import type { Blocker } from "../../shared/kernel/life.ts";
import type { CoordinatorOutput } from "../../shared/protocol/coordinator/state.ts";
import { type Ask, isRoundMessage, type Report, type SwitchAsk } from "../../shared/protocol/messages.ts";
import { asksIn, CoordinatorByHand, CpuByHand, factsIn, messagesIn, namesIn, stop } from "./drive.ts";

const sleeper: Blocker = { task: "web-1", function: "tcp_recvmsg", why: "patched function on its stack" };
const bring = (how: SwitchAsk["do"], target = 1): Ask => ({ do: how, target, from: 0, caller: 0, batch: null });
const poke = (step: 1 | 2 | 3, target = 1): Ask => ({ do: "poke", batch: 0, step, target, from: 0 });

const reportOf = (outputs: Parameters<typeof messagesIn>[0]): Report | undefined => {
  const [msg] = messagesIn(outputs);
  return msg?.kind === "ack" ? msg.report : undefined;
};

describe("a CPU in a transition", () => {
  it("acks every round with the tasks that have not switched", () => {
    const cpu = CpuByHand.up();
    if (cpu.state.life !== null) cpu.state.life.pending = [sleeper];
    assert.deepEqual(reportOf(cpu.hear(stop(1, 1, 1, bring("start")))), { kind: "pending", busy: [sleeper] });
    if (cpu.state.life !== null) cpu.state.life.pending = [];
    assert.deepEqual(reportOf(cpu.hear(stop(1, 1, 2, bring("check")))), { kind: "pending", busy: [] });
  });

  it("says nothing new when a round is repeated", () => {
    const cpu = CpuByHand.up();
    const first = messagesIn(cpu.hear(stop(1, 1, 1, bring("start"))));
    if (cpu.state.life !== null) cpu.state.life.pending = [sleeper];
    assert.deepEqual(messagesIn(cpu.hear(stop(1, 1, 1, bring("start")))), first);
  });

  it("does not complete with a task pending, whoever says so", () => {
    const cpu = CpuByHand.up();
    if (cpu.state.life !== null) cpu.state.life.pending = [sleeper];
    cpu.hear(stop(1, 1, 1, bring("start")));
    assert.deepEqual(namesIn(cpu.hear(stop(1, 1, 2, { do: "complete", version: 1 }))), ["ignored"]);
    assert.strictEqual(cpu.state.version, 0);
  });

  it("is on the target after completion, and on what was below after a cancel", () => {
    for (const [ask, version] of [
      [{ do: "complete", version: 1 }, 1],
      [{ do: "cancel", version: 0 }, 0],
    ] as const) {
      const cpu = CpuByHand.up();
      cpu.hear(stop(1, 1, 1, bring("start")));
      const outputs = cpu.hear(stop(1, 1, 2, ask));
      assert.deepInclude(factsIn(outputs).at(-1), { fact: "resumed", version });
      assert.strictEqual(cpu.state.version, version);
      assert.strictEqual(cpu.state.life?.version, version);
    }
  });

  it("does not enter an epoch again that it has left, but acks its completion, and that nobody is missing", () => {
    const cpu = CpuByHand.up();
    cpu.hear(stop(1, 1, 1, bring("start")));
    cpu.hear(stop(1, 1, 2, { do: "complete", version: 1 }));
    const again = cpu.hear(stop(2, 1, 1, bring("check")));
    assert.deepEqual(namesIn(again), []);
    assert.deepEqual(reportOf(again), { kind: "pending", busy: [] });
    assert.deepEqual(reportOf(cpu.hear(stop(2, 1, 2, { do: "complete", version: 1 }))), { kind: "done" });
  });

  it("serialises itself at a poke also after the epoch, and redirects only where functions switch by themselves", () => {
    const hybridCpu = CpuByHand.up();
    hybridCpu.hear(stop(1, 1, 1, poke(1)));
    assert.deepEqual(hybridCpu.state.life?.redirected, []);
    hybridCpu.hear(stop(1, 1, 2, { do: "complete", version: 1 }));
    assert.deepEqual(namesIn(hybridCpu.hear(stop(1, 1, 3, poke(1)))), ["poked"]);

    const immediateCpu = CpuByHand.up(0, 1, true);
    for (const step of [1, 2, 3] as const) immediateCpu.hear(stop(1, 1, step, poke(step)));
    assert.deepEqual(immediateCpu.state.life?.redirected, [[0, 1]]);
  });

  it("goes on calling other CPUs meanwhile", () => {
    const cpu = CpuByHand.up();
    cpu.hear(stop(1, 1, 1, bring("start")));
    assert.deepEqual(
      messagesIn(cpu.time("call")).map(({ kind }) => kind),
      ["call"],
    );
  });
});

const none: Report = { kind: "pending", busy: [] };
const some: Report = { kind: "pending", busy: [sleeper] };

/** Two CPUs under `model`, admitted, and asked whatever its epochs begin with. */
const opened = (model: Model, batches = 1): CoordinatorByHand => {
  const coordinator = new CoordinatorByHand(undefined, 0, 2, { model, batches });
  coordinator.settle();
  coordinator.hello(0);
  coordinator.hello(1);
  coordinator.settle();
  return coordinator;
};

/** Answers rounds as their asks want it until a round that brings tasks over, or until nothing is asked any more. */
const upToSwitching = (coordinator: CoordinatorByHand): void => {
  for (let round = coordinator.round(); round?.kind === "text"; round = coordinator.round()) coordinator.ackAll({ kind: "done" });
};

const started = (model: Model): CoordinatorByHand => {
  const coordinator = opened(model);
  upToSwitching(coordinator);
  assert.strictEqual(coordinator.round()?.ask.do, "start");
  return coordinator;
};

const ackBoth = (coordinator: CoordinatorByHand, first: Report, second: Report): readonly CoordinatorOutput[] => [
  ...coordinator.ack(0, first),
  ...coordinator.ack(1, second),
];

/** Everything that is asked from now on when everybody answers at once and nobody is pending. */
const asksToTheEnd = (coordinator: CoordinatorByHand): Array<Ask["do"]> => {
  const asks: Array<Ask["do"]> = [];
  coordinator.settle();
  for (let round = coordinator.round(); round !== undefined; round = coordinator.round()) {
    asks.push(round.ask.do);
    coordinator.ackAll(round.kind === "transition" && !["complete", "cancel"].includes(round.ask.do) ? none : { kind: "done" });
    coordinator.settle();
  }
  return asks;
};

/** Turned back when one task had not switched, and asked to bring everyone back. */
const turnedBack = (): CoordinatorByHand => {
  const coordinator = started(hybrid);
  ackBoth(coordinator, none, some);
  coordinator.hear({ kind: "control", do: "reverse" });
  coordinator.settle();
  upToSwitching(coordinator);
  assert.strictEqual(coordinator.round()?.ask.do, "reverse");
  return coordinator;
};

describe("a coordinator of a transition", () => {
  it("redirects in three steps, then starts, and completes only when nobody is missing", () => {
    const asks = asksToTheEnd(opened(hybrid));
    assert.deepEqual(asks, ["poke", "poke", "poke", "start", "sync", "complete"]);
  });

  it("makes the redirections of kGraft unconditional by another three steps", () => {
    assert.deepEqual(asksToTheEnd(opened(kgraft)), ["poke", "poke", "poke", "start", "complete", "poke", "poke", "poke"]);
  });

  it("redirects one function after the other where functions switch by themselves", () => {
    const coordinator = opened(immediate, 2);
    assert.deepEqual(asksToTheEnd(coordinator), ["poke", "poke", "poke", "poke", "poke", "poke", "complete"]);
    assert.strictEqual(coordinator.register.record?.outcome, "committed");
  });

  it("waits for the next check while one task of one CPU is missing, and writes nothing", () => {
    const coordinator = started(hybrid);
    const outputs = ackBoth(coordinator, none, some);
    assert.isUndefined(coordinator.proposed());
    assert.isTrue(outputs.some((output) => output.kind === "set-timer" && output.timer === "check"));
    assert.deepEqual(asksIn(coordinator.time("check")), ["check"]);
    ackBoth(coordinator, none, none);
    assert.strictEqual(coordinator.proposed()?.state, "commit");
  });

  it("checks on a grid of seconds: after more than 0.75 s and at most 1.75 s", () => {
    for (let seed = 0; seed < 50; seed++) {
      const coordinator = new CoordinatorByHand(undefined, 0, 2, { model: hybrid, seed });
      coordinator.settle();
      coordinator.hello(0);
      coordinator.hello(1);
      coordinator.settle();
      upToSwitching(coordinator);
      const timer = ackBoth(coordinator, none, some).find((output) => output.kind === "set-timer" && output.timer === "check");
      const afterNs = timer?.kind === "set-timer" ? timer.afterNs : 0;
      assert.isTrue(afterNs > 750_000_000 && afterNs <= 1_750_000_000, `${afterNs}`);
    }
  });

  it("signals at the fifteenth failed retry and at no other before the thirtieth", () => {
    const coordinator = started(hybrid);
    const signalled: number[] = [];
    ackBoth(coordinator, none, some);
    for (let retry = 1; retry <= 30; retry++) {
      coordinator.time("check");
      ackBoth(coordinator, none, some);
      if (coordinator.round()?.ask.do === "signal") {
        signalled.push(retry);
        ackBoth(coordinator, none, some);
      }
    }
    assert.deepEqual(signalled, [15, 30]);
  });

  it("turns back when asked to: decided first, then every task, then the end", () => {
    const coordinator = started(hybrid);
    ackBoth(coordinator, none, some);
    coordinator.hear({ kind: "control", do: "reverse" });
    assert.strictEqual(coordinator.proposed()?.state, "abort");
    const asks = asksToTheEnd(coordinator);
    assert.deepEqual(asks, ["sync", "reverse", "poke", "poke", "poke", "sync", "cancel"]);
    assert.deepInclude(coordinator.register.record, { state: "done", outcome: "aborted", version: 0 });
  });

  it("counts no ack of before a reversal", () => {
    const coordinator = started(hybrid);
    const before = coordinator.round();
    ackBoth(coordinator, none, some);
    coordinator.hear({ kind: "control", do: "reverse" });
    coordinator.settle();
    coordinator.ackAll({ kind: "done" });
    assert.strictEqual(coordinator.round()?.ask.do, "reverse");
    if (before !== undefined) for (const cpu of [0, 1]) coordinator.ack(cpu, none, { round: before.round });
    assert.strictEqual(coordinator.round()?.ask.do, "reverse");
  });

  it("does not turn a model back that cannot", () => {
    const coordinator = started(kgraft);
    ackBoth(coordinator, none, some);
    coordinator.hear({ kind: "control", do: "reverse" });
    assert.isUndefined(coordinator.proposed());
  });

  it("forces in a round of its own, and completes by it", () => {
    const coordinator = started(kgraft);
    ackBoth(coordinator, none, some);
    assert.deepEqual(asksIn(coordinator.hear({ kind: "control", do: "force" })), ["force"]);
    ackBoth(coordinator, none, none);
    assert.strictEqual(coordinator.proposed()?.state, "commit");
  });

  it("forces tasks back too that do not come by themselves, and the decision stays what it is", () => {
    for (const isWaiting of [true, false]) {
      const coordinator = turnedBack();
      if (isWaiting) ackBoth(coordinator, none, some);
      const [ask] = messagesIn(coordinator.hear({ kind: "control", do: "force" })).filter(isRoundMessage);
      assert.deepEqual(ask?.ask, bring("force", 0), isWaiting ? "between two checks" : "in a round");
      ackBoth(coordinator, none, none);
      assert.deepEqual(asksToTheEnd(coordinator), ["poke", "poke", "poke", "sync", "cancel"]);
      assert.deepInclude(coordinator.register.record, { state: "done", outcome: "aborted", version: 0 });
    }
  });

  it("is turned once an epoch: whoever asks again is not heard", () => {
    const coordinator = turnedBack();
    ackBoth(coordinator, none, some);
    coordinator.hear({ kind: "control", do: "reverse" });
    assert.isUndefined(coordinator.proposed());
    assert.deepEqual(asksIn(coordinator.time("check")), ["check"]);
  });

  it("forces nobody once the commit is decided", () => {
    const coordinator = started(hybrid);
    ackBoth(coordinator, none, none);
    coordinator.settle();
    assert.isEmpty(coordinator.hear({ kind: "control", do: "force" }));
    assert.deepEqual(asksToTheEnd(coordinator), ["sync", "complete"]);
  });

  it("does at its limit what the policy says", () => {
    const reversing = started({ ...hybrid, limitNs: 1000 });
    ackBoth(reversing, none, some);
    reversing.time("limit");
    assert.strictEqual(reversing.proposed()?.state, "abort");
    const forcing = started({ ...kgraft, limitNs: 1000 });
    ackBoth(forcing, none, some);
    assert.deepEqual(asksIn(forcing.time("limit")), ["force"]);
  });

  it("names who was missing when it aborts at its limit", () => {
    const coordinator = started({ ...hybrid, limitNs: 1000 });
    ackBoth(coordinator, none, some);
    coordinator.time("limit");
    const [decided] = factsIn(coordinator.answer());
    const reason = decided?.fact === "decided" ? decided.reason : null;
    assert.deepEqual(reason, { why: "limit", cpus: [1, 1], busy: [{ cpu: 1, ...sleeper }] });
  });

  it("goes on without a CPU that dies, whose tasks are gone", () => {
    const coordinator = started(hybrid);
    ackBoth(coordinator, none, some);
    coordinator.died(1);
    coordinator.time("check");
    coordinator.ack(0, none);
    assert.strictEqual(coordinator.proposed()?.state, "commit");
  });

  it("admits a CPU in the middle, born on the target, and asks it from the next round on", () => {
    const coordinator = started(hybrid);
    ackBoth(coordinator, none, some);
    coordinator.hello(1, 2);
    const welcome = messagesIn(coordinator.settle()).find(({ kind }) => kind === "welcome");
    assert.deepInclude(welcome, { kind: "welcome", cpu: 1, incarnation: 2, epoch: 0, version: 1 });
    coordinator.time("check");
    coordinator.ack(0, none);
    assert.isUndefined(coordinator.proposed());
    coordinator.ack(1, none, { incarnation: 2 });
    assert.strictEqual(coordinator.proposed()?.state, "commit");
  });

  it("is followed by a coordinator that goes on with an open transition under its own term", () => {
    const coordinator = started(hybrid);
    ackBoth(coordinator, none, some);
    const next = new CoordinatorByHand(coordinator.register, 1, 2, { model: hybrid });
    next.settle();
    assert.strictEqual(next.register.record?.state, "open");
    assert.deepEqual(asksToTheEnd(next), ["poke", "poke", "poke", "start", "sync", "complete"]);
    assert.deepInclude(next.register.record, { outcome: "committed", version: 1 });
  });

  it("is followed by a coordinator that carries its decision out, whichever it was", () => {
    const committed = started(hybrid);
    ackBoth(committed, none, none);
    committed.answer();
    const completing = new CoordinatorByHand(committed.register, 1, 2, { model: hybrid });
    assert.deepEqual(asksToTheEnd(completing), ["sync", "complete"]);
    const turned = started(hybrid);
    turned.hear({ kind: "control", do: "reverse" });
    turned.answer();
    const cancelling = new CoordinatorByHand(turned.register, 1, 2, { model: hybrid });
    assert.deepEqual(asksToTheEnd(cancelling), ["sync", "reverse", "poke", "poke", "poke", "sync", "cancel"]);
  });

  it("does one more operation when told to", () => {
    const coordinator = opened(hybrid);
    asksToTheEnd(coordinator);
    assert.strictEqual(coordinator.state.activity, "finished");
    coordinator.hear({ kind: "control", do: "operate", operation: "unpatch" });
    assert.deepEqual(asksToTheEnd(coordinator), ["poke", "poke", "poke", "start", "poke", "poke", "poke", "sync", "complete"]);
    assert.strictEqual(coordinator.register.record?.version, 0);
  });
});
