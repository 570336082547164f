// Every fault of the grammar, by its word: one line each.
import { crash } from "./faults/crash.ts";
import { delay } from "./faults/delay.ts";
import { drop } from "./faults/drop.ts";
import { duplicate } from "./faults/duplicate.ts";
import { pause } from "./faults/pause.ts";
import { second } from "./faults/second.ts";
import type { FaultWord, PacketWord } from "./word.ts";

const packetWords = { drop, delay, duplicate };
const actorWords = { pause, crash, second };
const words = { ...packetWords, ...actorWords };

type FaultsOf<Words extends Record<string, Pick<FaultWord<unknown>, "read">>> = ReturnType<Words[keyof Words]["read"]>;
type PacketFault = FaultsOf<typeof packetWords>;
export type ActorFault = FaultsOf<typeof actorWords>;
export type Fault = PacketFault | ActorFault;
export type FaultName = Fault["fault"];

export const faultNames = Object.keys(words) as readonly FaultName[];

export const isPacketFault = (fault: Fault): fault is PacketFault => fault.fault in packetWords;

export const packetWord = (fault: PacketFault): PacketWord<PacketFault> => packetWords[fault.fault];

export const faultWord = (name: FaultName): FaultWord<Fault> => words[name];
