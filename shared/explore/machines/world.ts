// The world of real machines as a system: CPUs, coordinators, what is on its way to each, the register, and what may still go wrong.
//
// Everything in its row is a number for something that was met before, so that a step is a look into tables. All there is to choose is
// here: which packet arrives, is lost or arrives twice, whose timer runs out, who crashes and who comes back.
import type { Register } from "../../protocol/messages.ts";
import type { Reached, Row, System } from "../search/system.ts";
import type { ActorState, Outcome } from "./actors.ts";
import { Aftermath, type Step } from "./aftermath.ts";
import { empty } from "./inboxes.ts";
import { left, never, packBudgets, spend } from "./layout.ts";
import { current } from "./settle.ts";
import type { ExploreSetup } from "./setup.ts";
import type { Traits } from "./traits.ts";

export class World extends Aftermath implements System {
  readonly width: number;
  readonly identity: number;
  readonly bits = 32;
  readonly initial: Row;

  /** `exact`: what monitors remember tells worlds apart too. */
  constructor(setup: ExploreSetup, exact = false) {
    super(setup);
    this.width = this.layout.width;
    this.identity = exact ? this.layout.width : this.layout.judges;
    this.initial = this.afterPowerOn();
  }

  successors(state: Row, next: Row, reached: Reached): void {
    this.taken = 0;
    if (state[this.layout.broken] === 1) return;
    const first = this.firstToAct(state);
    if (first >= 0) this.stepsFrom(state, next, first, reached);
    else this.stepsOfAll(state, next, reached);
  }

  /** Of one coordinator; and where others may come between its asking and the answer, of whoever may start beside it and write too. */
  private stepsFrom(state: Row, next: Row, first: number, reached: Reached): void {
    for (let at = this.layout.cpus; at < this.layout.inboxes; at++)
      if (at === first || (!this.setup.reduces.atomicRegister && state[at] === never)) this.stepsOfCoordinator(state, next, at, reached);
  }

  private stepsOfAll(state: Row, next: Row, reached: Reached): void {
    for (let cpu = 0; cpu < this.layout.cpus; cpu++) this.stepsOfCpu(state, next, cpu, reached);
    for (let life = 0; life < this.layout.lives; life++) this.stepsOfCoordinator(state, next, this.layout.coordinator(life), reached);
  }

  /** All CPUs are up, and the coordinator is about to open the first epoch: nothing that comes before depends on the model. */
  private afterPowerOn(): Row {
    const { layout } = this;
    let row = new Int32Array(layout.width).fill(never, 0, layout.inboxes);
    row[layout.register] = this.registers.id(null);
    row[layout.budgets] = packBudgets(this.setup.budgets);
    row[layout.judges] = this.judges.initial();
    const next = new Int32Array(layout.width);
    const keep = (): void => {
      row = Int32Array.from(next);
    };
    this.startCoordinator(row, next, layout.cpus, { do: "start", actor: layout.cpus }, keep);
    for (let cpu = 0; cpu < layout.cpus; cpu++) {
      this.begin(row, next, { do: "start", actor: cpu });
      this.apply(next, cpu, this.actors.startCpu(cpu, 1));
      this.done(next, false, keep);
    }
    while (this.powerUp(row, next)) keep();
    this.fire(row, next, layout.cpus, "boot", false, keep);
    return row;
  }

  /** One more step of that: the register answers before packets arrive. */
  private powerUp(row: Row, next: Row): boolean {
    const coordinator = this.actorAt(row, this.layout.cpus) as ActorState & { kind: "coordinator" };
    let chosen: Row | undefined;
    let isAnswer = false;
    this.stepsOfAll(row, next, (_, fault) => {
      const answers = this.step.do === "answer" && coordinator.state.purpose !== "open";
      if (fault || isAnswer || !(answers || (chosen === undefined && this.step.do === "deliver"))) return;
      chosen = Int32Array.from(next);
      isAnswer = answers;
    });
    if (chosen !== undefined) next.set(chosen);
    return chosen !== undefined;
  }

  // ---- who may do what ----

  private stepsOfCpu(state: Row, next: Row, cpu: number, reached: Reached): void {
    const { actor, timers } = this.traitsAt(state, cpu) as Traits;
    if (actor.kind === "cpu") {
      this.deliveries(state, next, cpu, reached);
      for (const timer of timers) {
        if (!this.mayFire(state, actor, timer)) continue;
        for (const outcome of this.actors.take(state[cpu] as number, this.actors.timeout(timer))) {
          this.begin(state, next, { do: "timeout", actor: cpu, timer, checks: false });
          if (timer === "call") spend(next, this.layout.budgets, "calls");
          this.apply(next, cpu, outcome);
          this.doneIfChanged(state, next, reached);
        }
      }
      this.taskSteps(state, next, cpu, reached);
      if (this.has(state, "cpuCrashes")) this.crashCpu(state, next, cpu, actor.state.incarnation, reached);
    } else if (actor.kind === "dead") {
      this.drops(state, next, cpu, reached);
      this.begin(state, next, { do: "start", actor: cpu });
      this.apply(next, cpu, this.actors.startCpu(cpu, actor.incarnation + 1));
      this.tellDeaths(next, cpu);
      this.done(next, false, reached);
    }
  }

  private stepsOfCoordinator(state: Row, next: Row, at: number, reached: Reached): void {
    const traits = this.traitsAt(state, at);
    if (traits === undefined) {
      if (at === this.layout.cpus || state[at - 1] !== never) this.starts(state, next, at, reached);
      return;
    }
    const { actor, awaits, coordinator } = traits;
    if (actor.kind === "gone" && awaits) this.arrive(state, next, at, actor, reached);
    if (actor.kind !== "coordinator" || coordinator === undefined) return;
    if (actor.proposal !== null) this.answer(state, next, at, actor.proposal, reached);
    // What comes while the register is being asked waits for its answer; it may as well arrive after it.
    else this.inputsOf(state, next, at, traits, reached);
    if (this.has(state, "coordinatorCrashes")) this.crashCoordinator(state, next, at, actor, reached);
  }

  private inputsOf(state: Row, next: Row, at: number, { timers, asked }: Traits, reached: Reached): void {
    this.deliveries(state, next, at, reached);
    for (const timer of timers) {
      if (this.mayRunOut(state, at, timer, asked)) this.fire(state, next, at, timer, false, reached);
      // After so many resends a coordinator asks the register, which makes a difference only if somebody else may hold the term; and then
      // it stands down, which to others is no more than saying nothing any more.
      const checks = timer === "resend" && asked !== undefined && !this.setup.reduces.fences && this.isRivalled(state, at);
      if (checks) this.fire(state, next, at, timer, true, reached);
    }
  }

  /** Of a round that is asked again only those packets are sent that make a difference. */
  private fire(state: Row, next: Row, at: number, timer: string, checks: boolean, reached: Reached): void {
    this.begin(state, next, { do: "timeout", actor: at, timer, checks });
    if (timer === "check" && this.isAnyBehind(state)) spend(next, this.layout.budgets, "checks");
    if (checks) next[at] = this.actors.afterManyTries(next[at] as number);
    const [outcome] = this.actors.take(next[at] as number, this.actors.timeout(timer)) as readonly [Outcome];
    const { asked } = this.traitsAt(state, at) as Traits;
    const sent = timer === "resend" ? outcome.sent.filter(({ to }) => to < 0 || this.mayAskAgain(state, at, asked, to)) : outcome.sent;
    this.apply(next, at, { ...outcome, sent });
    this.doneIfChanged(state, next, reached);
  }

  private starts(state: Row, next: Row, at: number, reached: Reached): void {
    const started = at - this.layout.cpus;
    const { coordinatorCrashes, secondCoordinator } = this.setup.budgets;
    const crashed = coordinatorCrashes - left(state[this.layout.budgets] as number, "coordinatorCrashes");
    const second = secondCoordinator - left(state[this.layout.budgets] as number, "secondCoordinator");
    if (started < 1 + crashed + second) this.startCoordinator(state, next, at, { do: "start", actor: at }, reached);
    else if (this.has(state, "secondCoordinator")) this.startCoordinator(state, next, at, { do: "second", actor: at }, reached);
  }

  private startCoordinator(state: Row, next: Row, at: number, step: Step, reached: Reached): void {
    this.begin(state, next, step);
    if (step.do === "second") spend(next, this.layout.budgets, "secondCoordinator");
    this.apply(next, at, this.actors.startCoordinator(at - this.layout.cpus));
    this.tellDeaths(next, at);
    this.done(next, step.do === "second", reached);
  }

  /** Arrives, is lost, arrives and is still in flight. */
  private deliveries(state: Row, next: Row, at: number, reached: Reached): void {
    const inbox = this.layout.inboxOf(at);
    const set = state[inbox] as number;
    for (const input of this.inboxes.inputs(set)) {
      for (const outcome of this.actors.take(state[at] as number, input)) {
        this.begin(state, next, { do: "deliver", actor: at, input, met: outcome.met });
        next[inbox] = this.inboxes.remove(set, input);
        this.apply(next, at, outcome);
        this.done(next, false, reached);
      }
      if (this.actors.inputs.value(input).kind !== "deliver" || !this.has(state, "copies")) continue;
      for (const outcome of this.actors.take(state[at] as number, input)) {
        this.begin(state, next, { do: "copy", actor: at, input, met: outcome.met });
        spend(next, this.layout.budgets, "copies");
        this.apply(next, at, outcome);
        this.done(next, true, reached);
      }
    }
    this.drops(state, next, at, reached);
  }

  private drops(state: Row, next: Row, at: number, reached: Reached): void {
    if (!this.has(state, "drops")) return;
    const inbox = this.layout.inboxOf(at);
    const set = state[inbox] as number;
    for (const input of this.inboxes.inputs(set)) {
      if (this.actors.inputs.value(input).kind !== "deliver") continue;
      this.begin(state, next, { do: "drop", actor: at, input });
      spend(next, this.layout.budgets, "drops");
      next[inbox] = this.inboxes.remove(set, input);
      this.done(next, true, reached);
    }
  }

  private taskSteps(state: Row, next: Row, cpu: number, reached: Reached): void {
    for (const step of (this.traitsAt(state, cpu) as Traits).taskSteps) {
      this.begin(state, next, { do: "task", actor: cpu, step });
      this.apply(next, cpu, this.actors.takeTaskStep(state[cpu] as number, step));
      this.done(next, false, reached);
    }
  }

  // ---- what comes of it ----

  private crashCpu(state: Row, next: Row, cpu: number, incarnation: number, reached: Reached): void {
    this.begin(state, next, { do: "crash", actor: cpu });
    spend(next, this.layout.budgets, "cpuCrashes");
    next[cpu] = this.actors.states.id({ kind: "dead", cpu, incarnation });
    const notice = this.actors.notice(cpu, incarnation);
    for (let at = 0; at < this.layout.inboxes; at++) this.tellDeath(next, at, notice);
    this.done(next, true, reached);
  }

  /** CPUs need to know of deaths only because of calls. */
  private tellDeath(next: Row, at: number, notice: number): void {
    const actor = this.actorAt(next, at);
    const cares =
      actor?.kind === "coordinator" ? actor.state.activity !== "stood-down" : actor?.kind === "cpu" && this.setup.budgets.calls > 0;
    if (cares) next[this.layout.inboxOf(at)] = this.inboxes.add(next[this.layout.inboxOf(at)] as number, notice);
  }

  /** Whoever starts is told of every life that has ended. */
  private tellDeaths(next: Row, at: number): void {
    for (let cpu = 0; cpu < this.layout.cpus; cpu++) {
      const actor = this.actorAt(next, cpu);
      const dead = actor?.kind === "dead" ? actor.incarnation : actor?.kind === "cpu" ? actor.state.incarnation - 1 : 0;
      if (dead > 0 && cpu !== at) this.tellDeath(next, at, this.actors.notice(cpu, dead));
    }
  }

  /** With what it wrote last lost on its way, or still to arrive: nobody is left to hear the answer. */
  private crashCoordinator(state: Row, next: Row, at: number, { proposal }: ActorState & { kind: "coordinator" }, reached: Reached): void {
    const mayArrive = proposal?.revision === current;
    for (const arrives of mayArrive ? [false, true] : [false]) {
      this.begin(state, next, { do: mayArrive && !arrives ? "lose-write" : "crash", actor: at });
      spend(next, this.layout.budgets, "coordinatorCrashes");
      next[at] = this.actors.states.id({ kind: "gone", proposal: arrives ? proposal : null });
      next[this.layout.inboxOf(at)] = empty;
      this.done(next, true, reached);
    }
  }

  /** What somebody wrote who has crashed since arrives after all. */
  private arrive(state: Row, next: Row, at: number, { proposal }: ActorState & { kind: "gone" }, reached: Reached): void {
    this.begin(state, next, { do: "arrive", actor: at });
    this.write(next, at, proposal?.record ?? null);
    next[at] = this.actors.states.id({ kind: "gone", proposal: null });
    this.done(next, false, reached);
  }

  /** The register takes what was written to its current revision, and says what stands there now. */
  private answer(
    state: Row,
    next: Row,
    at: number,
    { revision, record }: { revision: number; record: Register | null },
    reached: Reached,
  ): void {
    this.begin(state, next, { do: "answer", actor: at });
    if (revision === current) this.write(next, at, record);
    this.apply(next, at, this.actors.take(next[at] as number, this.readFrom(next))[0] as Outcome);
    this.done(next, false, reached);
  }
}
