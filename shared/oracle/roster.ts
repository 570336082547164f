// Who lives and who takes part, as the facts tell it: what monitors ask about beside their own state.
import { type CpuSet, forEach, noCpus, size } from "../machine/cpuSet.ts";
import type { Ask, Operation } from "../protocol/messages.ts";
import type { FactOf, Handlers } from "./monitor.ts";
import { type Progress, Switching } from "./switching.ts";

/**
 * What switches as one in an epoch, as far as its rounds have shown: the machine at a stop, each task, each function; or nobody has been
 * asked to switch so far, and only text was poked.
 */
export type Way = "stop" | "text" | "task" | "function";

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
  way: Way = "stop";
  /** Opened and not closed yet. */
  isOpen = false;
  private readonly switching: Switching;
  /** Grows whenever a CPU of the epoch dies or is replaced by its next life. */
  losses = 0;
  /** The incarnation of each CPU that takes part in it; 0 of a CPU that does not. */
  readonly admitted: Int32Array;
  /** The newest incarnation of each CPU that has booted, and the newest that is known to be dead. */
  private readonly booted: Int32Array;
  private readonly dead: Int32Array;
  /** CPUs that came to a transition after its opening; and at which loss each CPU was lost last. */
  private readonly joined: Uint8Array;
  private readonly lostAt: Int32Array;
  /** The transition in the middle of which each CPU began to run. */
  private readonly bornIn: Int32Array;
  private ask: Ask | undefined;
  private askedAs = { term: 0, round: 0 };

  constructor(cpus: number) {
    this.switching = new Switching(cpus);
    this.joined = new Uint8Array(cpus);
    this.lostAt = new Int32Array(cpus);
    this.bornIn = new Int32Array(cpus);
    this.cpus = cpus;
    this.admitted = new Int32Array(cpus);
    this.booted = new Int32Array(cpus);
    this.dead = new Int32Array(cpus);
  }

  readonly on: Handlers = {
    booted: ({ cpu, incarnation }) => {
      if (incarnation <= (this.booted[cpu] as number)) return;
      this.booted[cpu] = incarnation;
      this.switching.forget(cpu);
    },
    died: ({ cpu, incarnation }) => {
      if (incarnation <= (this.dead[cpu] as number)) return;
      this.dead[cpu] = incarnation;
      this.lostAt[cpu] = ++this.losses;
    },
    admitted: ({ incarnations }) => {
      if (this.way !== "stop" && this.isOpen) for (const [cpu, incarnation] of incarnations) this.join(cpu, incarnation);
    },
    running: ({ cpu }) => {
      if (this.isOpen && this.way !== "stop") this.bornIn[cpu] = this.epoch;
    },
    asked: (fact) => this.learnWay(fact),
    switched: (fact) => {
      // Tasks are spoken of in a round that pokes text only where it redirects them, one function after the other.
      if (fact.epoch === this.epoch && fact.round === this.askedAs.round && this.ask?.do === "poke") this.way = "function";
      if (this.isNewest(fact.cpu, fact.incarnation)) this.switching.note(fact);
    },
    resumed: ({ cpu, incarnation }) => {
      if (this.isNewest(cpu, incarnation)) this.switching.forget(cpu);
    },
    closed: ({ epoch }) => {
      if (epoch === this.epoch) this.isOpen = false;
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
      this.way = "stop";
      this.isOpen = true;
      this.ask = undefined;
      this.askedAs = { term, round: 0 };
      this.joined.fill(0);
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

  /** True of a CPU that came to the transition under way after its opening. */
  hasJoined(cpu: number): boolean {
    return this.joined[cpu] === 1;
  }

  /** True of a CPU that began to run in the middle of the transition under way, whether it was admitted before its opening or after. */
  isNewborn(cpu: number): boolean {
    return this.epoch > 0 && this.bornIn[cpu] === this.epoch;
  }

  /** True if the CPU does not take part any more, or did so with another life when there were `losses` losses. */
  isLostSince(cpu: number, losses: number): boolean {
    return (this.lostAt[cpu] as number) > losses || !this.takesPart(cpu);
  }

  /** How many tasks of each living CPU have not switched in the epoch; of those CPUs that have any. */
  *pending(): Generator<readonly [cpu: number, tasks: number]> {
    for (let cpu = 0; cpu < this.cpus; cpu++) {
      const pending = this.takesPart(cpu) ? this.progressOf(cpu)?.pending : undefined;
      if (pending !== undefined && pending > 0) yield [cpu, pending];
    }
  }

  /** What the life of this CPU that takes part has announced last of its tasks. */
  progressOf(cpu: number): Progress | undefined {
    return this.switching.of(cpu, this.admitted[cpu] as number, this.epoch);
  }

  private join(cpu: number, incarnation: number): void {
    if (this.admitted[cpu] === incarnation) return;
    this.admitted[cpu] = incarnation;
    this.joined[cpu] = 1;
    this.lostAt[cpu] = ++this.losses;
  }

  private learnWay({ term, epoch, round, ask }: FactOf<"asked">): void {
    if (epoch !== this.epoch || term < this.askedAs.term || (term === this.askedAs.term && round < this.askedAs.round)) return;
    this.ask = ask;
    this.askedAs = { term, round };
    if ("batch" in ask && ask.do !== "poke") this.way = ask.batch === null ? "task" : "function";
    else if (ask.do === "poke" && this.way === "stop") this.way = "text";
  }
}
