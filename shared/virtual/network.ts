// The simulated interconnect: how long an IPI takes, and what the packet rules do to it.
import type { Profile } from "../kernel/profile.ts";
import { type Actor, isCoordinator } from "../machine/machine.ts";
import { exponential, type Random, stream } from "../machine/random.ts";
import type { PacketRules } from "../nemesis/packetRules.ts";
import type { Message, Phase } from "../protocol/messages.ts";
import type { PacketCounts } from "../protocol/observer.ts";

/** The phase that a message belongs to: a stop says it, everything else is of what its sender is at. */
export const phaseOf = (msg: Message, senderPhase: Phase | undefined): Phase | undefined =>
  msg.kind === "stop" ? msg.ask.do : senderPhase;

/** The coordinator runs beside CPU 0. */
const socketOf = (actor: Actor, profile: Profile): number => (isCoordinator(actor) ? 0 : Math.floor(actor / profile.cpusPerSocket));

export class Network {
  private readonly random: Random;
  private readonly profile: Profile;
  private readonly rules: PacketRules;
  private readonly counts: PacketCounts;
  /** The longest that any packet has taken, for the liveness bound. */
  slowestNs = 0;

  constructor(profile: Profile, seed: number, rules: PacketRules, counts: PacketCounts) {
    this.random = stream(seed, "network");
    this.profile = profile;
    this.rules = rules;
    this.counts = counts;
  }

  /** Hands `arrive` the delay of each copy that gets through: none, one or two. `order` is the packet's place in a broadcast. */
  carry(
    from: Actor,
    to: Actor,
    msg: Message,
    phase: Phase | undefined,
    at: number,
    order: number,
    arrive: (delayNs: number) => void,
  ): void {
    this.counts.sent++;
    const base = this.latency(from, to) + order * this.profile.sendNs;
    if (this.rules.none) {
      arrive(base);
      return;
    }
    const fate = this.rules.fate({ from, to, kind: msg.kind, phase, at });
    switch (fate.kind) {
      case "lost":
        this.counts.dropped++;
        return;
      case "delayed":
        this.counts.delayed++;
        arrive(base + fate.ns);
        return;
      case "copied":
        this.counts.duplicated++;
        arrive(base);
        arrive(base + fate.ns);
        return;
      case "pass":
        arrive(base);
    }
  }

  private latency(from: Actor, to: Actor): number {
    const { ipiNs } = this.profile;
    const near = socketOf(from, this.profile) === socketOf(to, this.profile);
    const ns = Math.round((near ? ipiNs.near : ipiNs.far) + exponential(this.random, ipiNs.jitter));
    if (ns > this.slowestNs) this.slowestNs = ns;
    return ns;
  }
}
