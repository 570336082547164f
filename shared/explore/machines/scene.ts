// What can be told from the row of a world: who is there, what is on its way, and which of the many things that might happen make sense.
import type { CoordinatorState } from "../../protocol/coordinator/state.ts";
import type { CpuState } from "../../protocol/cpu/state.ts";
import type { Message, Register } from "../../protocol/messages.ts";
import type { Row } from "../search/system.ts";
import { type ActorState, Actors } from "./actors.ts";
import { isFenced, isInert } from "./fences.ts";
import { Inboxes } from "./inboxes.ts";
import { type Finding, Judges } from "./judges.ts";
import { Layout, left, never } from "./layout.ts";
import { Interner } from "./plain.ts";
import { mayAskAgain, mayCallAgain, mayGreetAgain } from "./repeats.ts";
import { type Budgets, type ExploreSetup, lifeOptions, machinesOf } from "./setup.ts";
import type { StepwiseLife } from "./stepwiseLife.ts";
import type { Traits } from "./traits.ts";

export class Scene {
  readonly actors: Actors;
  readonly judges: Judges;
  readonly layout: Layout;
  readonly registers = new Interner<Register | null>();
  protected readonly inboxes: Inboxes;
  protected readonly setup: ExploreSetup;
  private readonly cpus: readonly number[];
  private readonly messagesIn: Array<readonly Message[] | undefined> = [];

  constructor(setup: ExploreSetup) {
    this.setup = setup;
    this.layout = new Layout(setup.cpus, setup.budgets);
    this.cpus = Array.from({ length: setup.cpus }, (_, cpu) => cpu);
    this.judges = new Judges(setup.model, setup.cpus);
    this.actors = new Actors(machinesOf(setup), lifeOptions(setup), (facts) => this.judges.factsOf(facts));
    this.inboxes = new Inboxes((a, b) => this.actors.inputs.compare(a, b));
  }

  actorAt(state: Row, actor: number): ActorState | undefined {
    return this.traitsAt(state, actor)?.actor;
  }

  /** Undefined of a coordinator life that has not begun. */
  protected traitsAt(state: Row, actor: number): Traits | undefined {
    const id = state[actor] as number;
    return id === never ? undefined : this.actors.traits(id);
  }

  /** What is on its way to it, by the numbers of inputs. */
  packetsTo(state: Row, at: number): readonly number[] {
    return this.inboxes.inputs(state[this.layout.inboxOf(at)] as number);
  }

  /** What may go wrong, or happen so often only. */
  get budgets(): ReadonlyArray<keyof Budgets> {
    return Object.keys(this.setup.budgets) as ReadonlyArray<keyof Budgets>;
  }

  findingIn(state: Row): Finding | undefined {
    return this.judges.findingIn(state[this.layout.judges] as number);
  }

  protected mayRunOut(state: Row, at: number, timer: string, asked: Traits["asked"]): boolean {
    if (timer === "resend") return asked?.missing.some((cpu) => this.mayAskAgain(state, at, asked, cpu)) === true;
    return timer !== "check" || this.has(state, "checks") || !this.isAnyBehind(state);
  }

  protected isAnyBehind(state: Row): boolean {
    for (let cpu = 0; cpu < this.layout.cpus; cpu++) if (this.traitsAt(state, cpu)?.isBehind === true) return true;
    return false;
  }

  /**
   * A coordinator that waits for the register's answer, or -1. Between asking and answer it does nothing else (C4), and whatever others
   * do meanwhile they may as well do before it asks or after its answer: so the answer comes at once. Machines that break rules may make
   * something of what comes between, and so it does only while nobody else can write. That facts which have no cause between them come
   * in one order only makes no difference to monitors.
   *
   * That does not cover whoever starts: it reads, and then takes the term in the same step, though reading and a rival's write cannot be
   * swapped. A take that loses is so tried only where this is not left out (test/explore/reductions.test.ts).
   */
  protected firstToAct(state: Row): number {
    for (let at = this.layout.cpus; at < this.layout.inboxes; at++) {
      const traits = this.traitsAt(state, at);
      if (traits?.coordinator !== undefined && traits.awaits) return this.setup.reduces.atomicRegister || this.isAlone(state, at) ? at : -1;
    }
    return -1;
  }

  /** Nobody else can write to the register. */
  private isAlone(state: Row, at: number): boolean {
    for (let other = this.layout.cpus; other < this.layout.inboxes; other++) {
      const traits = this.traitsAt(state, other);
      if (other !== at && (traits?.coordinator !== undefined || traits?.awaits === true)) return false;
    }
    return true;
  }

  protected recordIn(state: Row): Register | null {
    return this.registers.value(state[this.layout.register] as number);
  }

  protected isFenced(state: Row, at: number): boolean {
    const coordinator = this.traitsAt(state, at)?.coordinator;
    return coordinator !== undefined && isFenced(coordinator, this.recordIn(state));
  }

  protected isInert(state: Row, at: number): boolean {
    if (!this.isFenced(state, at)) return false;
    const coordinator = this.traitsAt(state, at)?.coordinator as CoordinatorState;
    const cpus = this.cpus.map((cpu) => this.actorAt(state, cpu) as ActorState);
    const { told, topology, budgets } = this.setup;
    // An ack that a combiner holds may still come, whatever its CPU has obeyed since.
    const stops = told.gradual === null && topology.shape === "flat";
    return isInert(coordinator, cpus, this.messages(state, at), { stops, shrinks: budgets.cpuCrashes > 0 });
  }

  /** Another coordinator has begun its life. */
  protected isRivalled(state: Row, at: number): boolean {
    for (let other = this.layout.cpus; other < this.layout.inboxes; other++) if (other !== at && state[other] !== never) return true;
    return false;
  }

  protected mayFire(state: Row, { state: cpu }: ActorState & { kind: "cpu" }, timer: string): boolean {
    switch (timer) {
      case "hello":
        return this.mayGreet(state, cpu);
      case "call":
        return this.has(state, "calls");
      case "call-again": {
        const callee = cpu.call?.callee ?? 0;
        return mayCallAgain(cpu, this.actorAt(state, callee) as ActorState, this.messages(state, cpu.cpu), this.messages(state, callee));
      }
      case "hold-limit":
        return !this.isLimited(state);
      default:
        // `gathered` is set for just the moment at which the task is held, and comes with that step.
        return timer !== "gathered";
    }
  }

  /** Longer than the limit, and set later: a hold limit runs out first only if no coordinator has armed that limit any more (R8). */
  protected isLimited(state: Row): boolean {
    for (let at = this.layout.cpus; at < this.layout.inboxes; at++) if (this.traitsAt(state, at)?.isLimited === true) return true;
    return false;
  }

  protected mayGreet(state: Row, cpu: CpuState<StepwiseLife>): boolean {
    for (let at = this.layout.cpus; at < this.layout.inboxes; at++) {
      const actor = this.actorAt(state, at);
      if (actor?.kind !== "coordinator") continue;
      if (mayGreetAgain(cpu, actor.state, this.messages(state, cpu.cpu), this.messages(state, at))) return true;
    }
    return false;
  }

  /** True if asking this CPU again makes a difference. */
  protected mayAskAgain(state: Row, at: number, asked: Traits["asked"], cpu: number): boolean {
    if (asked === undefined || !asked.missing.includes(cpu)) return false;
    const actor = this.actorAt(state, cpu) as ActorState;
    return mayAskAgain(asked.stamp, cpu, actor, this.messages(state, cpu), this.messages(state, at), this.setup.reduces.stale);
  }

  protected has(state: Row, budget: keyof Budgets): boolean {
    return left(state[this.layout.budgets] as number, budget) > 0;
  }

  protected messages(state: Row, at: number): readonly Message[] {
    const inbox = state[this.layout.inboxOf(at)] as number;
    this.messagesIn[inbox] ??= this.inboxes.inputs(inbox).flatMap((id) => {
      const input = this.actors.inputs.value(id);
      return input.kind === "deliver" ? [input.msg] : [];
    });
    return this.messagesIn[inbox];
  }
}
