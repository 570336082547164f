// The actors of a process by their numbers. CPUs that nothing tells apart are kept as one, until something does.
import { type CpuSet, covers, filter, has, lowest, oneCpu, toArray } from "../../machine/cpuSet.ts";
import type { Actor } from "../../machine/machine.ts";
import { Cohort } from "../../protocol/cpu/cohort.ts";
import { Living } from "./living.ts";
import type { Timers } from "./timers.ts";

/** So many sorts of CPUs are told apart when others are to join them: more make the search longer than it is worth. */
const sortsLimit = 8;

export class Actors {
  private readonly byActor = new Map<Actor, Living>();
  private readonly timers: Timers<Living>;

  constructor(timers: Timers<Living>) {
    this.timers = timers;
  }

  add(one: Living): void {
    this.byActor.set(one.actor, one);
  }

  /** It has died, alone. */
  remove(one: Living): void {
    this.byActor.delete(one.actor);
    this.timers.cancelAll(one);
  }

  /** Each once. */
  all(): ReadonlySet<Living> {
    return new Set(this.byActor.values());
  }

  isAlive(one: Living): boolean {
    return this.byActor.get(one.actor) === one;
  }

  /** This actor, apart from any other. */
  alone(actor: Actor): Living | undefined {
    const one = this.byActor.get(actor);
    return one?.isMany ? this.split(one, oneCpu(actor)) : one;
  }

  /** All of these CPUs that live, with none that is not of them; and those that are named each alone. */
  among(cpus: CpuSet, named: readonly number[]): readonly Living[] {
    for (const cpu of named) if (has(cpus, cpu)) this.alone(cpu);
    return [...this.reaching(cpus)].map((one) =>
      !one.isMany || covers(cpus, one.cpus)
        ? one
        : this.split(
            one,
            filter(one.cpus, (cpu) => has(cpus, cpu)),
          ),
    );
  }

  /** Each of them alone. */
  apart(one: Living): readonly Living[] {
    const others = toArray(one.cpus).slice(1);
    return [one, ...others.map((cpu) => this.split(one, oneCpu(cpu)))];
  }

  /** Makes one of those that nothing tells apart any more. */
  join(those: Iterable<Living>): void {
    const sorts: Living[] = [];
    for (const one of those) {
      const { machine } = one;
      if (!(machine instanceof Cohort) || !machine.mayJoin || !this.isAlive(one)) continue;
      if (one.isStruck) throw new Error(`a fault has struck cpu ${one.actor}, and it is to become one with others`);
      const alike = sorts.find((sort) => this.timers.areSame(sort, one) && (sort.machine as Cohort).join(machine));
      if (alike !== undefined) this.replace(one, alike);
      else if (sorts.length < sortsLimit) sorts.push(one);
    }
  }

  private reaching(cpus: CpuSet): ReadonlySet<Living> {
    const found = new Set<Living>();
    for (let i = 0; i < cpus.length; i += 2) {
      const last = cpus[i + 1] as number;
      for (let cpu = cpus[i] as number; cpu <= last; ) {
        const one = this.byActor.get(cpu);
        if (one !== undefined) found.add(one);
        cpu = one === undefined ? cpu + 1 : endOfRange(one.cpus, cpu) + 1;
      }
    }
    return found;
  }

  /** These leave, as they are. */
  private split(one: Living, leaving: CpuSet): Living {
    if (one.isStruck) throw new Error(`a fault has struck cpu ${one.actor}, which is one with others`);
    const other = new Living(one.incarnation, (one.machine as Cohort).split(leaving));
    other.phase = one.phase;
    other.at = one.at;
    this.timers.copy(one, other);
    for (const cpu of toArray(leaving)) this.byActor.set(cpu, other);
    return other;
  }

  private replace(gone: Living, by: Living): void {
    by.at = Math.max(by.at, gone.at);
    this.timers.cancelAll(gone);
    for (const cpu of toArray(gone.cpus)) this.byActor.set(cpu, by);
  }
}

const endOfRange = (cpus: CpuSet, cpu: number): number => {
  for (let i = 1; i < cpus.length; i += 2) if ((cpus[i] as number) >= cpu) return cpus[i] as number;
  throw new Error(`cpu ${cpu} is not among ${lowest(cpus)} and others`);
};
