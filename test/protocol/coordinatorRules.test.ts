// The rules of a coordinator that the protocol cannot do without, one group each: every test here fails when its rule is taken out of the code.
import { assert, describe, it } from "vitest";
import type { Ack, StopAsk } from "../../shared/protocol/messages.ts";
import { smallSetup } from "../fixtures/setup.ts";
import { runJudged } from "../virtual/judged.ts";
import { asksIn, CoordinatorByHand, CpuByHand, exitsIn, factsIn, messagesIn, namesIn, RegisterByHand, stop } from "./drive.ts";

const gather: StopAsk = { do: "gather", pass: "all" };
const run: StopAsk = { do: "run", active: 1 };
const exit = (outcome: "committed" | "aborted", version = outcome === "committed" ? 1 : 0): StopAsk => ({ do: "exit", outcome, version });
const clear = { kind: "clear" } as const;

describe("stamps of term, epoch and round", () => {
  const countsNot = (changes: Partial<Ack>) => {
    const coordinator = CoordinatorByHand.gathering();
    coordinator.ack(0);
    coordinator.ack(1, { kind: "done" }, changes);
    assert.deepInclude(coordinator.round()?.ask, { do: "gather" }, "the round must still wait for CPU 1");
    coordinator.ack(1);
    assert.deepInclude(coordinator.round()?.ask, { do: "prepare" });
  };
  it("an ack of an earlier term counts for nothing", () => countsNot({ term: 0 }));
  it("an ack of another epoch counts for nothing", () => countsNot({ epoch: 0 }));
  it("an ack of another round counts for nothing", () => countsNot({ round: 0 }));
  it("an ack of another incarnation counts for nothing", () => countsNot({ incarnation: 2 }));

  it("a copy of an ack counts once", () => {
    const coordinator = CoordinatorByHand.gathering();
    coordinator.ack(0);
    coordinator.ack(0);
    assert.deepInclude(coordinator.round()?.ask, { do: "gather" });
  });

  it("a CPU answers with the stamp that it was asked with", () => {
    const [ack] = messagesIn(CpuByHand.up().hear(stop(3, 2, 5, gather)));
    assert.deepInclude(ack, { kind: "ack", term: 3, epoch: 2, round: 5, cpus: [1, 1], incarnation: 1 });
  });
});

describe("the register by compare-and-set", () => {
  it("of two that propose the same term one stands down", () => {
    const register = new RegisterByHand();
    const first = new CoordinatorByHand(register, 0);
    const second = new CoordinatorByHand(register, 1);
    first.answer();
    second.answer();
    assert.deepEqual([first.proposed()?.term, second.proposed()?.term], [1, 1]);
    assert.include(namesIn(first.answer()), "took");
    assert.notInclude(namesIn(second.answer()), "took", "the term is taken");
    assert.strictEqual(second.proposed()?.term, 2);
  });

  it("whoever writes names the revision that it read", () => {
    const coordinator = CoordinatorByHand.beforeLastVote();
    const read = coordinator.register.revision;
    coordinator.ack(1, clear);
    assert.strictEqual(coordinator.proposal?.revision, read);
  });

  it("whoever loses a write decides nothing and stands down", () => {
    const coordinator = CoordinatorByHand.beforeLastVote();
    coordinator.ack(1, clear);
    const newer = new CoordinatorByHand(coordinator.register, 1);
    newer.settle();
    const outputs = coordinator.answer();
    assert.deepEqual(namesIn(outputs), ["stood-down"]);
    assert.deepEqual(messagesIn(outputs), []);
  });

  it("an engine lets one of two writes on a revision win", () => {
    const { byClock, judgement, facts } = runJudged(smallSetup(), ["second coordinator from 1us"]);
    assert.deepEqual([...judgement.violations, ...byClock.violations], []);
    const terms = facts.flatMap(({ fact }) => (fact.fact === "took" ? [fact.term] : []));
    assert.deepEqual(terms, [1, 2]);
  });
});

describe("C4: commit after every clear vote, run after the commit is written", () => {
  it("a busy vote aborts, and names the task", () => {
    const coordinator = CoordinatorByHand.beforeLastVote();
    coordinator.ack(1, { kind: "busy", busy: [{ task: "web-1", function: "vfs_read", why: "in the kernel" }] });
    assert.deepInclude(coordinator.proposed(), { state: "abort", outcome: "aborted" });
    const [decided] = factsIn(coordinator.settle());
    const busy = [{ cpu: 1, task: "web-1", function: "vfs_read", why: "in the kernel" }];
    assert.deepInclude(decided, { fact: "decided", outcome: "aborted", reason: { why: "busy", cpus: [1, 1], busy } });
  });

  it("only `clear` is a clear vote: an answer to another question is none", () => {
    const coordinator = CoordinatorByHand.beforeLastVote();
    for (const kind of ["done", "wrote"] as const) coordinator.ack(1, { kind });
    assert.isUndefined(coordinator.proposed());
    coordinator.ack(1, clear);
    assert.deepInclude(coordinator.proposed(), { state: "commit" });
  });

  it("a CPU that has not voted writes nothing and commits nothing, whoever asks", () => {
    for (const ask of [run, exit("committed")]) {
      const cpu = CpuByHand.up();
      cpu.hear(stop(1, 1, 1, gather));
      assert.deepEqual(namesIn(cpu.hear(stop(1, 1, 2, ask))), ["ignored"]);
      assert.strictEqual(cpu.state.version, 0);
    }
  });

  it("nothing is decided before the last vote", () => assert.isUndefined(CoordinatorByHand.beforeLastVote().proposed()));

  it("the last clear vote asks the register, and no CPU yet", () => {
    const coordinator = CoordinatorByHand.beforeLastVote();
    const outputs = coordinator.ack(1, clear);
    assert.deepInclude(coordinator.proposed(), { state: "commit", outcome: "committed" });
    assert.deepEqual(messagesIn(outputs), []);
    assert.notInclude(namesIn(outputs), "decided");
    assert.deepEqual(asksIn(coordinator.answer()), ["run"]);
  });

  it("between asking the register and its answer nothing else is done, and nothing is forgotten", () => {
    const coordinator = CoordinatorByHand.beforeLastVote();
    coordinator.ack(1, clear);
    const { proposal } = coordinator;
    for (const outputs of [coordinator.died(1), coordinator.hello(1, 2), coordinator.time("limit"), coordinator.time("resend")]) {
      assert.deepEqual(outputs, []);
    }
    assert.strictEqual(coordinator.proposal, proposal);
    const after = coordinator.answer();
    assert.deepInclude(factsIn(after)[0], { fact: "decided", outcome: "committed" });
    assert.include(namesIn(after), "died");
  });
});

describe("C5: no abort after commit, and silence is not death", () => {
  const goesOn = (coordinator: CoordinatorByHand) => {
    assert.isUndefined(coordinator.proposed(), "nothing may be decided any more");
    assert.deepInclude(coordinator.round()?.ask, { do: "run" });
  };

  it("after commit neither limit nor withdrawal nor death aborts", () => {
    const coordinator = CoordinatorByHand.running();
    coordinator.time("limit");
    goesOn(coordinator);
    coordinator.withdraw(1);
    goesOn(coordinator);
    coordinator.died(1);
    goesOn(coordinator);
    coordinator.ack(0, { kind: "wrote" });
    assert.deepInclude(coordinator.round()?.ask, { do: "exit", outcome: "committed" });
  });

  it("before the decision only the withdrawal of a life that takes part aborts", () => {
    const coordinator = CoordinatorByHand.gathering();
    const withdraw = (incarnation: number) => coordinator.hear({ kind: "withdraw", term: 1, epoch: 1, cpu: 1, incarnation }, 1);
    withdraw(2);
    assert.isUndefined(coordinator.proposed());
    withdraw(1);
    assert.deepInclude(coordinator.proposed(), { state: "abort" });
  });

  it("after commit run and exit are repeated until acked, however long that takes", () => {
    const coordinator = CoordinatorByHand.running();
    coordinator.ack(0, { kind: "wrote" });
    for (let time = 0; time < 100; time++) {
      assert.deepEqual(asksIn(coordinator.time("resend")), ["run"]);
      if (coordinator.proposal !== undefined) coordinator.answer();
    }
    assert.deepEqual(coordinator.state.lost, []);
  });

  it("before the decision a death aborts, and the retry goes without it", () => {
    const coordinator = CoordinatorByHand.gathering();
    coordinator.died(1);
    assert.deepInclude(coordinator.proposed(), { state: "abort" });
    coordinator.settle();
    coordinator.ack(0);
    coordinator.settle();
    coordinator.time("retry");
    assert.deepEqual(coordinator.proposed()?.participants, [0, 0]);
  });

  it("the death of an older incarnation means nothing", () => {
    const coordinator = new CoordinatorByHand();
    coordinator.settle();
    coordinator.hello(0);
    coordinator.hello(1, 2);
    coordinator.settle();
    assert.deepEqual(messagesIn(coordinator.died(1, 1)), []);
    assert.deepInclude(coordinator.round()?.ask, { do: "gather" });
    assert.isUndefined(coordinator.proposed());
  });
});

describe("C6: a new coordinator ends what it finds, as it was decided", () => {
  const takenOver = (old: CoordinatorByHand) => {
    const coordinator = new CoordinatorByHand(old.register, 1);
    return { coordinator, outputs: coordinator.settle() };
  };

  it("it takes a higher term", () => {
    const { coordinator, outputs } = takenOver(CoordinatorByHand.gathering());
    assert.deepInclude(factsIn(outputs)[0], { fact: "took", life: 1, term: 2 });
    assert.strictEqual(coordinator.register.record?.term, 2);
  });

  it("an open epoch is aborted in the register, and the old one can commit it no more", () => {
    const old = CoordinatorByHand.beforeLastVote();
    const { coordinator, outputs } = takenOver(old);
    assert.deepInclude(coordinator.register.record, { epoch: 1, state: "abort", outcome: "aborted" });
    assert.deepEqual(exitsIn(outputs), ["aborted"]);
    old.ack(1, clear);
    assert.deepEqual(namesIn(old.answer()), ["stood-down"]);
    assert.deepInclude(coordinator.register.record, { state: "abort" });
  });

  it("a committed epoch is run, then left", () => {
    const { coordinator, outputs } = takenOver(CoordinatorByHand.running());
    assert.deepEqual(asksIn(outputs), ["run"]);
    coordinator.ack(0, { kind: "wrote" });
    assert.deepEqual(exitsIn(coordinator.ack(1)), ["committed"]);
  });

  it("no other epoch is opened before all have acked the exit of that one", () => {
    const { coordinator } = takenOver(CoordinatorByHand.gathering());
    coordinator.ack(0);
    coordinator.time("retry");
    coordinator.time("limit");
    assert.isUndefined(coordinator.proposed());
    assert.deepInclude(coordinator.round(), { epoch: 1, ask: { do: "exit", outcome: "aborted", version: 0 } });
    coordinator.ack(1);
    assert.deepInclude(coordinator.proposed(), { epoch: 1, state: "done" });
    coordinator.settle();
    coordinator.time("retry");
    assert.deepInclude(coordinator.proposed(), { epoch: 2, state: "open" });
  });

  it("whoever stands down does nothing more with what waited for the register's answer", () => {
    const old = CoordinatorByHand.running();
    takenOver(old);
    old.ack(0, { kind: "done" }, { term: 2 });
    assert.deepEqual(old.died(0), [], "the writer's death waits for the answer");
    const after = old.answer();
    assert.deepEqual(namesIn(after), ["stood-down"]);
    assert.deepEqual(asksIn(after), []);
  });

  it("whoever hears of a higher term asks the register, and stands down for good", () => {
    const old = CoordinatorByHand.gathering();
    takenOver(old);
    old.ack(0, { kind: "done" }, { term: 2 });
    assert.deepEqual(namesIn(old.answer()), ["stood-down"]);
    assert.deepEqual(old.hello(1), [], "it welcomes nobody any more");
    assert.deepEqual(old.hello(1, 2), []);
    assert.deepEqual(old.time("resend"), []);
  });
});

describe("C7: admit first, then welcome", () => {
  it("a hello is admitted in the register before it is welcomed", () => {
    const coordinator = new CoordinatorByHand();
    coordinator.settle();
    assert.deepEqual(messagesIn(coordinator.hello(0)), []);
    assert.deepEqual(coordinator.proposed()?.participants, [0, 0]);
    assert.deepInclude(messagesIn(coordinator.answer())[0], { kind: "welcome", cpu: 0, incarnation: 1, version: 0 });
  });

  it("while a stop is open nobody is admitted or welcomed", () => {
    const coordinator = CoordinatorByHand.running();
    assert.deepEqual(
      messagesIn(coordinator.hello(1, 2)).filter(({ kind }) => kind === "welcome"),
      [],
    );
    assert.isUndefined(coordinator.proposed());
    coordinator.ack(0, { kind: "wrote" });
    const outputs = [...coordinator.ack(0), ...coordinator.settle()];
    const welcomes = messagesIn(outputs).filter(({ kind }) => kind === "welcome");
    assert.deepEqual(welcomes, [{ kind: "welcome", term: 1, epoch: 1, cpu: 1, incarnation: 2, version: 1 }]);
    assert.deepEqual(coordinator.register.record?.incarnations, [[1, 2]]);
  });

  it("a later hello of an admitted incarnation is a copy: the same welcome again, nothing else", () => {
    const coordinator = CoordinatorByHand.gathering();
    const outputs = coordinator.hello(1);
    assert.deepEqual(messagesIn(outputs), [{ kind: "welcome", term: 1, epoch: 0, cpu: 1, incarnation: 1, version: 0 }]);
    assert.lengthOf(outputs, 1);
    assert.isUndefined(coordinator.proposed());
    assert.deepInclude(coordinator.round()?.ask, { do: "gather" });
  });

  it("a newer hello proves the old life dead", () => {
    const coordinator = CoordinatorByHand.gathering();
    coordinator.hello(1, 2);
    assert.deepInclude(coordinator.proposed(), { state: "abort" });
    assert.deepEqual(coordinator.state.lost, [1, 1]);
  });

  it("the hello of a life that is known to be dead is not admitted", () => {
    const coordinator = new CoordinatorByHand();
    coordinator.settle();
    coordinator.died(0, 1);
    coordinator.hello(0, 1);
    assert.isUndefined(coordinator.proposed());
  });
});
