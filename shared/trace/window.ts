// A part of a run: some CPUs, some time. What was so before that time began is told at its beginning.
import { type CpuSet, has } from "../machine/cpuSet.ts";
import { type Actor, type Destination, isCoordinator } from "../machine/machine.ts";
import type { Moment, Of, Sent, Show } from "./moment.ts";

/** Coordinators are always shown. `toNs` is the last moment shown. */
export interface Window {
  readonly cpus: CpuSet;
  readonly fromNs: number;
  readonly toNs: number;
}

/** By their ranges: a broadcast to a million CPUs is one. */
const intersects = (a: CpuSet, b: CpuSet): boolean => {
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    if ((a[i + 1] as number) < (b[j] as number)) i += 2;
    else if ((b[j + 1] as number) < (a[i] as number)) j += 2;
    else return true;
  }
  return false;
};

const isOpening = ({ fact }: Of<"fact">): boolean => fact.fact === "opened" || fact.fact === "asked";

/** Lets through to `show` what is within the window. */
export class Through {
  private readonly window: Window;
  private readonly show: Show;
  /** What each CPU is at when the window begins. */
  private states = new Map<Actor, Of<"state">>();
  /** The epoch and the round that are under way then. */
  private opening: Of<"fact">[] = [];
  private hasBegun = false;

  constructor(window: Window, show: Show) {
    this.window = window;
    this.show = show;
  }

  readonly take: Show = (moment) => {
    if (!this.hasBegun) {
      if (moment.at < this.window.fromNs) return this.remember(moment);
      if (moment.is !== "missed") this.begin(moment.clock);
    }
    if (this.isWithin(moment.at) && this.isShown(moment)) this.show(this.seen(moment));
  };

  /** After the last moment. */
  finish(): void {
    if (!this.hasBegun) this.begin(0);
  }

  private remember(moment: Moment): void {
    if (moment.is === "state" && this.showsActor(moment.actor)) this.states.set(moment.actor, moment);
    if (moment.is !== "fact") return;
    const { fact } = moment;
    if (fact.fact === "opened" || fact.fact === "closed") this.opening = [];
    else if (fact.fact === "asked") this.opening = this.opening.filter((before) => before.fact.fact === "opened");
    if (isOpening(moment)) this.opening.push(moment);
  }

  private begin(clock: number): void {
    this.hasBegun = true;
    const at = this.window.fromNs;
    for (const moment of [...this.opening, ...this.states.values()]) this.show({ ...moment, at, clock: Math.min(clock, moment.clock) });
    this.states = new Map();
    this.opening = [];
  }

  private isWithin(at: number): boolean {
    return at >= this.window.fromNs && at <= this.window.toNs;
  }

  private showsActor(actor: Actor): boolean {
    return isCoordinator(actor) || has(this.window.cpus, actor);
  }

  /** A message is shown where both its ends are. */
  private isShown(moment: Moment): boolean {
    if (!this.showsActor(moment.actor)) return false;
    switch (moment.is) {
      case "sent":
        return this.showsDestination(moment.sent.to);
      case "arrived":
        return this.showsActor(moment.from);
      case "missed":
        return moment.by.some((actor) => this.showsActor(actor));
      default:
        return true;
    }
  }

  private showsDestination(to: Destination): boolean {
    return to === "coordinators" || intersects(to, this.window.cpus);
  }

  private seen(moment: Moment): Moment {
    if (moment.is === "missed") return { ...moment, by: moment.by.filter((actor) => this.showsActor(actor)) };
    if (moment.is !== "arrived" || moment.sent === null || this.showsSending(moment.sent)) return moment;
    return { ...moment, sent: null };
  }

  private showsSending({ from, at }: Sent): boolean {
    return this.isWithin(at) && this.showsActor(from);
  }
}
