// What becomes of the packets that the actors of a process say, by the rules of the plan; and how many there were.
import type { Actor } from "../../machine/machine.ts";
import { type PacketRules, packetRules } from "../../nemesis/packetRules.ts";
import type { Plan } from "../../nemesis/plan.ts";
import { isRoundMessage, type Message } from "../../protocol/messages.ts";
import { noPackets, type PacketCounts } from "../../protocol/observer.ts";
import { saidIn } from "../../protocol/wire/answers.ts";
import type { Living } from "./living.ts";

/** What becomes of a packet that does not leave now as it is. */
export interface Mishaps {
  readonly late: () => void;
  /** Sends it damaged, when the turn is over. */
  readonly damaged: (clock: number) => void;
}

export class Packets {
  readonly counts: PacketCounts = noPackets();
  readonly rules: PacketRules;
  private readonly later: (afterNs: number, act: () => void) => void;
  /** They leave at the end of the turn, each in a frame of its own. */
  private damaged: Array<(clock: number) => void> = [];

  constructor({ faults, seed }: Plan, later: Packets["later"]) {
    this.rules = packetRules(faults, seed);
    this.later = later;
  }

  /** Whether a packet leaves at `at` as it is. CPUs that say the same with one voice have each said it. */
  passes(from: Living, to: Actor, msg: Message, at: number, { late, damaged }: Mishaps): boolean {
    const { counts, rules } = this;
    counts.sent += msg.kind === "ack" ? saidIn(msg) : 1;
    if (rules.none) return true;
    const phase = isRoundMessage(msg) ? msg.ask.do : from.phase;
    const fate = rules.fate({ from: from.actor, to, kind: msg.kind, phase, at });
    switch (fate.kind) {
      case "pass":
        return true;
      case "lost":
        counts.dropped++;
        return false;
      case "delayed":
        counts.delayed++;
        this.later(fate.ns, late);
        return false;
      case "copied":
        counts.duplicated++;
        this.later(fate.ns, late);
        return true;
      case "corrupted":
        counts.corrupted++;
        this.damaged.push(damaged);
        return false;
    }
  }

  /** The turn is over. */
  leaveDamaged(clock: number): void {
    if (this.damaged.length > 0) for (const leave of this.damaged.splice(0)) leave(clock);
  }
}
