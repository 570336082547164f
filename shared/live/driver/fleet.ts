// The processes of a run: started, told of deaths, started again where a fault or the machine's need says so, and ended.
//
// Whoever watches processes can know of deaths: this is where `Died` comes from (C5). It is repeated to every new coordinator.
import { join } from "node:path";
import { forEach } from "../../machine/cpuSet.ts";
import { actorFaults, type Hit, type Spent } from "../../nemesis/actorFaults.ts";
import { printFault } from "../../nemesis/grammar.ts";
import { addCounts, type FaultCount, type Plan } from "../../nemesis/plan.ts";
import type { ActorFault } from "../../nemesis/registry.ts";
import type { CoordinatorFact } from "../../protocol/facts.ts";
import { noPackets, type PacketCounts } from "../../protocol/observer.ts";
import type { Setup } from "../../protocol/setup.ts";
import { cpusOf, hostOf, type Layout } from "../bus/layout.ts";
import type { Speaker } from "../bus/subjects.ts";
import { monotonicNs } from "../process/clock.ts";
import type { CpuLifeId, ProcessCounts, ProcessSpec, Report } from "../process/control.ts";
import { Child } from "./child.ts";

export interface FleetOptions {
  readonly setup: Setup;
  readonly plan: Plan;
  readonly run: string;
  readonly layout: Layout;
  readonly urlFor: (who: Speaker) => string;
  /** Entry files of the processes. */
  readonly mains: { readonly host: string; readonly coordinator: string };
  readonly env: NodeJS.ProcessEnv;
  readonly journal: { readonly directory: string; readonly mode: "full" | "facts" } | null;
  readonly onFact: (at: number, fact: CoordinatorFact) => void;
  /** All is done and everyone is up. */
  readonly onSettled: () => void;
  /** A process failed in a way that no fault explains. */
  readonly onProblem: (text: string) => void;
}

export const fleetLimits = {
  /** A coordinator that dies without a fault's doing is started again after this. */
  coordinatorRestartMs: 50,
  /** How often that may happen in a run. */
  coordinatorRestarts: 100,
  /** A process that has been asked to end may take this long. */
  quitMs: 5_000,
} as const;

/** What the driver knows of one process. */
interface Member {
  readonly child: Child;
  ready: boolean;
  /** A coordinator that has neither finished nor stood down; a host whose CPUs are not all welcomed. */
  busy: boolean;
  /** The fault that it dies of, if it has said so. */
  dyingOf: ActorFault | null;
}

export class Fleet {
  private readonly options: FleetOptions;
  private readonly members = new Set<Member>();
  private readonly alive = new Map<number, number>();
  private readonly dead = new Map<number, number>();
  private readonly spent: Spent[] = [];
  private readonly timers = new Set<NodeJS.Timeout>();
  private readonly counts: ProcessCounts[] = [];
  private readonly hits: FaultCount[];
  private readonly scheduled: readonly Hit[];
  private lives = 0;
  private restarts = 0;
  /** Restarts and strikes that are still to come. */
  private ahead = 0;
  private healed = false;
  private quitting = false;
  private startedNs = 0;
  private readonly journals = new Set<string>();

  constructor(options: FleetOptions) {
    this.options = options;
    const nemesis = actorFaults(options.plan.faults);
    this.scheduled = nemesis.scheduled();
    this.hits = nemesis.counts().map((count) => ({ ...count }));
    forEach([0, options.layout.cpus - 1], (cpu) => this.alive.set(cpu, 1));
    this.startCoordinator();
    for (let host = 0; host < options.layout.hosts; host++) this.startHost(host, []);
  }

  /** Ns since power-on. */
  now(): number {
    return this.startedNs === 0 ? 0 : monotonicNs() - this.startedNs;
  }

  get pids(): readonly number[] {
    return [...this.members].map(({ child }) => child.pid);
  }

  // ---- starting ----

  private spec(role: "host" | "coordinator", number: number): ProcessSpec {
    const { options } = this;
    const file = options.journal && join(options.journal.directory, `${role}-${number}.ndjson`);
    if (file !== null) this.journals.add(file);
    return {
      role,
      number,
      run: options.run,
      url: options.urlFor({ role, number }),
      layout: options.layout,
      setup: options.setup,
      plan: { seed: options.plan.seed, faults: options.plan.faults.map(printFault) },
      healed: this.healed,
      spent: this.spent,
      incarnations: [],
      dead: [],
      journal: options.journal && file !== null ? { path: file, mode: options.journal.mode } : null,
    };
  }

  private start(main: string, spec: ProcessSpec): void {
    const child = new Child(main, spec, this.options.env, {
      onReport: (_, report) => this.onReport(member, report),
      onExit: (_, exit) => this.onExit(member, exit.code, exit.printed),
    });
    const member: Member = { child, ready: false, busy: true, dyingOf: null };
    this.members.add(member);
  }

  private startCoordinator(): void {
    const spec = this.spec("coordinator", this.lives++);
    this.start(this.options.mains.coordinator, { ...spec, dead: [...this.dead] });
  }

  private startHost(host: number, incarnations: readonly CpuLifeId[]): void {
    for (const [cpu, incarnation] of incarnations) this.alive.set(cpu, incarnation);
    this.start(this.options.mains.host, { ...this.spec("host", host), incarnations });
  }

  /** Everyone is listening: power on. Who comes later is let go at once. */
  private onReady(member: Member): void {
    member.ready = true;
    if (this.startedNs === 0) {
      if (![...this.members].every(({ ready }) => ready)) return;
      this.startedNs = monotonicNs();
      for (const hit of this.scheduled) this.strikeLater(hit);
      for (const each of this.members) each.child.tell({ order: "go", startedNs: this.startedNs });
    } else member.child.tell({ order: "go", startedNs: this.startedNs });
  }

  private later(afterMs: number, act: () => void): void {
    this.ahead++;
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      this.ahead--;
      if (!this.quitting) act();
    }, afterMs);
    this.timers.add(timer);
  }

  // ---- faults ----

  private strikeLater(hit: Hit): void {
    const { when } = hit.fault;
    this.later("atNs" in when ? when.atNs / 1e6 : 0, () => {
      const target = [...this.members].findLast(({ child: { spec } }) =>
        hit.actor === "coordinator"
          ? spec.role === "coordinator"
          : spec.role === "host" && spec.number === hostOf(this.options.layout, hit.actor),
      );
      target?.child.tell({ order: "strike", hit: { index: hit.index, actor: hit.actor } });
    });
  }

  private onHit(member: Member, spent: Spent, fatal: boolean): void {
    const fault = this.options.plan.faults[spent.index] as ActorFault;
    const count = this.hits[spent.index] as FaultCount;
    if (!this.scheduled.some(({ index, actor }) => index === spent.index && actor === spent.actor)) count.matched++;
    count.applied++;
    this.spent.push(spent);
    if (fault.fault === "second") this.startCoordinator();
    else if (fatal) member.dyingOf = fault;
    else if (fault.fault === "crash" && fault.restartAfterNs !== undefined) this.ahead++;
  }

  // ---- reports ----

  private onReport(member: Member, report: Report): void {
    switch (report.report) {
      case "ready":
        return this.onReady(member);
      case "fact":
        return this.onFact(member, report.at, report.fact);
      case "settled":
        member.busy = report.running < report.alive;
        return this.checkSettled();
      case "hit":
        return this.onHit(member, report.hit, report.fatal);
      case "died":
        return this.onDied(report.lives);
      case "up":
        this.ahead--;
        for (const [cpu, incarnation] of report.lives) this.alive.set(cpu, incarnation);
        member.busy = true;
        return;
      case "problem":
        return this.options.onProblem(`${member.child.spec.role} ${member.child.spec.number}: ${report.text}`);
      case "ended":
        this.counts.push(report.counts);
    }
  }

  private onFact(member: Member, at: number, fact: CoordinatorFact): void {
    if (fact.fact === "finished" || fact.fact === "stood-down") member.busy = false;
    else if (fact.fact === "opened" || fact.fact === "took") member.busy = true;
    this.options.onFact(at, fact);
    this.checkSettled();
  }

  private checkSettled(): void {
    const coordinators = [...this.members].filter(({ child }) => child.spec.role === "coordinator");
    const idle = [...this.members].every(({ ready, busy }) => ready && !busy);
    if (idle && coordinators.length > 0 && this.ahead === 0 && this.startedNs > 0) this.options.onSettled();
  }

  // ---- deaths ----

  private onDied(lives: readonly CpuLifeId[]): void {
    for (const [cpu, incarnation] of lives) {
      this.alive.delete(cpu);
      this.dead.set(cpu, incarnation);
    }
    for (const { child, ready } of this.members) if (ready) child.tell({ order: "died", lives });
  }

  private onExit(member: Member, code: number | null, printed: string): void {
    this.members.delete(member);
    if (this.quitting) return;
    const { spec } = member.child;
    if (code !== null) {
      this.options.onProblem(`${spec.role} ${spec.number} ended with exit code ${code}: ${printed.trim() || "it said nothing"}`);
      return;
    }
    if (spec.role === "coordinator") this.afterCoordinator(member.dyingOf);
    else this.afterHost(spec.number, member.dyingOf);
    this.checkSettled();
  }

  /** Without a fault's doing somebody killed it: a machine keeps a coordinator. After a fault it comes back if the fault says so. */
  private afterCoordinator(fault: ActorFault | null): void {
    if (fault === null) {
      if (++this.restarts > fleetLimits.coordinatorRestarts) this.options.onProblem(`the coordinator was killed ${this.restarts} times`);
      else this.later(fleetLimits.coordinatorRestartMs, () => this.startCoordinator());
    } else if (fault.fault === "crash" && fault.restartAfterNs !== undefined) {
      this.later(fault.restartAfterNs / 1e6, () => this.startCoordinator());
    } else if (this.healed) this.startCoordinator();
  }

  /** All of its CPUs have died with it. */
  private afterHost(host: number, fault: ActorFault | null): void {
    const lives: CpuLifeId[] = [];
    forEach(cpusOf(this.options.layout, host), (cpu) => {
      const incarnation = this.alive.get(cpu);
      if (incarnation !== undefined) lives.push([cpu, incarnation]);
    });
    this.onDied(lives);
    if (fault?.fault !== "crash" || fault.restartAfterNs === undefined) return;
    this.later(fault.restartAfterNs / 1e6, () =>
      this.startHost(
        host,
        lives.map(([cpu, incarnation]) => [cpu, incarnation + 1]),
      ),
    );
  }

  // ---- the end ----

  /** Every run ends healed: faults off, and a coordinator lives. */
  heal(): void {
    this.healed = true;
    for (const { child } of this.members) child.tell({ order: "heal" });
    if (![...this.members].some(({ child }) => child.spec.role === "coordinator")) this.startCoordinator();
  }

  /** Asks every process to end in good order, then insists. */
  async quit(): Promise<void> {
    this.quitting = true;
    for (const timer of this.timers) clearTimeout(timer);
    for (const { child } of this.members) child.tell({ order: "quit" });
    const until = performance.now() + fleetLimits.quitMs;
    while (this.members.size > 0 && performance.now() < until) await new Promise((resolve) => setTimeout(resolve, 5));
    for (const { child } of this.members) child.kill();
    while (this.members.size > 0 && performance.now() < until + fleetLimits.quitMs) await new Promise((resolve) => setTimeout(resolve, 5));
  }

  result(): {
    packets: PacketCounts;
    faults: readonly FaultCount[];
    refused: number;
    turns: number;
    alive: number;
    journals: readonly string[];
  } {
    const packets = noPackets();
    let faults: readonly FaultCount[] = this.hits;
    let refused = 0;
    let turns = 0;
    for (const count of this.counts) {
      for (const key of Object.keys(packets) as Array<keyof PacketCounts>) packets[key] += count.packets[key];
      faults = addCounts(faults, count.faults);
      refused += count.refused;
      turns += count.turns;
    }
    return { packets, faults, refused, turns, alive: this.alive.size, journals: [...this.journals] };
  }
}
