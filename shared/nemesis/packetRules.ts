// The packet faults of a plan at work: each packet that an actor sends is given its fate.
//
// Every rule looks at every packet, also at one that an earlier rule takes; the first whose fate is not to pass wins. So what a rule
// counts and draws depends on no other rule: taking one out of a plan, as the minimiser does, leaves the others as they were.
// All draws and numbers belong to one sender. The virtual engine decides for all senders in one place, the live one at each
// sender for its own packets, and both come to the same; only a live process that starts again counts and draws from the start.
import { type Actor, actorName } from "../machine/machine.ts";
import { stream } from "../machine/random.ts";
import { type Fate, type Packet, pass } from "./packet.ts";
import { type FaultCount, startCounts } from "./plan.ts";
import { type Fault, isPacketFault, packetWord } from "./registry.ts";

export interface PacketRules {
  /** True if every packet passes, now and later: an engine need not ask then. */
  readonly none: boolean;
  readonly fate: (packet: Packet) => Fate;
  /** One more fault, after all others: what it draws is what it would have drawn had it been in the plan from the start. */
  readonly add: (fault: Fault) => void;
  /** From here on every packet passes. */
  readonly heal: () => void;
  /** Matched: packets that the fault selects. Applied: those that it struck. */
  readonly counts: () => readonly FaultCount[];
}

/** A rule with the count that it keeps and what it holds for each sender that it has met. */
const ruleAtWork = (fault: Fault, name: string, seed: number, count: FaultCount) => {
  if (!isPacketFault(fault)) return [];
  const { selects, forSender } = packetWord(fault).rule(fault);
  const senders = new Map<Actor, (packet: Packet) => Fate>();
  const fate = (packet: Packet): Fate => {
    if (!selects(packet)) return pass;
    count.matched++;
    let sender = senders.get(packet.from);
    if (sender === undefined) {
      sender = forSender(stream(seed, `${name}:${actorName(packet.from)}`));
      senders.set(packet.from, sender);
    }
    return sender(packet);
  };
  return [{ fate, count }];
};

export const packetRules = (faults: readonly Fault[], seed: number): PacketRules => {
  const known: Fault[] = [];
  const counts: FaultCount[] = [];
  const rules: ReturnType<typeof ruleAtWork> = [];
  const atWork = {
    // A plain value, for it is asked for each packet.
    none: true,
    add: (fault: Fault): void => {
      // A stream is named by its fault's word and place among those of the same word: faults of other words do not move it.
      const place = known.filter((earlier) => earlier.fault === fault.fault).length;
      const [count] = startCounts([fault]) as [FaultCount];
      known.push(fault);
      counts.push(count);
      rules.push(...ruleAtWork(fault, `nemesis:${fault.fault}${place}`, seed, count));
      atWork.none = rules.length === 0;
    },
    fate: (packet: Packet): Fate => {
      let fate = pass;
      for (const rule of rules) {
        const own = rule.fate(packet);
        if (own.kind === "pass" || fate.kind !== "pass") continue;
        rule.count.applied++;
        fate = own;
      }
      return fate;
    },
    heal: () => {
      rules.length = 0;
      atWork.none = true;
    },
    counts: () => counts,
  };
  for (const fault of faults) atWork.add(fault);
  return atWork;
};
