// Every monitor in both directions: silent on whatever a sound machine may do, and loud on the breach that it is there for.
import { assert, describe, it } from "vitest";
import { monitors, monitorsOf } from "../../shared/oracle/registry.ts";
import type { Fact } from "../../shared/protocol/facts.ts";
import { goodStories } from "./goodStories.ts";
import { breachesOf, fires } from "./spoiled.ts";
import * as story from "./stories.ts";

const { asked, boot, census, closed, commit, decided, died, held, ofCpu, replaced, resumed, scene, start } = story;

const s = scene();
const good = goodStories["a commit"] as readonly Fact[];
const second = scene({ term: 2 });

describe("on a sound machine", () => {
  for (const [name, facts] of Object.entries(goodStories)) {
    it(`no monitor objects to ${name}`, () => {
      for (const monitor of monitors) assert.deepStrictEqual(breachesOf(monitor.name, facts), [], monitor.name);
    });

    it(`no monitor objects to ${name}, cut off anywhere`, () => {
      for (const monitor of monitors) {
        for (let length = 0; length < facts.length; length++) {
          const how = story.end({ ended: "event-limit" });
          assert.deepStrictEqual(breachesOf(monitor.name, facts.slice(0, length), how), [], `${monitor.name} after ${length} facts`);
        }
      }
    });
  }
});

describe("conservation", () => {
  const counted = (answered: number): readonly Fact[] => {
    const requests = { arrived: 10, answered, queued: 2, inService: 1 };
    return replaced(good, ofCpu("voted", 1), { ...story.voted(s, 1), census: census({ requests }) });
  };
  it("is content when each request is in one place", () => assert.deepStrictEqual(breachesOf("conservation", counted(7)), []));
  it("catches one that was lost", () => fires("conservation", counted(6), /cpu 1: 10 requests arrived, but 6 are answered, 2 wait/));
  it("catches one that was answered twice", () => fires("conservation", counted(8), /10 requests arrived, but 8 are answered/));
});

describe("all-acked", () => {
  it("catches a commit without a vote", () =>
    fires("all-acked", story.without(good, ofCpu("voted", 1)), /after 1 of 2 clear votes: cpu 1/));
  it("catches a commit after a busy vote", () =>
    fires(
      "all-acked",
      replaced(good, ofCpu("voted", 1), { ...story.voted(s, 1), report: { kind: "busy", busy: [] } }),
      /although cpu 1 voted busy/,
    ));
  it("does not count a vote of another epoch", () =>
    fires("all-acked", replaced(good, ofCpu("voted", 1), story.voted({ ...s, epoch: 0 }, 1)), /cpu 1 has not voted/));
  it("does not count the vote of another incarnation", () =>
    fires("all-acked", replaced(good, ofCpu("voted", 1), story.voted({ ...s, incarnation: 2 }, 1)), /cpu 1 has not voted/));
  it("does not count a copied vote twice", () =>
    fires("all-acked", replaced(good, ofCpu("voted", 1), story.voted(s, 0)), /after 1 of 2 clear votes/));
  it("catches text that is written without a decision", () =>
    fires("all-acked", [...start, story.opened(s), story.wrote(s, 0)], /text written in epoch 1 after 0 of 2/));
});

describe("one-instant", () => {
  it("catches a CPU that goes on with the new version while another never stopped", () =>
    fires(
      "one-instant",
      story.without(story.without(good, ofCpu("stopped", 1)), ofCpu("voted", 1)),
      /cpu 0 runs version 1 while others run version 0/,
    ));
  it("catches a CPU that goes back to the old version", () =>
    fires(
      "one-instant",
      replaced(good, ofCpu("resumed", 1), resumed(s, 1, "aborted", 5)),
      /cpu 1 runs version 0 while others run version 1/,
    ));
  it("catches a CPU that starts on the old version", () => fires("one-instant", [...good, ...boot(2)], /cpu 2 runs version 0/));
  it("catches a withdrawal after the vote", () =>
    fires("one-instant", story.before(good, ofCpu("resumed", 0), story.withdrew(s, 1)), /cpu 0 runs version 1 while others run version 0/));
});

describe("left-kernel", () => {
  it("catches a commit over a task in the kernel, whatever its CPU reported", () =>
    fires(
      "left-kernel",
      replaced(good, ofCpu("voted", 1), { ...story.voted(s, 1), census: census({ inKernel: 1 }) }),
      /cpu 1 had 1 user tasks/,
    ));
  it("catches a kthread that is at no safe point", () =>
    fires("left-kernel", replaced(good, ofCpu("voted", 0), { ...story.voted(s, 0), census: census({ unsafe: 2 }) }), /2 kthreads/));
  it("catches tasks that move between vote and exit", () =>
    fires(
      "left-kernel",
      replaced(good, ofCpu("resumed", 0), { ...resumed(s, 0, "committed", 5), census: census({ steps: 103 }) }),
      /cpu 0 took 3 steps/,
    ));
  it("catches a CPU that leaves after its vote", () =>
    fires("left-kernel", story.before(good, "decided", story.withdrew(s, 1)), /cpu 1 left epoch 1 after its vote/));
});

describe("off-stack", () => {
  it("catches a call of a patched function across the change", () => {
    const straddles = [{ task: "web-1", patched: "vfs_read" }];
    fires(
      "off-stack",
      replaced(good, ofCpu("resumed", 0), { ...resumed(s, 0, "committed", 5), straddles }),
      /web-1 on cpu 0 was in vfs_read/,
    );
  });
  it("catches a commit over a stack that was said to be clear", () =>
    fires(
      "off-stack",
      replaced(good, ofCpu("voted", 1), { ...story.voted(s, 1), census: census({ onStack: 2 }) }),
      /while 2 tasks of cpu 1 were in functions of the patch set/,
    ));
  it("lets a call of other functions be, and whoever was busy when nothing was committed", () => {
    const straddles = [{ task: "web-1", patched: null }];
    const facts = replaced(good, ofCpu("resumed", 0), { ...resumed(s, 0, "committed", 5), straddles });
    assert.deepStrictEqual(breachesOf("off-stack", facts), []);
    const busy = replaced(goodStories["a busy vote"] as readonly Fact[], ofCpu("voted", 1), {
      ...story.voted(s, 1),
      census: census({ onStack: 1 }),
    });
    assert.deepStrictEqual(breachesOf("off-stack", busy), []);
  });
});

describe("whole-call", () => {
  it("catches a version whose text nobody wrote", () =>
    fires("whole-call", story.without(good, "wrote"), /cpu 0 goes on with version 1 where the text is of version 0/));
  it("catches a version that is gone", () => fires("whole-call", [...good, ...boot(2, 1, 0)], /version 0 where the text is of version 1/));
});

describe("all-or-nothing", () => {
  it("catches a CPU that never hears of the end", () =>
    fires("all-or-nothing", story.without(good, ofCpu("resumed", 1)), /cpu 1 has version 0 after epoch 1 was closed with 1/));
  it("catches an exit before the decision", () =>
    fires(
      "all-or-nothing",
      story.before(good, "decided", resumed(s, 1, "aborted", 4)),
      /leaves epoch 1 as aborted, but it was not yet decided/,
    ));
  it("catches an exit with another outcome", () =>
    fires("all-or-nothing", replaced(good, ofCpu("resumed", 1), resumed(s, 1, "aborted", 5)), /as aborted, but it was committed/));
  it("catches a change of version in mid-stop", () =>
    fires(
      "all-or-nothing",
      replaced(good, ofCpu("voted", 1), { ...story.voted(s, 1), census: census({ version: 1 }) }),
      /without an exit/,
    ));
  it("catches a change of version by an abort", () => {
    const aborted = goodStories["an abort and a retry"] as readonly Fact[];
    const changed = { ...resumed(s, 0, "aborted", 2), version: 1 };
    fires("all-or-nothing", replaced(aborted, ofCpu("resumed", 0), changed), /goes on with version 1 after epoch 1 was aborted with 0/);
  });
  it("catches a later start on the old version", () =>
    fires("all-or-nothing", [...good, ...boot(2)], /starts on version 0 while 1 is in force/));
  it("catches an end with another version", () =>
    fires("all-or-nothing", replaced(good, "closed", { ...closed(s, "committed"), version: 0 } as Fact), /closed with version 0, but 1/));
});

describe("decision", () => {
  it("catches a coordinator that decides otherwise", () =>
    fires("decision", [...good, decided(second, "aborted")], /coordinator 1 decided epoch 1 as aborted, but it was committed/));
  it("catches a run that nobody decided", () =>
    fires("decision", story.without(good, "decided"), /asked for run in epoch 1 .*not yet decided/));
  it("catches an exit with another outcome", () =>
    fires(
      "decision",
      [...good, asked(second, 1, { do: "exit", outcome: "aborted", version: 0 })],
      /asked for exit from epoch 1 as aborted/,
    ));
  it("catches an end with another outcome", () =>
    fires("decision", replaced(good, "closed", closed(s, "aborted")), /closed epoch 1 as aborted/));
  it("catches two lives that hold one term", () =>
    fires("decision", [...start, { fact: "took", life: 1, term: 1 }], /coordinators 0 and 1 both hold term 1/));
  it("catches an epoch that opens before the last one was decided", () =>
    fires("decision", [...start, story.opened(s), story.opened({ ...s, epoch: 2 })], /opened epoch 2 before epoch 1 was decided/));

  const deposed: readonly Fact[] = [...good, story.took(second), { fact: "stood-down", life: 0, term: 1 }];
  for (const [what, late, reason] of [
    [
      "asks",
      asked(s, 5, { do: "exit", outcome: "committed", version: 1 }),
      /coordinator 0 asked for exit in epoch 1 after it had stood down/,
    ],
    ["decides", decided(s, "committed"), /coordinator 0 decided epoch 1 after it had stood down/],
    ["opens", story.opened({ ...s, epoch: 2 }), /coordinator 0 opened epoch 2 after it had stood down/],
  ] as const) {
    it(`catches a coordinator that ${what} after it stood down, though with the right outcome`, () =>
      fires("decision", [...deposed, late], reason));
  }
  it("lets the life that took its place go on", () =>
    assert.deepStrictEqual(breachesOf("decision", [...deposed, ...commit({ ...second, epoch: 2 })]), []));
});

const isAsked = (phase: string) => (fact: Fact) => fact.fact === "asked" && fact.ask.do === phase;
const isEnded = (phase: string) => (fact: Fact) => fact.fact === "round-ended" && fact.phase === phase;

describe("rounds", () => {
  it("catches a phase that is skipped", () => {
    const facts = good.filter((fact) => !isAsked("prepare")(fact) && !isEnded("prepare")(fact));
    fires("rounds", facts, /round 2 comes next|asked after gather/);
  });
  it("catches a round that begins before the last one ended", () =>
    fires("rounds", story.without(good, isEnded("prepare")), /disable-irq .* is asked before prepare has ended/));
  it("catches a majority that passes for all", () =>
    fires("rounds", replaced(good, isEnded("prepare"), story.ended(s, 2, "prepare", 1)), /asked after 1 of 2 acks of prepare/));
  it("catches an ack that nobody stands behind", () =>
    fires("rounds", story.without(good, ofCpu("stopped", 1)), /ended with 2 acks, but only 1 CPU did it/));
  it("catches a copied ack", () => fires("rounds", replaced(good, ofCpu("stopped", 1), story.stopped(s, 0)), /only 1 CPU did it/));
  it("catches an ack of another round", () =>
    fires("rounds", replaced(good, ofCpu("stopped", 1), story.stopped(s, 1, 1)), /only 1 CPU did it/));
  it("catches an exit before run is acked", () =>
    fires("rounds", replaced(good, isEnded("run"), story.ended(s, 4, "run", 1)), /1 acks of run from 2 CPUs, 0 of them dead/));
  it("catches a commit without a run", () => {
    const facts = good.filter((fact) => !isAsked("run")(fact) && !isEnded("run")(fact) && fact.fact !== "wrote");
    fires("rounds", facts, /round 4 comes next|without a run/);
  });
  it("catches an abort after the run", () =>
    fires("rounds", replaced(good, isAsked("exit"), asked(s, 5, { do: "exit", outcome: "aborted", version: 0 })), /aborts after run/));
  it("catches a CPU that is left out", () =>
    fires(
      "rounds",
      replaced(good, isAsked("exit"), { ...asked(s, 5, { do: "exit", outcome: "committed", version: 1 }), of: [0, 0] } as Fact),
      /leaves out cpu 1/,
    ));
  it("lets a dead CPU be left out", () => {
    const facts = story.before(good, isAsked("exit"), died(s, 1));
    const shrunk = replaced(facts, isAsked("exit"), {
      ...asked(s, 5, { do: "exit", outcome: "committed", version: 1 }),
      of: [0, 0],
    } as Fact);
    const done = replaced(story.without(shrunk, ofCpu("resumed", 1)), isEnded("exit"), story.ended(s, 5, "exit", 1));
    assert.deepStrictEqual(breachesOf("rounds", done), []);
  });
  it("catches an exit round that ends with somebody inside", () =>
    fires("rounds", story.without(good, ofCpu("resumed", 1)), /cpu 1 still inside/));
  it("catches a late round that is obeyed", () =>
    fires("rounds", story.before(good, "decided", story.stopped(s, 1)), /cpu 1 obeyed prepare of round 2.* after a later one/));
  it("catches an epoch that is entered again under a new term", () =>
    fires("rounds", [...good, story.stopped(second, 1)], /obeyed prepare of epoch 1, which it had left/));
  it("catches an epoch that is entered again after a withdrawal", () =>
    fires("rounds", [...start, story.opened(s), held(s, 1), story.withdrew(s, 1), story.stopped(s, 1)], /which it had left/));
});

describe("released", () => {
  it("catches a CPU that is left behind, and says how", () => {
    fires("released", story.without(good, ofCpu("resumed", 1)), /cpu 1 is still stopped with interrupts off/);
    fires("released", [...start, story.opened(s), held(s, 1)], /cpu 1 is still held/);
    fires("released", [...start, story.opened(s), story.stopped(s, 1)], /cpu 1 is still stopped/);
  });
  it("asks nothing of the dead, nor of a run that was cut off", () => {
    assert.deepStrictEqual(breachesOf("released", [...start, story.stopped(s, 1), died(s, 1)]), []);
    assert.deepStrictEqual(breachesOf("released", [...start, story.stopped(s, 1)], story.end({ ended: "interrupted" })), []);
  });
});

describe("undo", () => {
  const undone = goodStories["patch, unpatch, patch"] as readonly Fact[];
  const unpatch = scene({ epoch: 2, operation: "unpatch", base: 1, target: 0 });
  it("catches an unpatch to something else than what lies below", () =>
    fires("undo", [...good, story.opened({ ...unpatch, target: 3 })], /to unpatch to version 3, but 0 lies below/));
  it("catches an unpatch of nothing", () => fires("undo", [...start, story.opened({ ...unpatch, epoch: 1 })], /but nothing lies below/));
  it("catches a patch to a version that is there already", () =>
    fires("undo", [...good, story.opened({ ...s, epoch: 2, target: 1 })], /which is there already/));
  it("catches a CPU that comes to another version", () => {
    const wrong = { ...resumed(unpatch, 1, "committed", 5), version: 1 };
    const isUnpatched = (fact: Fact) => fact.fact === "resumed" && fact.epoch === 2 && fact.cpu === 1;
    fires("undo", replaced(undone, isUnpatched, wrong), /cpu 1 came to version 1 by unpatching, not to 0/);
  });
});

describe("converges", () => {
  it("catches a run that does not end, and says what it is doing", () => {
    const how = story.end({ ended: "stuck", healedAt: 100, at: 2_000_000_000 });
    fires("converges", commit(s).slice(0, 6), /not at an end 2.00 s after the faults ended .*: in prepare, round 2 of epoch 1/, how);
  });
  it("leaves a run alone that was cut off", () =>
    assert.deepStrictEqual(breachesOf("converges", commit(s), story.end({ ended: "event-limit" })), []));
});

describe("the registry", () => {
  it("promises a task-switching model no instant, and a model that checks stacks no empty kernel", () => {
    const names = (leave: "kernel" | "patched-set", switches: "kernel" | "task") =>
      monitorsOf({ leave, switch: switches }).map(({ name }) => name);
    assert.notInclude(names("kernel", "task"), "one-instant");
    assert.notInclude(names("patched-set", "kernel"), "left-kernel");
    assert.includeMembers(names("kernel", "kernel"), ["one-instant", "left-kernel", "all-acked", "converges"]);
  });
});
