// How far each CPU has come in a transition: what it announced last of its tasks, until it leaves the epoch.
import type { Fact } from "../protocol/facts.ts";

type Switched = Extract<Fact, { readonly fact: "switched" }>;

/** Of one life in one epoch: the version that its tasks were to come to, and how many had not. */
export interface Progress {
  readonly target: number;
  readonly pending: number;
}

export class Switching {
  private readonly epoch: Int32Array;
  private readonly life: Int32Array;
  private readonly target: Int32Array;
  private readonly pending: Int32Array;

  constructor(cpus: number) {
    this.epoch = new Int32Array(cpus);
    this.life = new Int32Array(cpus);
    this.target = new Int32Array(cpus);
    this.pending = new Int32Array(cpus);
  }

  note({ cpu, incarnation, epoch, target, pending }: Switched): void {
    if (incarnation < (this.life[cpu] as number)) return;
    this.epoch[cpu] = epoch;
    this.life[cpu] = incarnation;
    this.target[cpu] = target;
    this.pending[cpu] = pending;
  }

  /** Whoever has left the epoch, or started anew, has nobody left that it speaks for. */
  forget(cpu: number): void {
    this.epoch[cpu] = 0;
  }

  /** Undefined if this life has announced nothing in the epoch, or has left it. */
  of(cpu: number, incarnation: number, epoch: number): Progress | undefined {
    if (this.epoch[cpu] !== epoch || this.life[cpu] !== incarnation) return undefined;
    return { target: this.target[cpu] as number, pending: this.pending[cpu] as number };
  }
}
