// What comes of a step of the world: packets are posted, the register is written, and all that makes no difference is made the same.
import type { Register } from "../../protocol/messages.ts";
import type { Reached, Row } from "../search/system.ts";
import type { Outcome } from "./actors.ts";
import { empty } from "./inboxes.ts";
import { never } from "./layout.ts";
import { Scene } from "./scene.ts";
import { isFromNewerTerm, isStale } from "./stale.ts";
import type { Met } from "./stepwiseLife.ts";

/** A step of the world. `actor` is a place in the row. */
export type Step =
  | { readonly do: "deliver" | "copy"; readonly actor: number; readonly input: number; readonly met: Met | null }
  | { readonly do: "drop"; readonly actor: number; readonly input: number }
  | { readonly do: "timeout"; readonly actor: number; readonly timer: string; readonly checks: boolean }
  | { readonly do: "answer" | "arrive" | "crash" | "lose-write" | "start" | "second"; readonly actor: number }
  | { readonly do: "task"; readonly actor: number; readonly step: string };

/** An actor and its inbox. */
type Place = readonly [actor: number, inbox: number];

export class Aftermath extends Scene {
  /** What is being tried, while it is told of; and what the machine announced. */
  step: Step = { do: "start", actor: 0 };
  facts = 0;
  /** Steps of the state at hand that were told so far: the next one's number. */
  protected taken = 0;
  private readonly noFacts = this.judges.factsOf([]);
  /** What becomes of each actor with each inbox: while packets may still be lost or copied, and afterwards. */
  private readonly pruned: Array<Map<number, Place>> = [];
  private readonly absorbed: Array<Map<number, Place>> = [];

  protected write(next: Row, writer: number, record: Register | null): void {
    next[this.layout.register] = this.registers.id(record);
    for (let at = this.layout.cpus; at < this.layout.inboxes; at++) {
      if (at !== writer && next[at] !== never) next[at] = this.actors.outdate(next[at] as number);
    }
  }

  protected begin(state: Row, next: Row, step: Step): void {
    this.step = step;
    this.facts = this.noFacts;
    next.set(state);
  }

  /** A step that changes nothing is none. */
  protected doneIfChanged(state: Row, next: Row, reached: Reached): void {
    if (next.some((value, i) => state[i] !== value)) this.done(next, false, reached);
  }

  protected apply(next: Row, at: number, { actor, sent, facts }: Outcome): void {
    next[at] = actor;
    this.facts = facts;
    for (const { to, input } of sent) {
      if (to < 0) this.postToCoordinators(next, input);
      else this.post(next, to, input);
    }
  }

  private postToCoordinators(next: Row, input: number): void {
    for (let at = this.layout.cpus; at < this.layout.inboxes; at++)
      if (this.traitsAt(next, at)?.coordinator !== undefined) this.post(next, at, input);
  }

  private post(next: Row, to: number, input: number): void {
    next[this.layout.inboxOf(to)] = this.inboxes.add(next[this.layout.inboxOf(to)] as number, input);
  }

  protected done(next: Row, fault: boolean, reached: Reached): void {
    this.settle(next);
    const { judges, broken } = this.layout;
    next[judges] = this.judges.tell(next[judges] as number, this.facts);
    if (this.findingIn(next) !== undefined) next[broken] = 1;
    reached(this.taken++, fault);
  }

  /** Whoever keeps the rules does nothing with what is left out here. */
  private settle(next: Row): void {
    const { stale, fences, absorbs } = this.setup.reduces;
    const isSure = absorbs && !this.has(next, "drops") && !this.has(next, "copies");
    for (let at = 0; at < this.layout.inboxes; at++) {
      if ((stale || fences || isSure) && next[this.layout.inboxOf(at)] !== empty) this.prune(next, at, isSure);
      if (!fences || at < this.layout.cpus || !this.isInert(next, at)) continue;
      next[at] = this.actors.standDown(next[at] as number, next[this.layout.register] as number, this.recordIn(next) as Register);
      next[this.layout.inboxOf(at)] = empty;
    }
  }

  /** Takes out packets that can change nothing any more and, if none can be lost or copied, takes in acks whose arrival nobody sees. */
  private prune(next: Row, at: number, absorbs: boolean): void {
    const inbox = this.layout.inboxOf(at);
    const [actor, before] = [next[at] as number, next[inbox] as number];
    const memo = absorbs ? this.absorbed : this.pruned;
    memo[actor] ??= new Map();
    let after = (memo[actor] as Map<number, Place>).get(before);
    if (after === undefined) {
      after = this.afterPruning([actor, before], absorbs);
      (memo[actor] as Map<number, Place>).set(before, after);
    }
    next[at] = after[0];
    next[inbox] = after[1];
  }

  private afterPruning([actor, inbox]: Place, absorbs: boolean): Place {
    for (const input of this.inboxes.inputs(inbox)) {
      const silent = absorbs ? this.actors.absorbed(actor, input) : undefined;
      if (silent === undefined && !this.isDead(actor, input)) continue;
      return this.afterPruning([silent ?? actor, this.inboxes.remove(inbox, input)], absorbs);
    }
    return [actor, inbox];
  }

  private isDead(actor: number, input: number): boolean {
    const [who, what] = [this.actors.states.value(actor), this.actors.inputs.value(input)];
    const { stale, fences } = this.setup.reduces;
    return (stale && isStale(who, what)) || (fences && isFromNewerTerm(who, what));
  }

  /** What the register says to whoever asks now. */
  protected readFrom(next: Row): number {
    return this.actors.answer(next[this.layout.register] as number, this.recordIn(next));
  }
}
