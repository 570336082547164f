// Takes answered requests out of the CPUs of a virtual run, and brings their lives up to its end.
//
// A life is advanced when somebody looks at it, so looking more often changes nothing but how many rows wait at a time.
import type { CpuLife } from "../kernel/cpuLife.ts";
import type { Life } from "../kernel/life.ts";
import type { Load } from "../kernel/requests/plan.ts";
import { countRequests, drainLog, type Requests } from "../kernel/requests/requests.ts";
import type { RequestSink } from "../kernel/requests/sink.ts";
import type { CpuState } from "../protocol/cpu/state.ts";
import type { Actors, Living } from "./actors.ts";
import type { VirtualOptions } from "./options.ts";

/** So many requests of the whole machine between two collections, about. */
const requestsBetween = 4_096;

const shortestNs = 10_000_000;
/** Short enough that what was so before an operation is known when it begins. */
const longestNs = 50_000_000;

const everyNsFor = ({ arrivals }: Load): number => {
  if (arrivals.kind === "recorded") return longestNs;
  return Math.max(shortestNs, Math.min(longestNs, Math.round((requestsBetween * 1e9) / arrivals.perSecond)));
};

/** Where nobody asks what became of requests. */
const nobody: RequestSink = { answered: () => {}, lifeEnded: () => {} };

/** Null where the machine has no load. */
export const collectorOf = ({ setup, requests }: VirtualOptions, life: Life<CpuLife>, actors: Actors): RequestCollector | null =>
  setup.load === undefined ? null : new RequestCollector(requests ?? nobody, setup.load, life, actors);

export class RequestCollector {
  private readonly sink: RequestSink;
  private readonly life: Life<CpuLife>;
  private readonly actors: Actors;
  private readonly everyNs: number;
  private nextAt: number;

  constructor(sink: RequestSink, load: Load, life: Life<CpuLife>, actors: Actors) {
    this.sink = sink;
    this.life = life;
    this.actors = actors;
    this.everyNs = everyNsFor(load);
    this.nextAt = this.everyNs;
  }

  /** What was answered until now, in steps: nothing else happens before `now`. */
  passTo(now: number): void {
    for (; this.nextAt < now; this.nextAt += this.everyNs) {
      for (const cpu of this.actors.cpus) if (cpu?.alive === true) this.collect(cpu, this.nextAt);
    }
  }

  /** This life of a CPU is over, or the run is. */
  lifeEnded(cpu: Living, at: number, died: boolean): void {
    const requests = this.collect(cpu, at);
    if (requests === null) return;
    this.sink.lifeEnded({ cpu: cpu.actor, first: requests.first, at, died, ...countRequests(requests, at) });
  }

  /** The run is over. */
  finish(end: number): void {
    this.passTo(end);
    for (const cpu of this.actors.cpus) if (cpu?.alive === true) this.lifeEnded(cpu, end, false);
  }

  /** The cast states what an actor that is no coordinator is. */
  private collect(cpu: Living, at: number): Requests | null {
    const { life } = cpu.state as CpuState<CpuLife>;
    if (life === null || life.requests === null) return null;
    this.life.advance(life, Math.max(at, life.now));
    drainLog(life.requests, (rows, count) => {
      if (count > 0) this.sink.answered(cpu.actor, rows, count);
    });
    return life.requests;
  }
}
