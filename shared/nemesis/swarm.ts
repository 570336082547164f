// A swarm of fault plans: each run draws its own few kinds of faults, and how much of each, from its seed.
//
// Most kinds are off in any one run, for faults hide each other: who is dead sends no stale ack (Groce et al., Swarm Testing, ISSTA 2012).
// Each kind draws from a stream of its own, so that a new kind changes no plan of the others.
import type { Model } from "../consistency/model.ts";
import { type CpuSet, oneCpu } from "../machine/cpuSet.ts";
import { below, type Random, stream, uniform } from "../machine/random.ts";
import { type MessageKind, messageKinds, type Phase, phases } from "../protocol/messages.ts";
import type { Moment, Party } from "./actors.ts";
import type { Fault, FaultName } from "./registry.ts";
import type { Span } from "./units.ts";
import type { Window } from "./window.ts";

/** What there is to strike. */
export interface Target {
  readonly cpus: number;
  readonly model: Model;
}

/** How likely a kind of fault is to be there at all. */
const kindChance = 0.15;

/** How many of a kind there are at most. */
const mostOfAKind = 2;

export const swarmPlan = (seed: number, target: Target): readonly Fault[] =>
  kinds.flatMap(([name, make]) => {
    const draw = new Draw(stream(seed, `swarm ${name}`), target);
    if (!draw.happens(kindChance)) return [];
    return Array.from({ length: 1 + draw.below(mostOfAKind) }, () => make(draw));
  });

/** What all faults draw: whom, when, how much. Durations lie between a message and a few attempts of a small machine. */
class Draw {
  private readonly random: Random;
  private readonly target: Target;

  constructor(random: Random, target: Target) {
    this.random = random;
    this.target = target;
  }

  happens(probability: number): boolean {
    return uniform(this.random) < probability;
  }

  below(limit: number): number {
    return below(this.random, limit);
  }

  pick<T>(from: readonly T[]): T {
    return from[this.below(from.length)] as T;
  }

  /** From a microsecond to ten milliseconds, each order of magnitude alike, with two digits. */
  durationNs(): number {
    return (10 + this.below(90)) * this.pick([100, 1_000, 10_000, 100_000]);
  }

  span(): Span {
    const [lowNs = 0, highNs = 0] = [this.durationNs(), this.durationNs()].toSorted((a, b) => a - b);
    return { lowNs, highNs };
  }

  share(): { readonly percent: number } {
    return { percent: 1 + this.below(30) };
  }

  cpu(): CpuSet {
    return oneCpu(this.below(this.target.cpus));
  }

  party(): Party {
    return this.happens(0.4) ? "coordinator" : this.cpu();
  }

  phase(): Phase {
    return this.pick(phasesOf(this.target.model));
  }

  moment(): Moment {
    return this.happens(0.8) ? { phase: this.phase() } : { atNs: this.durationNs() };
  }

  /** Packets of every kind, of one kind, or of one phase. */
  packets(): { readonly kind: MessageKind | "any"; readonly during?: Phase } {
    const kind = this.happens(0.3) ? "any" : this.pick(messageKinds.filter((name) => name !== "control"));
    return this.happens(0.3) ? { kind, during: this.phase() } : { kind };
  }

  restart(): { readonly restartAfterNs?: number } {
    return this.happens(0.75) ? { restartAfterNs: this.durationNs() } : {};
  }

  /** The whole run, or a stretch of it. */
  window(): { readonly window?: Window } {
    return this.happens(0.5) ? { window: { fromNs: this.durationNs(), forNs: this.durationNs() } } : {};
  }

  /** Whom one actor cannot hear: all that come after it, or the coordinator. */
  others(cpu: number): Party {
    return cpu + 1 === this.target.cpus || this.happens(0.5) ? "coordinator" : [cpu + 1, this.target.cpus - 1];
  }
}

/** What the coordinator of such a model may ask. */
const phasesOf = ({ gradual }: Model): readonly Phase[] => {
  const stops = phases.indexOf("exit") + 1;
  return gradual === null ? phases.slice(0, stops) : phases.slice(stops);
};

const partition = (draw: Draw): Fault => {
  const one = draw.cpu();
  const oneWay = draw.happens(0.5) ? ({ oneWay: true } as const) : {};
  const window = { fromNs: draw.durationNs(), forNs: draw.durationNs() };
  return { fault: "partition", one, other: draw.others(one[0] as number), ...oneWay, window };
};

const irqsOff = (draw: Draw): Fault => {
  const forNs = draw.durationNs();
  return { fault: "irqs-off", actor: draw.cpu(), everyNs: forNs + draw.durationNs(), forNs, ...draw.window() };
};

const burst = (draw: Draw): Fault => {
  const lasting = 1 + draw.below(8);
  return { fault: "burst", ...draw.packets(), lasting, every: lasting + 5 + draw.below(95) };
};

const drift = (draw: Draw): Fault => {
  const ppm = (draw.happens(0.5) ? 1 : -1) * (1 + draw.below(100_000));
  return { fault: "drift", actor: draw.party(), ppm, ...draw.window() };
};

/** In the order of the registry; what only a live machine can suffer is left out. */
const kinds: ReadonlyArray<readonly [FaultName, (draw: Draw) => Fault]> = [
  ["drop", (draw) => ({ fault: "drop", share: draw.share(), ...draw.packets() })],
  ["delay", (draw) => ({ fault: "delay", by: draw.span(), share: draw.share(), ...draw.packets() })],
  ["duplicate", (draw) => ({ fault: "duplicate", share: draw.share(), after: draw.span(), ...draw.packets() })],
  ["reorder", (draw) => ({ fault: "reorder", share: draw.share(), withinNs: draw.durationNs(), ...draw.packets() })],
  ["corrupt", (draw) => ({ fault: "corrupt", share: draw.share(), ...draw.packets() })],
  ["burst", burst],
  ["partition", partition],
  ["pause", (draw) => ({ fault: "pause", actor: draw.party(), when: draw.moment(), forNs: draw.durationNs() })],
  ["crash", (draw) => ({ fault: "crash", actor: draw.party(), when: draw.moment(), ...draw.restart() })],
  ["second", (draw) => ({ fault: "second", actor: "coordinator", when: draw.moment() })],
  ["nmi", (draw) => ({ fault: "nmi", actor: draw.cpu(), when: draw.moment() })],
  ["unplug", (draw) => ({ fault: "unplug", actor: draw.cpu(), when: draw.moment(), ...draw.restart() })],
  ["slow", (draw) => ({ fault: "slow", actor: draw.party(), factor: 2 + draw.below(30), ...draw.window() })],
  ["irqs-off", irqsOff],
  ["drift", drift],
];
