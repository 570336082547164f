// Who lives and who takes part, as the facts tell it: what monitors ask about beside their own state.
import { type CpuSet, forEach, noCpus, size } from "../machine/cpuSet.ts";
import type { Operation } from "../protocol/messages.ts";
import type { Handlers } from "./monitor.ts";

export class Roster {
  readonly cpus: number;
  /** The epoch opened last, and what it is to do: from version `base` to version `target`. */
  epoch = 0;
  term = 0;
  openedAt = 0;
  operation: Operation = "patch";
  base = 0;
  target = 0;
  participants: CpuSet = noCpus;
  participantCount = 0;
  /** The incarnation of each CPU that takes part in it; 0 of a CPU that does not. */
  readonly admitted: Int32Array;
  /** The newest incarnation of each CPU that has booted, and the newest that is known to be dead. */
  private readonly booted: Int32Array;
  private readonly dead: Int32Array;

  constructor(cpus: number) {
    this.cpus = cpus;
    this.admitted = new Int32Array(cpus);
    this.booted = new Int32Array(cpus);
    this.dead = new Int32Array(cpus);
  }

  readonly on: Handlers = {
    booted: ({ cpu, incarnation }) => {
      if (incarnation > (this.booted[cpu] as number)) this.booted[cpu] = incarnation;
    },
    died: ({ cpu, incarnation }) => {
      if (incarnation > (this.dead[cpu] as number)) this.dead[cpu] = incarnation;
    },
    opened: ({ term, epoch, operation, target, participants, incarnations }, at) => {
      // Whoever lost its term before it heard that its epoch was opened may say so when the next one is open already.
      if (epoch <= this.epoch) return;
      this.epoch = epoch;
      this.term = term;
      this.openedAt = at;
      this.operation = operation;
      this.target = target;
      this.base = operation === "patch" ? target - 1 : target + 1;
      this.participants = participants;
      this.participantCount = size(participants);
      this.admitted.fill(0);
      forEach(participants, (cpu) => {
        this.admitted[cpu] = 1;
      });
      for (const [cpu, incarnation] of incarnations) this.admitted[cpu] = incarnation;
    },
  };

  /** True unless this life of the CPU is known to have ended: by somebody who can know, or by a newer one. */
  lives(cpu: number, incarnation: number): boolean {
    return incarnation > (this.dead[cpu] as number) && this.isNewest(cpu, incarnation);
  }

  /** True if no later life of the CPU has booted. */
  isNewest(cpu: number, incarnation: number): boolean {
    return incarnation >= (this.booted[cpu] as number);
  }

  /** True if the CPU takes part in the epoch and the life that does so has not ended. */
  takesPart(cpu: number): boolean {
    const incarnation = this.admitted[cpu] as number;
    return incarnation > 0 && this.lives(cpu, incarnation);
  }
}
