// CPUs that are not hardware but processes on shared cores: messages are carried one after the other, and taken up one after the other.
//
// What packets of one moment say from process to process is one message. A core does one thing at a time: it carries a message, or runs a
// process that takes one up; whatever is to be done goes to the core that is free first, in the order in which it was sent.
import type { ProcessCosts, TakingUp } from "../kernel/profile.ts";
import { type Actor, isCoordinator, lifeOf } from "../machine/machine.ts";

/** The message that packets are being put into: until somebody else, or somebody at another moment, says something. */
interface Open {
  from: number;
  to: number;
  /** When its packets would be there if nobody had to wait. */
  at: number;
  core: number;
  /** When all packets in it so far are taken up. */
  takenAt: number;
}

/** Coordinators are processes of their own, below those of CPUs. */
const processOf = (actor: Actor, cpusPerProcess: number): number =>
  isCoordinator(actor) ? -1 - lifeOf(actor) : Math.floor(actor / cpusPerProcess);

export class ProcessQueues {
  private readonly costs: ProcessCosts;
  private readonly cpusPerProcess: number;
  /** When each core has nothing to do any more, and each process. */
  private readonly cores: Float64Array;
  private readonly free = new Map<number, number>();
  private readonly open: Open = { from: 0, to: 0, at: -1, core: 0, takenAt: 0 };

  constructor(costs: ProcessCosts, cpusPerProcess: number) {
    this.costs = costs;
    this.cpusPerProcess = cpusPerProcess;
    this.cores = new Float64Array(costs.cores);
  }

  /** Puts off each packet of one sender, `times[i]` to `actors[i]`, until it is taken up. */
  putOff(sender: Actor, times: Float64Array, actors: Int32Array, count: number): void {
    const from = processOf(sender, this.cpusPerProcess);
    const ready = isCoordinator(sender) ? this.work(times[0] as number, this.costs.askNs) : 0;
    for (let first = 0; first < count; ) {
      const to = processOf(actors[first] as Actor, this.cpusPerProcess);
      const at = times[first] as number;
      let next = first + 1;
      while (next < count && times[next] === at && processOf(actors[next] as Actor, this.cpusPerProcess) === to) next++;
      times.fill(this.takenAt(from, to, Math.max(at, ready), next - first), first, next);
      first = next;
    }
  }

  private takenAt(from: number, to: number, at: number, packets: number): number {
    const { open } = this;
    const taking: TakingUp = to < 0 ? this.costs.coordinator : this.costs.host;
    if (open.from !== from || open.to !== to || open.at !== at) this.carry(from, to, at, taking.messageNs);
    const ns = packets * taking.packetNs;
    this.cores[open.core] = (this.cores[open.core] as number) + ns;
    open.takenAt += ns;
    this.free.set(to, open.takenAt);
    return open.takenAt;
  }

  /** Begins a message: it is carried, and then waits until its process has taken up those before it. */
  private carry(from: number, to: number, at: number, messageNs: number): void {
    const carried = this.work(at, this.costs.carryNs);
    this.work(Math.max(carried, this.free.get(to) ?? 0), messageNs);
    this.open.from = from;
    this.open.to = to;
    this.open.at = at;
  }

  /** Does something from `at` on, on the core that is free first: when it is done. */
  private work(at: number, ns: number): number {
    const { cores, open } = this;
    open.core = 0;
    for (let core = 1; core < cores.length; core++) if ((cores[core] as number) < (cores[open.core] as number)) open.core = core;
    open.takenAt = Math.max(at, cores[open.core] as number) + ns;
    cores[open.core] = open.takenAt;
    return open.takenAt;
  }
}
