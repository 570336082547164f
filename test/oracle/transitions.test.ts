// The monitors over transitions: silent on what a sound machine may do, loud on each breach.
import { assert, describe, it } from "vitest";
import type { FactOf } from "../../shared/oracle/monitor.ts";
import { foreignMonitorsOf, monitorsOf } from "../../shared/oracle/registry.ts";
import type { Fact } from "../../shared/protocol/facts.ts";
import { committed, goodTransitions, redirected, reversed } from "./goodTransitions.ts";
import { breachesOf, fires } from "./spoiled.ts";
import * as story from "./stories.ts";
import { halfway, poked, switchAsk, switched, sync, waits } from "./transitionStories.ts";

const { asked, decided, ofCpu, replaced, scene } = story;
const s = scene();

const inRound = (name: Fact["fact"], cpu: number, number: number) => (fact: Fact) =>
  ofCpu(name, cpu)(fact) && "round" in fact && fact.round === number;
const isAsked = (phase: string) => (fact: Fact) => fact.fact === "asked" && fact.ask.do === phase;
const isEnded = (number: number) => (fact: Fact) => fact.fact === "round-ended" && fact.round === number;
const told = (number: number, changes: Partial<FactOf<"switched">>) =>
  replaced(committed, inRound("switched", 1, number), switched(s, 1, number, 1, changes));

describe("in a sound transition", () => {
  for (const [name, { model, facts }] of Object.entries(goodTransitions)) {
    it(`no monitor objects to ${name}, nor where it is cut off`, () => {
      for (const { name: monitor } of monitorsOf(model)) {
        assert.deepStrictEqual(breachesOf(monitor, facts), [], monitor);
        for (let length = 0; length < facts.length; length++) {
          const how = story.end({ ended: "event-limit" });
          assert.deepStrictEqual(breachesOf(monitor, facts.slice(0, length), how), [], `${monitor} after ${length} facts`);
        }
      }
    });
  }
});

describe("off-stack", () => {
  it("catches a task that switches in a patched function, whatever its stack reader said", () =>
    fires(
      "off-stack",
      told(5, { ...halfway, onStackCount: 1, onStack: [{ task: "web-1", patched: "vfs_read" }] }),
      /1 tasks of cpu 1 came to version 1 in outgoing functions, web-1 in vfs_read/,
    ));
  it("catches a function that is redirected under a task, once for each CPU", () => {
    const over = redirected.map((fact) => (fact.fact === "switched" && fact.cpu === 0 ? { ...fact, onStackCount: 3 } : fact));
    fires("off-stack", over, /3 tasks of cpu 0/);
    assert.lengthOf(breachesOf("off-stack", over), 1);
  });
});

describe("one-universe", () => {
  it("catches a kernel entry that ran both versions though its task switched outside the kernel", () =>
    fires("one-universe", told(5, { ...halfway, mixed: 1, unexplained: 1 }), /1 kernel entries on cpu 1 ran both versions, 0 of them/));
  it("takes an entry for explained by its own task's switch in the middle of it, and by nobody else's", () => {
    assert.deepStrictEqual(breachesOf("one-universe", told(5, { ...halfway, inKernel: 1, mixed: 1 })), []);
    fires("one-universe", told(5, { ...halfway, inKernel: 1, mixed: 1, unexplained: 1 }), /1 kernel entries .* 0 of them/);
    fires("one-universe", told(5, { ...halfway, inKernel: 2, mixed: 2, unexplained: 1 }), /2 kernel entries .* 1 of them/);
  });
  it("catches every entry that ran both versions where functions switch by themselves", () => {
    const mixed = replaced(
      redirected,
      inRound("switched", 1, 4),
      switched(s, 1, 4, 1, { count: 0, inKernel: 2, mixed: 1, unexplained: 1 }),
    );
    fires("one-universe", mixed, /1 kernel entries on cpu 1 .*, 0 of them/);
  });
  it("catches a task that switches twice in one direction", () => {
    fires(
      "one-universe",
      replaced(committed, inRound("switched", 0, 6), switched(s, 0, 6, 1, { count: 3 })),
      /1 tasks of cpu 0 .* once more/,
    );
    assert.deepStrictEqual(breachesOf("one-universe", reversed), []);
  });
  it("catches interrupts that do not run the version that the transition brings, or that change it twice", () => {
    const turned = (number: number, version: number, turns: number) => told(number, { ...halfway, flag: { version, turns } });
    fires("one-universe", turned(5, 0, 0), /interrupts on cpu 1 run version 0 in a transition to version 1/);
    fires("one-universe", turned(5, 1, 2), /interrupts of cpu 1 changed versions 2 times in one direction/);
  });
  it("catches switches that are taken back in silence", () =>
    fires("one-universe", told(6, { count: 0, pending: 2 }), /cpu 1 tells of 0 switches after it told of 1/));
});

describe("no-false-complete", () => {
  it("catches a commit over a task that has not switched", () =>
    fires("no-false-complete", told(7, halfway), /committed epoch 1 while 1 tasks of cpu 1 had not switched/));
  it("catches a commit over a CPU that was never heard", () => {
    const silent = committed.filter((fact) => !(ofCpu("switched", 1)(fact) && "round" in fact && fact.round < 8));
    fires("no-false-complete", silent, /cpu 1 has told nothing of its tasks/);
  });
  it("counts no answers of another direction", () => {
    const early = reversed.filter((fact) => !inRound("switched", 1, 6)(fact) && !inRound("switched", 1, 7)(fact));
    fires("no-false-complete", early, /cancelled epoch 1 while cpu 1 was last on its way to version 1/);
  });
  it("catches the end of a transition that was turned back with a task that was not", () =>
    fires(
      "no-false-complete",
      replaced(reversed, inRound("switched", 0, 7), switched(s, 0, 7, 0, { count: 3, pending: 1 })),
      /cancelled epoch 1 while 1 tasks of cpu 0 had not switched/,
    ));
  it("catches a CPU that leaves with a task that has not switched", () =>
    fires("no-false-complete", told(8, halfway), /cpu 1 left epoch 1 with 1 tasks/));
  it("does not wait for the dead", () => {
    const facts = goodTransitions["a death in the middle of a transition, and a new life that joins it"]?.facts ?? [];
    fires("no-false-complete", story.without(facts, "died"), /cpu 1/);
  });
});

describe("left-kernel", () => {
  it("catches a task that switches inside the kernel, unless it was made to", () => {
    fires("left-kernel", told(5, { ...halfway, inKernel: 1 }), /1 tasks of cpu 1 came to version 1 inside the kernel/);
    assert.deepStrictEqual(breachesOf("left-kernel", told(5, { ...halfway, inKernel: 1, forced: 1 })), []);
  });
});

describe("one-instant", () => {
  it("is not kept by tasks that switch one by one, nor by functions that do", () => {
    fires("one-instant", committed, /cpu 0 runs version 1 while others run version 0/);
    fires("one-instant", redirected, /cpu 0 runs version 1 while others run version 0/);
  });
  it("is not kept by a single CPU that runs both", () => {
    const alone = [...story.boot(0), story.opened(s), asked(s, 1, switchAsk("start", 1)), switched(s, 0, 1, 1, halfway)];
    fires("one-instant", alone, /cpu 0 runs version 1 while others run version 0/);
    const whole = [...alone.slice(0, -1), switched(s, 0, 1, 1)];
    assert.deepStrictEqual(breachesOf("one-instant", whole), []);
  });
});

describe("whole-call", () => {
  it("catches a version whose text nobody poked", () =>
    fires(
      "whole-call",
      committed.filter(({ fact }) => fact !== "poked"),
      /cpu 0 goes on with version 1 where the text is of version 0/,
    ));
  it("catches a version that is gone after the end", () =>
    fires("whole-call", [...committed, ...story.boot(2)], /version 0 where the text is of version 1/));
});

describe("all-or-nothing", () => {
  it("lets a CPU start on either version in a transition, and after it on the decided one only", () => {
    const joins = (version: number) => [...committed.slice(0, committed.findIndex(isAsked("check"))), ...story.boot(2, 1, version)];
    assert.deepStrictEqual(breachesOf("all-or-nothing", [...joins(0), ...joins(1)]), []);
    fires("all-or-nothing", joins(2), /starts on version 2/);
    fires("all-or-nothing", [...reversed, ...story.boot(2, 1, 1)], /starts on version 1 while 0 is in force/);
  });
  it("catches a CPU that joined and was not turned back", () => {
    const facts = goodTransitions["a CPU that joins a transition and is turned back with it"]?.facts ?? [];
    fires("all-or-nothing", story.without(facts, inRound("resumed", 1, 6)), /cpu 1 has version 1 after epoch 1 was closed with 0/);
  });
});

describe("decision", () => {
  it("catches an end that nobody decided, and a turn that nobody decided", () => {
    fires("decision", story.without(committed, "decided"), /asked for complete in epoch 1 .*not yet decided/);
    fires("decision", story.without(reversed, "decided"), /asked for reverse in epoch 1 .*not yet decided/);
  });
});

describe("rounds", () => {
  it("catches tasks that are checked before they were asked to switch", () =>
    fires("rounds", replaced(committed, isAsked("start"), asked(s, 4, switchAsk("check", 1))), /check .* is asked after poke/));
  it("catches a batch whose steps are out of order or left out", () => {
    const step3 = asked(s, 2, { do: "poke", batch: 0, step: 3, target: 1, from: 0 });
    fires(
      "rounds",
      replaced(committed, (fact) => isAsked("poke")(fact) && "round" in fact && fact.round === 2, step3),
      /after step 1 of batch 0/,
    );
    const early = committed.filter((fact) => !("round" in fact) || (fact.round !== 2 && fact.round !== 3));
    fires("rounds", early, /round 2 comes next/);
    assert.isTrue(breachesOf("rounds", early).some(({ reason }) => /start .* is asked after step 1/.test(reason)));
  });
  it("catches a check that goes on without a CPU that lives", () => {
    const lonely = replaced(committed, isEnded(5), story.ended(s, 5, "check", 1));
    fires("rounds", lonely, /is asked after 1 acks of check from 2 CPUs, 0 of them dead/);
  });
  it("catches an empty work item that comes when the tasks have been let go", () => {
    const facts = goodTransitions["a transition by stack checks, with a sync"]?.facts ?? [];
    const late = [...story.without(facts, "closed"), ...sync(s, 8)];
    fires("rounds", late, /sync .* is asked after complete/);
  });
  it("catches an answer that nobody stands behind, and one of an earlier round", () => {
    fires("rounds", story.without(committed, inRound("switched", 1, 5)), /check .* ended with 2 acks, but only 1 CPU did it/);
    fires("rounds", story.without(committed, inRound("poked", 1, 2)), /poke .* ended with 2 acks, but only 1 CPU did it/);
  });
  it("catches a CPU that is left out, and one that is left inside", () => {
    const { of: _, ...rest } = asked(s, 7, switchAsk("check", 1)) as FactOf<"asked">;
    const isSeventh = (fact: Fact) => fact.fact === "asked" && fact.round === 7;
    fires("rounds", replaced(committed, isSeventh, { ...rest, of: [0, 0] }), /check .* leaves out cpu 1/);
    fires("rounds", story.without(committed, inRound("resumed", 1, 8)), /complete .* ended with cpu 1 still inside/);
  });
  it("catches a CPU that enters a transition again", () =>
    fires("rounds", [...committed, switched(scene({ term: 2 }), 1, 9, 1)], /cpu 1 obeyed a switch of epoch 1, which it had left/));
});

describe("converges", () => {
  const open = committed.slice(0, committed.findIndex(isAsked("signal")));
  it("lets a transition be open for as long as there is a task that has not switched", () =>
    assert.deepStrictEqual(breachesOf("converges", open, story.end({ ended: "open" })), []));
  it("catches one that nobody holds open", () =>
    fires("converges", [...open, switched(s, 1, 5, 1)], /in check, round 5 of epoch 1/, story.end({ ended: "open" })));
});

describe("released", () => {
  it("takes nobody in a transition for held", () =>
    assert.deepStrictEqual(
      breachesOf("released", [...story.start, story.opened(s), asked(s, 1, switchAsk("start", 1)), waits(s, 1, 1)]),
      [],
    ));
});

describe("the roster of promises", () => {
  const names = (leave: "function" | "patched-set" | "kernel", switches: "function" | "task" | "kernel") =>
    monitorsOf({ leave, switch: switches }).map(({ name }) => name);
  it("promises each cell of the grid what its axes select", () => {
    assert.includeMembers(names("kernel", "task"), ["left-kernel", "off-stack", "one-universe", "no-false-complete"]);
    assert.includeMembers(names("patched-set", "kernel"), ["one-instant", "off-stack", "all-acked"]);
    for (const foreign of ["off-stack", "left-kernel", "one-universe", "one-instant", "all-acked"])
      assert.notInclude(names("function", "function"), foreign);
  });
  it("watches of other models' promises only those about what tasks see", () => {
    const foreign = (model: { leave: "function" | "kernel"; switch: "function" | "kernel" }) =>
      foreignMonitorsOf(model).map(({ name }) => name);
    assert.sameMembers(foreign({ leave: "function", switch: "function" }), ["one-instant", "left-kernel", "off-stack", "one-universe"]);
    assert.sameMembers(foreign({ leave: "kernel", switch: "kernel" }), ["one-universe"]);
  });
  it("knows the versions of a step of text", () => {
    const early = [
      ...story.start,
      story.opened(s),
      asked(s, 1, { do: "poke", batch: 0, step: 1, target: 1, from: 0 }),
      poked(s, 0, 1, 0, 1, 1),
    ];
    assert.deepStrictEqual(breachesOf("whole-call", [...early, decided(s, "committed"), story.resumed(s, 0, "committed", 2)]), []);
  });
});
