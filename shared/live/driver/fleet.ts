// The processes of a run: started, told of deaths, started again where a fault or the machine's need says so, and ended.
//
// Whoever watches processes can know of deaths: this is where `Died` comes from (C5). It is repeated to every new process.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { journalLimits } from "../../journal/entry.ts";
import { firstCpus, forEach } from "../../machine/cpuSet.ts";
import type { Hit, Spent } from "../../nemesis/actorFaults.ts";
import { printFault } from "../../nemesis/grammar.ts";
import { type ActorFault, type Fault, restartAfterNs } from "../../nemesis/registry.ts";
import type { CoordinatorFact } from "../../protocol/facts.ts";
import type { Control } from "../../protocol/messages.ts";
import { cpusOf, hostOf } from "../bus/layout.ts";
import { monotonicNs } from "../process/clock.ts";
import { type CpuLifeId, countsMs, type ProcessCounts, type ProcessSpec, type Report } from "../process/control.ts";
import { toMs } from "../process/timers.ts";
import { type Exit, endedWithin, type Supervised } from "./child.ts";
import { sumOf } from "./counts.ts";
import { type FleetOptions, type FleetResult, fleetLimits } from "./fleetOptions.ts";
import { PartLengthsTold } from "./partLengths.ts";
import { Strikes } from "./strikes.ts";
import { Waits } from "./waits.ts";

/** What the driver knows of one process. */
interface Member {
  readonly child: Supervised;
  ready: boolean;
  /** Of a coordinator, or of the CPUs of a host: `busy` until all are welcomed. */
  state: "busy" | "idle" | "finished" | "stood-down";
  /** The fault that it dies of, if it has said so. */
  dyingOf: ActorFault | null;
  /** Strikes that it has not answered yet, and CPUs of it that will start again. */
  owes: number;
}

const isCoordinator = ({ child }: Member): boolean => child.spec.role === "coordinator";
const nameOf = ({ child: { spec } }: Member): string => `${spec.role} ${spec.number}`;

export class Fleet {
  private readonly options: FleetOptions;
  private readonly members = new Set<Member>();
  /** Second coordinators, ready and waiting to be struck up: one that had yet to start would come when the stop is long over. */
  private readonly spares = new Set<Member>();
  /** The incarnation of each CPU that lives, and the last one of each that has died. */
  private readonly alive = new Map<number, number>();
  private readonly dead = new Map<number, number>();
  /** What each process, also one that is gone, has last said that it counted. */
  private readonly counts = new Map<Member, ProcessCounts>();
  /** Those of the plan, and what has been added since. */
  private readonly faults: Fault[];
  private readonly strikes: Strikes;
  /** Processes that are to start again. */
  private readonly starts = new Waits(() => this.checkSettled());
  private readonly journals = new Set<string>();
  private readonly gaps: string[] = [];
  private readonly lengths = new PartLengthsTold();
  private startWatch: NodeJS.Timeout | undefined;
  private lives: number;
  private restarts = 0;
  private healed = false;
  private quitting = false;
  private startedNs = 0;

  constructor(options: FleetOptions) {
    this.options = options;
    const done = (): void => this.checkSettled();
    this.faults = [...options.plan.faults];
    this.strikes = new Strikes(this.faults, { actor: (hit) => this.strike(hit), server: options.killServer, done });
    forEach(firstCpus(options.layout.cpus), (cpu) => this.alive.set(cpu, 1));
    this.lives = options.firstLife ?? 0;
    this.startCoordinator();
    for (const { fault } of options.plan.faults) if (fault === "second") this.startCoordinator(this.spares);
    for (let host = 0; host < options.layout.hosts; host++) this.startHost(host, options.livesOf?.(host) ?? null);
  }

  /** Ns since power-on. */
  now(): number {
    return this.startedNs === 0 ? 0 : monotonicNs() - this.startedNs;
  }

  // ---- starting ----

  private spec(role: ProcessSpec["role"], number: number, lives: ProcessSpec["lives"]): ProcessSpec {
    const { options } = this;
    return {
      role,
      number,
      run: options.run,
      url: options.urlFor({ role, number }),
      layout: options.layout,
      setup: options.setup,
      plan: { seed: options.plan.seed, faults: this.faults.map(printFault) },
      lives,
      watched: options.onFact !== null,
      steered: options.steered,
      journal: this.journalFor(`${role}-${number}`),
    };
  }

  /** A file of its own for each process: one that was killed in mid-line must not be written on. Entries are shared out evenly. */
  private journalFor(name: string): ProcessSpec["journal"] {
    const { journal, layout } = this.options;
    if (journal === null) return null;
    const { directory, mode, fullEntries = journalLimits.fullEntries } = journal;
    let path = join(directory, `${name}.ndjson`);
    for (let again = 1; this.journals.has(path); again++) path = join(directory, `${name}-${again}.ndjson`);
    this.journals.add(path);
    return { path, mode, fullEntries: Math.ceil(fullEntries / (layout.hosts + 1)) };
  }

  private start(spec: ProcessSpec, beside = this.members): void {
    const child = this.options.launch(spec, {
      onReport: (report) => this.onReport(member, report),
      onExit: (exit) => this.onExit(member, exit),
    });
    const member: Member = { child, ready: false, state: "busy", dyingOf: null, owes: 0 };
    beside.add(member);
    this.watchStart();
  }

  private startCoordinator(beside = this.members): void {
    this.start(this.spec("coordinator", this.lives++, null), beside);
  }

  private startSecond(): void {
    const [spare] = this.spares;
    // Somebody has killed it.
    if (spare === undefined) return this.startCoordinator();
    this.spares.delete(spare);
    this.members.add(spare);
    this.letGo(spare);
  }

  private all(): readonly Member[] {
    return [...this.members, ...this.spares];
  }

  /** Also one that joins again when its earlier CPUs are dead; but nobody who would have to be ended at once. */
  startHost(host: number, lives: readonly CpuLifeId[] | null): void {
    if (this.quitting) return;
    for (const [cpu, incarnation] of lives ?? []) this.alive.set(cpu, incarnation);
    this.start(this.spec("host", host, lives));
  }

  /** Somebody started, became ready or ended: whoever is not ready by now has the whole time again. */
  private watchStart(): void {
    clearTimeout(this.startWatch);
    const waiting = this.all().filter(({ ready }) => !ready);
    if (waiting.length === 0 || this.quitting) return;
    const text = `${waiting.map(nameOf).slice(0, 3).join(", ")}${waiting.length > 3 ? ` and ${waiting.length - 3} more` : ""}`;
    const limitMs = fleetLimits.startMs + waiting.length * fleetLimits.startMsEach + toMs(this.options.readyNs ?? 0);
    this.startWatch = setTimeout(() => this.options.onProblem(`not ready within ${limitMs} ms: ${text}`), limitMs);
  }

  /** Power on when everyone is listening; who comes later is let go at once. */
  private powerOn(): void {
    if (this.startedNs > 0 || !this.all().every(({ ready }) => ready)) return;
    this.startedNs = this.options.zeroNs ?? monotonicNs();
    for (const member of this.members) this.letGo(member);
    this.strikes.begin();
    this.options.onPowerOn();
  }

  private letGo({ child }: Member): void {
    child.tell({ order: "go", startedNs: this.startedNs, healed: this.healed, spent: this.strikes.spent, dead: [...this.dead] });
  }

  private onReady(member: Member): void {
    member.ready = true;
    this.lengths.begin(member.child.spec);
    this.watchStart();
    if (this.startedNs === 0) this.powerOn();
    else if (this.members.has(member)) this.letGo(member);
  }

  // ---- steering ----

  /** Adds a fault to those of the plan, from now on. False if faults are off already. */
  inject(fault: Fault): boolean {
    if (this.healed || this.quitting || this.startedNs === 0) return false;
    this.faults.push(fault);
    for (const { child } of this.all()) child.tell({ order: "inject", fault: printFault(fault) });
    if (fault.fault === "second") this.startCoordinator(this.spares);
    this.strikes.added(this.now());
    return true;
  }

  /** Tells every coordinator that lives; one that is not in charge only keeps it in mind. */
  control(msg: Control): void {
    for (const member of this.members) {
      if (!isCoordinator(member)) continue;
      // It will say that it has finished.
      if (msg.do === "operate" && member.state === "finished") member.state = "busy";
      member.child.tell({ order: "control", msg });
    }
  }

  // ---- faults ----

  /** Tells the process of the actor, or lets it be asked again if one is about to start. Who is dead for good is not struck. */
  private strike({ index, actor }: Hit): boolean {
    const isHost = (spec: ProcessSpec): boolean => spec.role === "host" && spec.number === hostOf(this.options.layout, Number(actor));
    const isIt = actor === "coordinator" ? isCoordinator : ({ child }: Member): boolean => isHost(child.spec);
    const found = [...this.members].filter(isIt);
    const target = found.findLast(({ ready, dyingOf }) => ready && dyingOf === null);
    if (target === undefined) return found.length === 0 && this.starts.size === 0;
    target.owes++;
    target.child.tell({ order: "strike", hit: { index, actor } });
    return true;
  }

  private onHit(member: Member, spent: Spent, fatal: boolean): void {
    const fault = this.strikes.note(spent);
    if (this.strikes.isScheduled(spent)) member.owes--;
    if (this.quitting) return;
    // Lives of the coordinator may run beside one another, and a fault strikes one of them.
    if (spent.actor === "coordinator")
      for (const one of this.members) if (isCoordinator(one)) one.child.tell({ order: "spent", hit: spent });
    if (fault.fault === "second") this.startSecond();
    else if (fault.fault === "suspend") void this.suspend(member, fault.forNs);
    else if (fatal || fault.fault === "kill") {
      member.dyingOf = fault;
      member.state = "busy";
      if (!fatal) member.child.kill();
    } else if (restartAfterNs(fault) !== undefined) member.owes++;
  }

  private async suspend(member: Member, forNs: number): Promise<void> {
    member.owes++;
    await member.child.suspend(forNs);
    member.owes--;
    this.checkSettled();
  }

  // ---- reports ----

  private onReport(member: Member, report: Report): void {
    switch (report.report) {
      case "ready":
        this.onReady(member);
        break;
      case "fact":
        this.onFact(member, report.at, report.fact);
        break;
      case "settled":
        member.state = report.running < report.alive ? "busy" : "idle";
        break;
      case "hit":
        this.onHit(member, report.hit, report.fatal);
        break;
      case "miss":
        member.owes--;
        break;
      case "died":
        this.onDied(report.lives);
        break;
      case "up":
        member.owes--;
        member.state = "busy";
        for (const [cpu, incarnation] of report.lives) this.alive.set(cpu, incarnation);
        break;
      case "notice":
        this.options.onNotice(`${nameOf(member)}: ${report.text}`);
        break;
      case "gap":
        this.gaps.push(`${nameOf(member)}: ${report.text}`);
        break;
      case "wrote":
        this.lengths.tell(member.child.spec, report.bytes, report.again);
        break;
      case "problem":
        this.options.onProblem(`${nameOf(member)}: ${report.text}`);
        break;
      case "counts":
        this.counts.set(member, report.counts);
    }
    this.checkSettled();
  }

  private onFact(member: Member, at: number, fact: CoordinatorFact): void {
    if (fact.fact === "finished" || fact.fact === "stood-down") member.state = fact.fact;
    else if (fact.fact === "opened" || fact.fact === "took") member.state = "busy";
    this.options.onFact?.(at, fact);
  }

  /** A coordinator has finished, nobody is at work, and nothing is still to come. */
  checkSettled(): void {
    if (this.startedNs === 0 || this.strikes.size + this.starts.size > 0) return;
    let finished = false;
    for (const { ready, state, owes } of this.members) {
      if (!ready || state === "busy" || owes > 0) return;
      if (state === "finished") finished = true;
    }
    if (finished) this.options.onSettled();
  }

  // ---- deaths ----

  private onDied(lives: readonly CpuLifeId[]): void {
    for (const [cpu, incarnation] of lives) {
      this.alive.delete(cpu);
      this.dead.set(cpu, incarnation);
    }
    // Whoever is not up yet is told when it is let go.
    if (this.startedNs === 0) return;
    for (const { child, ready } of this.members) if (ready) child.tell({ order: "died", lives });
  }

  private onExit(member: Member, { kind, how }: Exit): void {
    if (kind === "killed" && !this.quitting) this.lengths.kill(member.child.spec);
    const wasSpare = this.spares.delete(member);
    this.members.delete(member);
    if (this.quitting) {
      if (kind === "failed") this.options.onNotice(`${nameOf(member)} ${how}`);
      return;
    }
    if (kind !== "killed") return this.options.onProblem(`${nameOf(member)} ${how}`);
    if (!wasSpare) this.afterKill(member);
    this.watchStart();
    this.powerOn();
    this.checkSettled();
  }

  private afterKill(member: Member): void {
    if (member.dyingOf === null)
      this.options.onNotice(`${nameOf(member)} was killed, and what it counted in its last ${countsMs} ms is lost`);
    if (isCoordinator(member)) this.afterCoordinator(member.dyingOf);
    else this.afterHost(member.child.spec.number, member.dyingOf);
  }

  /** Without a fault's doing somebody killed it: a machine keeps a coordinator. After a fault it comes back if the fault says so. */
  private afterCoordinator(fault: ActorFault | null): void {
    const afterNs = restartAfterNs(fault);
    if (fault === null) {
      if (++this.restarts > fleetLimits.coordinatorRestarts) this.options.onProblem(`the coordinator was killed ${this.restarts} times`);
      else this.starts.add(fleetLimits.coordinatorRestartMs * 1e6, () => this.startCoordinator());
    } else if (afterNs !== undefined) this.starts.add(afterNs, () => this.startCoordinator());
    else if (this.healed) this.keepCoordinator();
  }

  /** All of its CPUs have died with it. */
  private afterHost(host: number, fault: ActorFault | null): void {
    const lives: CpuLifeId[] = [];
    forEach(cpusOf(this.options.layout, host), (cpu) => {
      const incarnation = this.alive.get(cpu);
      if (incarnation !== undefined) lives.push([cpu, incarnation]);
    });
    this.onDied(lives);
    const afterNs = restartAfterNs(fault);
    if (afterNs === undefined) return;
    const next = lives.map(([cpu, incarnation]): CpuLifeId => [cpu, incarnation + 1]);
    this.starts.add(afterNs, () => this.startHost(host, next));
  }

  // ---- the end ----

  /** Every run ends healed: faults off, also those whose time has not come, and a coordinator lives. */
  heal(): void {
    this.healed = true;
    this.strikes.cancel();
    for (const { child } of this.members) {
      child.resume();
      child.tell({ order: "heal" });
    }
    this.keepCoordinator();
    this.checkSettled();
  }

  /** A coordinator that has stood down coordinates nothing. */
  private keepCoordinator(): void {
    if (![...this.members].some((member) => isCoordinator(member) && member.state !== "stood-down")) this.startCoordinator();
  }

  /** Asks every process to end in good order, then insists; one that is not ready has nothing to bring in order. */
  async quit(): Promise<void> {
    this.quitting = true;
    clearTimeout(this.startWatch);
    this.strikes.cancel();
    this.starts.cancel();
    for (const { child } of this.all()) child.resume();
    for (const { child, ready } of this.all()) ready ? child.tell({ order: "quit" }) : child.kill();
    for (const insist of [true, false]) {
      await endedWithin(this.all(), fleetLimits.quitMs + toMs(this.options.readyNs ?? 0));
      if (insist) for (const { child } of this.all()) child.kill();
    }
    for (const member of this.all()) this.options.onNotice(`${nameOf(member)} does not end, ${member.child.place}`);
  }

  /** What the processes have counted, as far as they have said. */
  counted(): ProcessCounts {
    return sumOf([...this.counts.values()], this.strikes.counts);
  }

  result(): FleetResult {
    // A process that ended before it was ready has begun none.
    const journals = [...this.journals].filter((path) => existsSync(path));
    const counted = this.counted();
    return { ...counted, journals, gaps: this.gaps, lengths: this.lengths.all(counted.reconnects) };
  }
}
