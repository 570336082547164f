// Every fault of the grammar, by its word: one line each.
import { burst } from "./faults/burst.ts";
import { corrupt } from "./faults/corrupt.ts";
import { crash } from "./faults/crash.ts";
import { delay } from "./faults/delay.ts";
import { drift } from "./faults/drift.ts";
import { drop } from "./faults/drop.ts";
import { duplicate } from "./faults/duplicate.ts";
import { irqsOff } from "./faults/irqsOff.ts";
import { kill } from "./faults/kill.ts";
import { nmi } from "./faults/nmi.ts";
import { outage } from "./faults/outage.ts";
import { partition } from "./faults/partition.ts";
import { pause } from "./faults/pause.ts";
import { reorder } from "./faults/reorder.ts";
import { second } from "./faults/second.ts";
import { slow } from "./faults/slow.ts";
import { suspend } from "./faults/suspend.ts";
import { unplug } from "./faults/unplug.ts";
import type { ConditionWord, FaultWord, PacketWord } from "./word.ts";

/** Of single packets. */
const packetWords = { drop, delay, duplicate, reorder, corrupt, burst, partition, outage };
/** At a moment. */
const actorWords = { pause, crash, second, nmi, unplug, kill, suspend };
/** All along. */
const conditionWords = { slow, "irqs-off": irqsOff, drift };
const words = { ...packetWords, ...actorWords, ...conditionWords };

type FaultsOf<Words extends Record<string, Pick<FaultWord<unknown>, "read">>> = ReturnType<Words[keyof Words]["read"]>;
type PacketFault = FaultsOf<typeof packetWords>;
type ConditionFault = FaultsOf<typeof conditionWords>;
export type ActorFault = FaultsOf<typeof actorWords>;
export type Fault = PacketFault | ActorFault | ConditionFault;
export type FaultName = Fault["fault"];

export const faultNames = Object.keys(words) as readonly FaultName[];

export const isPacketFault = (fault: Fault): fault is PacketFault => fault.fault in packetWords;
export const isActorFault = (fault: Fault): fault is ActorFault => fault.fault in actorWords;
export const isConditionFault = (fault: Fault): fault is ConditionFault => fault.fault in conditionWords;

/** When the fault lets the actor start again that it has ended; undefined if never, or if it ends nobody. */
export const restartAfterNs = (fault: ActorFault | null): number | undefined =>
  fault !== null && "restartAfterNs" in fault ? fault.restartAfterNs : undefined;

export const packetWord = (fault: PacketFault): PacketWord<PacketFault> => packetWords[fault.fault];
export const conditionWord = (fault: ConditionFault): ConditionWord<ConditionFault> => conditionWords[fault.fault];

export const faultWord = (name: FaultName): FaultWord<Fault> => words[name];
