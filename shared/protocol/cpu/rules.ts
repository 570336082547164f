// The rules of a CPU that decide something by themselves, each in one place, so that a machine can be built with one of them replaced:
// a mutant, which the monitors must catch.
import { type CpuSet, without } from "../../machine/cpuSet.ts";
import { type Actor, isCoordinator } from "../../machine/machine.ts";
import type { Ack, RoundMessage, Welcome } from "../messages.ts";
import { compareStamps } from "../stamp.ts";
import type { Combining } from "./relay.ts";
import type { CpuState, Stage } from "./state.ts";

/** What a rule may look at: whatever the tasks of the CPU are like. */
type AnyCpu = CpuState<unknown>;

export interface CpuRules {
  /** R1: it has obeyed something newer. */
  readonly isLate: (state: AnyCpu, msg: RoundMessage) => boolean;
  /** R1: an epoch once left is never entered again, whatever the term. Only text is still poked in it. */
  readonly hasLeft: (state: AnyCpu, msg: RoundMessage) => boolean;
  /** R8: whoever is held before its vote may let its tasks go. After it, only `exit` does. */
  readonly mayWithdraw: (stage: Stage) => boolean;
  /** R9: the welcome is of this very life. */
  readonly isWelcome: (state: AnyCpu, msg: Welcome) => boolean;
  /** T2: a transition is over for a CPU when none of its tasks is left behind. */
  readonly mayEnd: (pending: number) => boolean;
  /** C3: whoever is asked like this is to answer straight, and not by way of a combiner. */
  readonly isStraight: (from: Actor, msg: RoundMessage) => boolean;
  /** R11: whom a combiner has still to hear, when it has heard this. */
  readonly stillMissing: (combining: Combining, heard: Ack) => CpuSet;
  /** R11: for whom it speaks when it brings what these CPUs have said. */
  readonly speaksFor: (combining: Combining, said: CpuSet) => CpuSet;
}

export const cpuRules: CpuRules = {
  isLate: (state, msg) => compareStamps(msg, state) < 0,
  hasLeft: ({ leftEpoch }, msg) => msg.epoch <= leftEpoch && msg.kind !== "text",
  mayWithdraw: (stage) => stage === "gathering" || stage === "held" || stage === "stopping" || stage === "stopped",
  isWelcome: ({ cpu, incarnation }, msg) => msg.cpu === cpu && msg.incarnation === incarnation,
  mayEnd: (pending) => pending === 0,
  isStraight: (from, msg) => isCoordinator(from) && msg.relay === undefined,
  stillMissing: ({ missing }, { cpus }) => without(missing, cpus),
  speaksFor: (_, said) => said,
};
