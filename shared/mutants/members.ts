// Mutants of who takes part: greetings, admissions and welcomes (R9, C7, T7).
import { hybrid } from "../consistency/hybrid.ts";
import { simple } from "../consistency/simple.ts";
import { coordinatorActor } from "../machine/machine.ts";
import { coordinatorRules } from "../protocol/coordinator/rules.ts";
import type { CpuMachine } from "../protocol/cpu/cpu.ts";
import type { CpuInput } from "../protocol/cpu/state.ts";
import { initialVersion } from "../protocol/setup.ts";
import type { Mutant } from "./mutant.ts";

/** It welcomes itself as it starts. */
const runningAtOnce = <L>(machine: CpuMachine<L>): CpuMachine<L> => ({
  ...machine,
  step: (state, input) => {
    const [started, outputs] = machine.step(state, input);
    if (input.kind !== "start") return [started, outputs];
    const { cpu, incarnation } = started;
    const welcome: CpuInput = {
      kind: "deliver",
      at: input.at,
      from: coordinatorActor(0),
      msg: { kind: "welcome", term: 0, epoch: 0, cpu, incarnation, version: initialVersion },
    };
    const [running, more] = machine.step(started, welcome);
    return [running, [...outputs, ...more]];
  },
});

export const members: readonly Mutant[] = [
  {
    name: "hello-means-restart",
    rule: "C7: a hello of an admitted incarnation is a copy",
    instead: "it proves that this incarnation has ended",
    variant: { coordinator: { isAdmitted: () => false } },
    model: simple,
    faults: ["duplicate 20% of hello after 10us..500us"],
    caughtBy: ["one-instant"],
  },
  {
    name: "welcome-of-another-incarnation",
    rule: "R9: a CPU runs when a welcome names its incarnation",
    instead: "any welcome for this CPU will do",
    variant: { cpu: { isWelcome: ({ cpu }, msg) => msg.cpu === cpu } },
    model: simple,
    faults: ["crash cpu 1 at run restart after 20us", "duplicate 50% of welcome after 50us..5ms"],
    caughtBy: ["one-instant", "all-or-nothing"],
  },
  {
    name: "runs-before-welcome",
    rule: "R9: a CPU runs no task before its welcome",
    instead: "it runs from its start, on the version that it was built with",
    variant: { aroundCpu: runningAtOnce },
    model: simple,
    faults: ["crash cpu 1 at run restart after 100us"],
    caughtBy: ["one-instant", "all-or-nothing"],
  },
  {
    name: "admitted-during-stop",
    rule: "C7: nobody is admitted while a stop is open",
    instead: "whoever greets between two messages of it is",
    variant: {
      coordinator: {
        mayAdmit: (state, context) => coordinatorRules.mayAdmit(state, context) || state.activity === "round",
      },
    },
    model: simple,
    faults: ["crash cpu 1 at run restart after 20us"],
    caughtBy: ["one-instant", "all-or-nothing"],
  },
  {
    name: "born-on-old-version",
    rule: "T7: whoever joins a transition is born where it leads",
    instead: "it is born on the version in force",
    variant: { coordinator: { versionAtBirth: ({ version }) => version } },
    model: hybrid,
    faults: ["crash cpu 1 at complete restart after 5us"],
    caughtBy: ["all-or-nothing"],
  },
];
