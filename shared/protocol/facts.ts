// Facts: what machines announce so that monitors, reports and pictures can judge a run without looking inside a machine.
import type { Census, Straddle, Switches } from "../kernel/life.ts";
import type { CpuSet } from "../machine/cpuSet.ts";
import type { Ask, Busy, Operation, Outcome, Phase, Report } from "./messages.ts";

interface OfCpu {
  readonly cpu: number;
  readonly incarnation: number;
}

/** Of one round of one epoch, as its CPU understood it. */
interface OfRound extends OfCpu {
  readonly term: number;
  readonly epoch: number;
  readonly round: number;
}

export type CpuFact =
  | ({ readonly fact: "booted" } & OfCpu)
  /** Welcomed: tasks run from here on. */
  | ({ readonly fact: "running"; readonly version: number } & OfCpu)
  /** The gather or the stopper waits: for this task last, and for how long as far as the CPU can tell (null: no end in sight). */
  | ({
      readonly fact: "blocked";
      readonly task: string;
      readonly function: string;
      readonly why: string;
      readonly forNs: number | null;
    } & OfRound)
  /** Every task that this pass of the gather asks for is held. */
  | ({ readonly fact: "held"; readonly census: Census } & OfRound)
  /** The stopper has the CPU: no task runs. */
  | ({ readonly fact: "stopped" } & OfRound)
  /** Interrupts are off and the vote is cast: this CPU leaves only by `exit`. */
  | ({ readonly fact: "voted"; readonly report: Report; readonly census: Census } & OfRound)
  | ({ readonly fact: "wrote" } & OfRound)
  /** What has become of the tasks of this CPU in the transition to `target`; at every round that asks them to switch, and at its end. */
  | ({ readonly fact: "switched"; readonly target: number; readonly pending: number } & Switches & OfRound)
  /** The breakpoint protocol has come to this step for these functions: this CPU has serialised itself. */
  | ({ readonly fact: "poked"; readonly batch: number; readonly step: 1 | 2 | 3; readonly target: number } & OfRound)
  /**
   * The epoch is over for this CPU. After a stop: interrupts on, tasks go on; `census` is from just before, `straddles` were under
   * way across a change of version. After a transition every task is on `version`, and `straddles` is empty.
   */
  | ({
      readonly fact: "resumed";
      readonly outcome: Outcome;
      readonly version: number;
      readonly census: Census;
      readonly straddles: readonly Straddle[];
    } & OfRound)
  /** Held too long: tasks let go, the epoch left. */
  | ({ readonly fact: "withdrew"; readonly term: number; readonly epoch: number } & OfCpu)
  /** A message finds interrupts off outside a stop, and waits for the end of that section. */
  | ({ readonly fact: "interrupts-off"; readonly forNs: number } & OfCpu)
  /** A message of something that is over, or that makes no sense here: counted and otherwise ignored. */
  | ({ readonly fact: "ignored"; readonly message: string } & OfCpu)
  /** Has waited this long for another CPU's answer to a call. */
  | ({ readonly fact: "call-stuck"; readonly callee: number; readonly waitedNs: number } & OfCpu)
  | ({ readonly fact: "call-ended"; readonly callee: number; readonly waitedNs: number; readonly resent: number } & OfCpu);

interface OfLife {
  readonly life: number;
  readonly term: number;
}

/** Why an epoch was aborted. */
export interface AbortReason {
  readonly why: "limit" | "busy" | "death" | "withdraw" | "takeover" | "reversed";
  /** The CPUs that were waited for, were busy, died or withdrew. */
  readonly cpus: CpuSet;
  /** What busy CPUs reported: the first few. */
  readonly busy: ReadonlyArray<Busy & { readonly cpu: number }>;
}

export type CoordinatorFact =
  | ({ readonly fact: "took" } & OfLife)
  | ({ readonly fact: "stood-down" } & OfLife)
  /** Somebody who can know says that this life of a CPU has ended. */
  | ({ readonly fact: "died"; readonly cpu: number; readonly incarnation: number } & OfLife)
  | ({ readonly fact: "admitted"; readonly incarnations: ReadonlyArray<readonly [number, number]>; readonly version: number } & OfLife)
  | ({
      readonly fact: "opened";
      readonly epoch: number;
      readonly operation: Operation;
      readonly target: number;
      readonly attempt: number;
      readonly participants: CpuSet;
      readonly incarnations: ReadonlyArray<readonly [number, number]>;
    } & OfLife)
  | ({ readonly fact: "asked"; readonly epoch: number; readonly round: number; readonly ask: Ask; readonly of: CpuSet } & OfLife)
  | ({
      readonly fact: "round-ended";
      readonly epoch: number;
      readonly round: number;
      readonly phase: Phase;
      readonly acks: number;
      readonly resent: number;
      readonly late: number;
    } & OfLife)
  /** The register holds the decision. */
  | ({ readonly fact: "decided"; readonly epoch: number; readonly outcome: Outcome; readonly reason: AbortReason | null } & OfLife)
  | ({ readonly fact: "closed"; readonly epoch: number; readonly outcome: Outcome; readonly version: number } & OfLife)
  /** All operations are done, or the attempts are used up. The coordinator goes on admitting CPUs. */
  | ({ readonly fact: "finished"; readonly outcome: "committed" | "gave-up"; readonly version: number } & OfLife)
  | ({ readonly fact: "disregarded"; readonly message: string } & OfLife);

export type Fact = CpuFact | CoordinatorFact;

/** A fact with its place in the run: what every monitor and every fold is fed, in (clock, actor, seq) order. */
export interface Announced {
  readonly at: number;
  readonly clock: number;
  readonly actor: number;
  readonly fact: Fact;
}
