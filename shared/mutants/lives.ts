// Mutants of what a CPU makes of its tasks: who is looked at, and what is believed of what is seen (R4, T3).
import { hybrid } from "../consistency/hybrid.ts";
import { immediate } from "../consistency/immediate.ts";
import { kgraft } from "../consistency/kgraft.ts";
import { kpatch } from "../consistency/kpatch.ts";
import { simple } from "../consistency/simple.ts";
import type { CpuLife } from "../kernel/cpuLife.ts";
import type { Life } from "../kernel/life.ts";
import type { Setup } from "../protocol/setup.ts";
import { inLongPatchedCalls, inPatchedFunctions, underLoad, unpatchingToo } from "./grounds.ts";
import type { Mutant } from "./mutant.ts";

/** To the look, whoever sleeps is not in the kernel. */
const withoutSleepers = (life: CpuLife): CpuLife => ({
  ...life,
  tasks: life.tasks.map((task) => (task.mode === "asleep" || task.mode === "disk" ? { ...task, mode: "user" } : task)),
});

const failingHalfTheTime = (setup: Setup): Setup => ({
  ...setup,
  profile: { ...setup.profile, stackReader: { ...setup.profile.stackReader, fails: 0.5 } },
});

const trustingReader = (setup: Setup): Setup => {
  const { check } = setup.model;
  return { ...setup, model: { ...setup.model, check: check && { ...check, reader: "best-effort" } } };
};

/** Its text and its rounds are the same; who switches when is not. */
const functionByFunction = (setup: Setup): Setup => ({
  ...setup,
  model: { ...setup.model, leave: "function", switch: "function", check: null, gradual: immediate.gradual },
});

/** The first task of a CPU to switch takes the calls of all others along: they are still to switch, and run the new version. */
const byCpu = (life: Life<CpuLife>, state: CpuLife): void => {
  const target = state.operation?.target;
  life.switches(state);
  if (!state.tasks.some(({ crossing }) => crossing?.version === target)) return;
  for (const { crossing } of state.tasks) if (crossing !== null && target !== undefined) crossing.version = target;
};

/** Whoever is stopped with a request in hand has none when it goes on. */
const forgetRequests = (state: CpuLife): void => {
  for (const server of state.requests?.servers ?? []) server.id = -1;
};

/** What is in hand when its server is let go is answered then, and once more when it is done. */
const answerTwice = (state: CpuLife): void => {
  if (state.requests !== null) state.requests.answered += state.requests.servers.filter(({ id }) => id >= 0).length;
};

export const lives: readonly Mutant[] = [
  {
    name: "vote-without-a-look",
    rule: "R4: the leave condition is checked at the vote, for every task",
    instead: "every vote is clear",
    variant: { life: (life) => ({ ...life, busy: () => [] }) },
    model: simple,
    ground: (setup) => inPatchedFunctions({ ...setup, model: { ...setup.model, gather: null } }),
    faults: [],
    caughtBy: ["left-kernel", "off-stack"],
  },
  {
    name: "sleepers-not-checked",
    rule: "R4: the leave condition is checked at the vote, for every task",
    instead: "the stacks of sleepers are not looked at",
    variant: { timedLife: (life) => ({ ...life, busy: (state) => life.busy(withoutSleepers(state)) }) },
    model: kpatch,
    ground: inPatchedFunctions,
    faults: [],
    caughtBy: ["off-stack"],
  },
  {
    name: "unreliable-stack-trusted",
    rule: "T3: a stack that cannot be read to its end means not now",
    instead: "the frames that were read are taken for all there are",
    variant: { told: trustingReader },
    model: hybrid,
    ground: (setup) => failingHalfTheTime(inPatchedFunctions(setup)),
    faults: [],
    caughtBy: ["off-stack"],
  },
  {
    name: "tasks-run-on-when-stopped",
    rule: "R3: from the stopper on no task of the CPU runs",
    instead: "they run on",
    variant: { life: (life) => ({ ...life, freeze: () => {} }) },
    model: kpatch,
    ground: inPatchedFunctions,
    faults: [],
    caughtBy: ["off-stack"],
  },
  {
    name: "switched-inside-kernel",
    rule: "T3: where the kernel must be left, a task switches at its boundary",
    instead: "it switches when it is asked to",
    variant: { told: (setup) => ({ ...setup, model: { ...setup.model, leave: "function" } }) },
    model: kgraft,
    faults: [],
    caughtBy: ["left-kernel"],
  },
  {
    name: "functions-switch-alone",
    rule: "T3: a task switches with all of the patch set",
    instead: "each function switches by itself, whoever is in it",
    variant: { told: functionByFunction },
    model: hybrid,
    ground: inPatchedFunctions,
    faults: [],
    caughtBy: ["one-universe", "off-stack"],
  },
  {
    name: "calls-follow-their-cpu",
    rule: "T3: what a task calls is of the version that it has switched to",
    instead: "it is of the version that the first task of its CPU has switched to",
    variant: {
      timedLife: (life) => ({
        ...life,
        aim: (state, round) => {
          life.aim(state, round);
          byCpu(life, state);
        },
      }),
    },
    model: hybrid,
    ground: inLongPatchedCalls,
    faults: [],
    caughtBy: ["one-universe"],
  },
  {
    name: "interrupts-stay-behind",
    rule: "T10: a flag that interrupt handlers follow turns with the first ask of a direction",
    instead: "it never turns",
    variant: {
      timedLife: (life) => ({
        ...life,
        aim: (state, round) => {
          life.aim(state, round);
          if (state.operation !== null) state.operation.flag.version = round.from;
        },
      }),
    },
    model: kgraft,
    faults: [],
    caughtBy: ["one-universe"],
  },
  {
    name: "requests-forgotten-in-a-stop",
    rule: "a stop keeps tasks from running, and what they have in hand with them",
    instead: "a server that is stopped with a request in hand asks for the next",
    variant: {
      timedLife: (life) => ({
        ...life,
        freeze: (state) => {
          life.freeze(state);
          forgetRequests(state);
        },
      }),
    },
    model: simple,
    ground: underLoad,
    faults: [],
    caughtBy: ["conservation"],
    onlyInTime: true,
  },
  {
    name: "requests-answered-twice",
    rule: "a stop keeps tasks from running, and what they have in hand with them",
    instead: "a server answers what it has in hand when it is let go, and again when it is done",
    variant: {
      timedLife: (life) => ({
        ...life,
        release: (state, version) => {
          answerTwice(state);
          return life.release(state, version);
        },
      }),
    },
    model: simple,
    ground: (setup) => unpatchingToo(underLoad(setup)),
    faults: [],
    caughtBy: ["conservation"],
    onlyInTime: true,
  },
];
