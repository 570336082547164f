// Lives the CPUs of a recorded run once more, from their inputs: what their tasks answered meanwhile nobody has written down.
//
// A life depends on nothing but what its CPU was told and when, so that this finds every request as the process of the CPU has served it.
import type { CpuLife } from "../kernel/cpuLife.ts";
import { countRequests, drainLog } from "../kernel/requests/requests.ts";
import type { RequestSink } from "../kernel/requests/sink.ts";
import { type Actor, isCoordinator } from "../machine/machine.ts";
import { machinesOf } from "../mutants/machines.ts";
import type { CpuState } from "../protocol/cpu/state.ts";
import type { Machines } from "../protocol/machines.ts";
import type { TurnTaken } from "../protocol/observer.ts";
import type { Setup } from "../protocol/setup.ts";

/** How far behind the last input rows are taken out: merged journals are in the order of causes, which is not quite that of time. */
const lagNs = 1_000_000_000;
const everyNs = 50_000_000;

export class Relive {
  private readonly machines: Machines;
  private readonly sink: RequestSink;
  private readonly states = new Map<Actor, CpuState<CpuLife>>();
  private nextAt = everyNs;
  private lastAt = 0;

  constructor(setup: Setup, sink: RequestSink) {
    this.machines = machinesOf(setup);
    this.sink = sink;
  }

  /** The next turn of the run, in the order of its journal. */
  take({ actor, input, outputs }: TurnTaken): void {
    for (const output of outputs) {
      if (output.kind !== "announce" || output.fact.fact !== "died") continue;
      const { cpu, incarnation } = output.fact;
      if (this.states.get(cpu)?.incarnation === incarnation) this.end(cpu, input.at, true);
    }
    this.passTo(input.at - lagNs);
    if (isCoordinator(actor)) return;
    this.lastAt = Math.max(this.lastAt, input.at);
    if (input.kind === "start") {
      this.end(actor, input.at, true);
      this.states.set(actor, this.machines.cpu.init(actor));
    }
    const state = this.states.get(actor);
    // The casts state what whoever recorded the turn knew: its timer is one of a CPU's. What a dead CPU was told changes nothing.
    if (state !== undefined) this.states.set(actor, this.machines.cpu.step(state, input as Parameters<Machines["cpu"]["step"]>[1])[0]);
  }

  /** Processes go on for a moment after the run is over: it ends for all of them when the last has been told something. Returns when that is. */
  finish(at: number): number {
    const end = Math.max(at, this.lastAt);
    for (const cpu of [...this.states.keys()]) this.end(cpu, end, false);
    return end;
  }

  private passTo(at: number): void {
    for (; this.nextAt < at; this.nextAt += everyNs) for (const cpu of this.states.keys()) this.collect(cpu, this.nextAt);
  }

  private end(cpu: Actor, at: number, died: boolean): void {
    const requests = this.collect(cpu, at);
    this.states.delete(cpu);
    if (requests !== null) this.sink.lifeEnded({ cpu, first: requests.first, at, died, ...countRequests(requests, at) });
  }

  private collect(cpu: Actor, at: number): CpuLife["requests"] {
    const life = this.states.get(cpu)?.life ?? null;
    if (life === null || life.requests === null) return null;
    this.machines.life.advance(life, Math.max(at, life.now));
    drainLog(life.requests, (rows, count) => {
      if (count > 0) this.sink.answered(cpu, rows, count);
    });
    return life.requests;
  }
}
