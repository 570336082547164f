// Which CPUs run tasks, and on which version: between a welcome or a resumption, and the stopper or the end of the CPU's life. In a
// transition a CPU runs two, from the first of its tasks that has switched to the last.
import { initialVersion } from "../protocol/setup.ts";
import type { FactOf, Handlers } from "./monitor.ts";
import type { Roster } from "./roster.ts";

const notRunning = -1;

export class Running {
  /** How many versions are being run at this moment. */
  versions = 0;
  private readonly now: Int32Array;
  /** The other version that a CPU runs, while its tasks switch one by one. */
  private readonly also: Int32Array;
  /** What each CPU ran last: a CPU that withdraws goes on with it. */
  private readonly last: Int32Array;
  /** How many CPUs run each version: versions count from 0 up. */
  private readonly cpusOn: number[] = [];
  private readonly roster: Roster;
  private readonly changed: (at: number, cpu: number) => void;

  /** `changed` is told after each CPU that begins or ceases to run tasks. */
  constructor(roster: Roster, changed: (at: number, cpu: number) => void) {
    this.roster = roster;
    this.changed = changed;
    this.now = new Int32Array(roster.cpus).fill(notRunning);
    this.also = new Int32Array(roster.cpus).fill(notRunning);
    this.last = new Int32Array(roster.cpus).fill(initialVersion);
  }

  readonly on: Handlers = {
    running: ({ cpu, incarnation, version }, at) => this.begin(cpu, incarnation, version, at),
    resumed: ({ cpu, incarnation, version }, at) => this.begin(cpu, incarnation, version, at),
    switched: (fact, at) => this.switch(fact, at),
    withdrew: ({ cpu, incarnation }, at) => this.begin(cpu, incarnation, this.last[cpu] as number, at),
    stopped: ({ cpu, incarnation }, at) => this.halt(cpu, incarnation, at),
    voted: ({ cpu, incarnation }, at) => this.halt(cpu, incarnation, at),
    booted: ({ cpu, incarnation }, at) => this.halt(cpu, incarnation, at),
    died: ({ cpu, incarnation }, at) => {
      if (this.roster.isNewest(cpu, incarnation)) this.set(cpu, notRunning, at);
    },
  };

  /** A version other than this one that is being run, or -1. */
  anotherThan(version: number): number {
    return this.cpusOn.findIndex((cpus, other) => cpus > 0 && other !== version);
  }

  /** What the CPU runs, or -1 while it runs nothing. */
  versionOf(cpu: number): number {
    return this.now[cpu] as number;
  }

  private begin(cpu: number, incarnation: number, version: number, at: number): void {
    if (!this.roster.lives(cpu, incarnation)) return;
    this.last[cpu] = version;
    this.set(cpu, version, at);
  }

  private halt(cpu: number, incarnation: number, at: number): void {
    if (this.roster.lives(cpu, incarnation)) this.set(cpu, notRunning, at);
  }

  /** Where functions switch by themselves, this tells of the one that switched last, as if it were all of them. */
  private switch({ cpu, incarnation, epoch, target, pending, count }: FactOf<"switched">, at: number): void {
    const { roster } = this;
    if (epoch !== roster.epoch || !roster.lives(cpu, incarnation) || this.now[cpu] === notRunning) return;
    if (pending === 0) this.set(cpu, target, at);
    else if (count > 0) this.set(cpu, target, at, target === roster.target ? roster.base : roster.target);
  }

  private set(cpu: number, version: number, at: number, also = notRunning): void {
    const before = this.now[cpu] as number;
    const alsoBefore = this.also[cpu] as number;
    if (before === version && alsoBefore === also) return;
    this.now[cpu] = version;
    this.also[cpu] = also;
    this.count(before, -1);
    this.count(alsoBefore, -1);
    this.count(version, 1);
    this.count(also, 1);
    this.changed(at, cpu);
  }

  private count(version: number, by: 1 | -1): void {
    if (version === notRunning) return;
    const cpus = (this.cpusOn[version] ?? 0) + by;
    this.cpusOn[version] = cpus;
    if (cpus === 0) this.versions--;
    else if (cpus === 1 && by === 1) this.versions++;
  }
}
