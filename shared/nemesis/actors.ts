// Whom a fault names, and when it strikes them.
import { type CpuSet, format, has, parse } from "../machine/cpuSet.ts";
import { type Actor, isCoordinator } from "../machine/machine.ts";
import { type Phase, phases } from "../protocol/messages.ts";
import { limits } from "../protocol/setup.ts";
import { peek, type Reader, take, takeOneOf } from "./reader.ts";
import { printDuration, takeDuration } from "./units.ts";

/** Some CPUs, or every life of the coordinator. */
export type Party = "coordinator" | CpuSet;

/** No machine has more CPUs, and every CPU that an actor fault names is remembered by itself. */
const cpusOf = (word: string): CpuSet | undefined => {
  const cpus = parse(word);
  return cpus !== undefined && (cpus.at(-1) ?? limits.cpus) < limits.cpus ? cpus : undefined;
};

const takeCpuList = (reader: Reader): CpuSet => take(reader, `a list of CPUs below ${limits.cpus} (like 0-3,8)`, cpusOf);

export const takeParty = (reader: Reader): Party =>
  takeOneOf(reader, "actor", ["cpu", "coordinator"]) === "coordinator" ? "coordinator" : takeCpuList(reader);

/** Of what no coordinator has: interrupts, a socket. */
export const takeCpus = (reader: Reader): CpuSet => {
  takeOneOf(reader, "actor", ["cpu"]);
  return takeCpuList(reader);
};

export const printParty = (party: Party): string => (party === "coordinator" ? party : `cpu ${format(party)}`);

export const isOf = (party: Party, actor: Actor): boolean => (party === "coordinator" ? isCoordinator(actor) : has(party, actor));

export const takePhase = (reader: Reader): Phase => takeOneOf(reader, "phase", phases);

/** What begins with a digit is no name: it tells `from 1ms` from `from cpu 7`. */
export const isNumberNext = (reader: Reader): boolean => /^\d/.test(peek(reader).text);

/** When an actor fault strikes: as a phase first reaches the actor, or at a time. */
export type Moment = { readonly phase: Phase } | { readonly atNs: number };

export const printMoment = (moment: Moment): string => ("phase" in moment ? `at ${moment.phase}` : `from ${printDuration(moment.atNs)}`);

/** What every fault has that strikes an actor at a moment. */
export interface Strike {
  readonly actor: Party;
  readonly when: Moment;
}

/** The clauses that say when an actor fault strikes. */
export const momentClauses = {
  at: (reader: Reader): { readonly when: Moment } => ({ when: { phase: takePhase(reader) } }),
  from: (reader: Reader): { readonly when: Moment } => ({ when: { atNs: takeDuration(reader) } }),
};

export const momentHint = '"at PHASE" or "from TIME"';
