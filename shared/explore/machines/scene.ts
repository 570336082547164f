// What can be told from the row of a world: who is there, what is on its way, and which of the many things that might happen make sense.
import type { CpuState } from "../../protocol/cpu/state.ts";
import type { Message, Register } from "../../protocol/messages.ts";
import type { Row } from "../search/system.ts";
import { type ActorState, Actors } from "./actors.ts";
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
  private readonly messagesIn: Array<readonly Message[] | undefined> = [];

  constructor(setup: ExploreSetup) {
    this.setup = setup;
    this.layout = new Layout(setup.cpus, setup.budgets);
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
   * A coordinator that waits for the register's answer, while nobody else can write to it: the answer, its own crash and the start of
   * another neither touch nor are touched by what CPUs may do meanwhile, so they are taken first. That facts which have no cause between
   * them come in one order only makes no difference to monitors.
   */
  protected firstToAct(state: Row): number {
    let first = -1;
    for (let at = this.layout.cpus; at < this.layout.inboxes; at++) {
      const traits = this.traitsAt(state, at);
      if (traits?.actor.kind === "gone" && traits.awaits) return -1;
      if (traits?.isActive !== true) continue;
      if (first >= 0) return -1;
      first = at;
    }
    return first >= 0 && this.traitsAt(state, first)?.awaits === true ? first : -1;
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
    return mayAskAgain(asked.stamp, cpu, actor, this.messages(state, cpu), this.messages(state, at), this.setup.prunes);
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
