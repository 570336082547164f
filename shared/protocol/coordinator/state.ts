// What a coordinator machine remembers, and how its rules ask for something.
import type { Model } from "../../consistency/model.ts";
import type { CpuSet } from "../../machine/cpuSet.ts";
import type { Destination, Input, Output } from "../../machine/machine.ts";
import type { Random } from "../../machine/random.ts";
import type { AbortReason, CoordinatorFact, Fact } from "../facts.ts";
import type { Ask, Busy, Message, Operation, Register } from "../messages.ts";
import type { Pace, Resend } from "../setup.ts";
import type { Topology } from "../topology.ts";
import type { CoordinatorRules } from "./rules.ts";

export const coordinatorTimers = ["boot", "resend", "limit", "retry", "check"] as const;
export type CoordinatorTimer = (typeof coordinatorTimers)[number];

export type CoordinatorInput = Input<Message, CoordinatorTimer, Register>;
export type CoordinatorOutput = Output<Message, CoordinatorTimer, Register, Fact>;

/** What the register was asked for; the answer decides what comes next. */
export type Purpose = "read" | "take" | "check" | "admit" | "open" | "commit" | "abort" | "close";

/** One round under way: who still has to ack. */
export interface Round {
  readonly number: number;
  readonly ask: Ask;
  /** 1 for each CPU that has not acked and is still asked. */
  readonly awaited: Uint8Array;
  /** The participants that the round began with: none beyond them is ever awaited. */
  readonly of: CpuSet;
  /** For whom a CPU may speak. It follows from `of`: a function, since it is nothing that tells two states apart. */
  readonly subtreeOf: (cpu: number) => CpuSet;
  missing: number;
  /** CPUs that said that tasks of theirs have not switched. */
  pending: number;
  acks: number;
  wrote: boolean;
  tries: number;
  resent: number;
  late: number;
}

/** What a coordinator may be at when it admits somebody. */
export type Resting = "idle" | "pausing" | "round" | "waiting" | "finished";

export interface CoordinatorState {
  readonly life: number;
  random: Random;
  /** `writing`: between asking the register and its answer nothing else is done (C4). `waiting`: for the next check of a transition. */
  activity: "starting" | Resting | "writing" | "stood-down";
  /** What to go back to after an admission. */
  resting: Resting;
  purpose: Purpose | null;
  revision: number;
  record: Register | null;
  proposed: Register | null;
  /** The term that this life holds; 0 before it holds one. */
  term: number;
  round: Round | null;
  roundsAsked: number;
  /** What is to be done, in order; more may be asked for later. */
  operations: readonly Operation[];
  /** What an epoch that switches task by task is still to ask, in order. */
  plan: readonly Ask[];
  /** Checks of it that found tasks which had not switched. */
  failedChecks: number;
  /** Everyone is to be switched whatever is on the stack. */
  forcing: boolean;
  /** Where the grid of checks lies, in ns past a whole interval. */
  gridNs: number;
  /** What busy CPUs reported in the vote of this epoch. */
  busy: Array<Busy & { readonly cpu: number }>;
  busyCpus: number[];
  reason: AbortReason | null;
  /** Greeted but not admitted yet: the newest incarnation of each. */
  greeted: Map<number, number>;
  /** The newest incarnation of each CPU that is known to be dead. */
  dead: Map<number, number>;
  /** Participants of the epoch that died during it. */
  lost: CpuSet;
  /** What arrived while the register was being asked, to be handled after the answer. */
  waiting: CoordinatorInput[];
  booted: boolean;
}

export interface CoordinatorContext {
  readonly cpus: number;
  readonly seed: number;
  readonly model: Model;
  readonly operations: readonly Operation[];
  readonly patch: string;
  readonly resend: Resend;
  readonly topology: Topology;
  /** CPUs of a node, for a topology that goes by nodes. */
  readonly nodeCpus: number;
  readonly bootLimitNs: number;
  /** In how many batches the functions of the patch are redirected. */
  readonly batches: number;
  /** When operations begin; absent where they follow each other at once. */
  readonly pace?: Pace;
  readonly rules: CoordinatorRules;
}

/** At most this many busy tasks are kept of one vote: the first ones name the reason. */
export const busyLimit = 64;

/** Collects the outputs of one step. */
export class Turn {
  readonly outputs: CoordinatorOutput[] = [];
  readonly at: number;

  constructor(at: number) {
    this.at = at;
  }

  send(to: Destination, msg: Message): void {
    this.outputs.push({ kind: "send", to, msg, afterNs: 0 });
  }

  setTimer(timer: CoordinatorTimer, afterNs: number): void {
    this.outputs.push({ kind: "set-timer", timer, afterNs });
  }

  cancelTimer(timer: CoordinatorTimer): void {
    this.outputs.push({ kind: "cancel-timer", timer });
  }

  propose(revision: number, record: Register | null): void {
    this.outputs.push({ kind: "propose", revision, record });
  }

  announce(fact: CoordinatorFact): void {
    this.outputs.push({ kind: "announce", fact });
  }
}
