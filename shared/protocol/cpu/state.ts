// What a CPU machine remembers, and how its rules ask for something.
import type { Life } from "../../kernel/life.ts";
import type { CpuSet } from "../../machine/cpuSet.ts";
import type { Input, Output } from "../../machine/machine.ts";
import type { Random } from "../../machine/random.ts";
import type { CpuFact, Fact } from "../facts.ts";
import type { Ask, Message, Outcome, Register, Report } from "../messages.ts";
import type { Resend } from "../setup.ts";
import type { Combining } from "./relay.ts";
import type { CpuRules } from "./rules.ts";

/**
 * `hold-limit`: held too long without a vote (R8); `gathered` when the last task is out; `irqs-on` when a section ends; `combine` when
 * those below have had their time.
 */
export const cpuTimers = ["hello", "gathered", "hold-limit", "irqs-on", "call", "call-again", "combine", "reschedule"] as const;
export type CpuTimer = (typeof cpuTimers)[number];

export type CpuInput = Input<Message, CpuTimer, Register>;
export type CpuOutput = Output<Message, CpuTimer, Register, Fact>;

/** Where this CPU is in the epoch. */
export type Stage = "running" | "switching" | "gathering" | "held" | "stopping" | "stopped" | "voted" | "ran";

/** A function call on another CPU that this CPU waits for. */
export interface Outgoing {
  readonly id: number;
  readonly callee: number;
  readonly sinceNs: number;
  tries: number;
  reported: boolean;
}

/** One flat object, as a large machine has a million of them. */
export interface CpuState<L> {
  readonly cpu: number;
  incarnation: number;
  /** The tasks; null from a (re)start until the welcome (R9). */
  life: L | null;
  random: Random;
  helloTries: number;
  version: number;
  stage: Stage;
  /** The highest stamp obeyed (R1), what it asked, and what was answered (null: still being worked on). */
  term: number;
  epoch: number;
  round: number;
  ask: Ask | null;
  report: Report | null;
  /** The CPU that handed that on to this one, and is answered; null: a coordinator asked straight. */
  asker: number | null;
  /** What this CPU does for those below it, where it is a combiner of that round. */
  combining: Combining | null;
  /** When the stop first asked for this CPU: from then on the update is being made. */
  updatingSince: number;
  /** When that was answered, and for how long it is worked on from there: no copy of the ack leaves before. */
  answeredAt: number;
  workNs: number;
  /** The last epoch left, and how: by `exit` with its outcome, or by withdrawing. */
  leftEpoch: number;
  leftHow: Outcome | "withdrew";
  /** Messages that arrived while interrupts were off outside a stop. */
  deferred: ReadonlyArray<{ readonly from: number; readonly msg: Message }>;
  call: Outgoing | null;
  nextCall: number;
  /** When its next reschedule is due by plan, whatever became of those before. */
  rescheduleAt: number;
  /** The newest life of each CPU that is known to be dead: nobody calls it. Null while it is none, as of most CPUs. */
  dead: Record<number, number> | null;
  /** The last call served for each caller: [incarnation, id]; a copy is answered and not served again. */
  served: Record<number, readonly [incarnation: number, id: number]> | null;
  /** Calls that came while interrupts were off for the vote: answered after `exit`. */
  owed: ReadonlyArray<{ readonly caller: number; readonly id: number; readonly incarnation: number }>;
  /** An NMI has come since then, and before the vote. */
  nmi: boolean;
}

/** It takes part in a stop, for whose end hotplug waits (C1). */
export const isInStop = ({ stage }: Pick<CpuState<unknown>, "stage">): boolean => stage !== "running" && stage !== "switching";

/** What the rules of a CPU need to know beside its state. */
export interface CpuContext<L> {
  readonly cpus: number;
  readonly seed: number;
  readonly life: Life<L>;
  readonly resend: Resend;
  readonly holdLimitNs: number;
  readonly crossCallsPerSecond: number;
  readonly reschedulesPerSecond: number;
  /** Work between an ask and its ack. */
  readonly stopperWakeNs: number;
  readonly writeNs: number;
  /** Looking at stacks: what the CPU that walks pays, what each other one pays, and what one task costs. All 0 where nobody looks. */
  readonly walkNs: { readonly walker: number; readonly other: number; readonly task: number };
  /** How late a CPU that spins in a stop may see what it is asked, because others have its core; 0 where each has its own. */
  readonly turnsNs: number;
  /** An NMI that runs through a patched function while the update is being made vetoes it. */
  readonly nmiVeto: boolean;
  /** The workload's own NMIs of that sort; what they do where there is no veto nobody sees. */
  readonly nmisPerSecond: number;
  readonly nmiFunction: string;
  /** Nobody has to leave a function first: calls resolve to its new version as soon as the text does. */
  readonly functionsSwitch: boolean;
  readonly rules: CpuRules;
}

/** Nothing waits: one for all CPUs, as a large machine has a million of them. */
export const none: readonly never[] = [];

/** At most this many messages wait for the end of a section with interrupts off; more are lost, as they would be in a full queue. */
export const deferredLimit = 1024;

/** Collects the outputs of one step. */
export class Turn {
  readonly outputs: CpuOutput[] = [];
  readonly at: number;

  constructor(at: number) {
    this.at = at;
  }

  toCoordinators(msg: Message, afterNs = 0): void {
    this.outputs.push({ kind: "send", to: "coordinators", msg, afterNs });
  }

  toCpus(to: CpuSet, msg: Message, afterNs = 0): void {
    this.outputs.push({ kind: "send", to, msg, afterNs });
  }

  setTimer(timer: CpuTimer, afterNs: number): void {
    this.outputs.push({ kind: "set-timer", timer, afterNs });
  }

  cancelTimer(timer: CpuTimer): void {
    this.outputs.push({ kind: "cancel-timer", timer });
  }

  announce(fact: CpuFact): void {
    this.outputs.push({ kind: "announce", fact });
  }
}
