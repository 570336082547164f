// CPUs that nothing tells apart say the same things, each with its own number: what that means for an output.
import type { CpuSet } from "../../machine/cpuSet.ts";
import { oneCpu } from "../../machine/cpuSet.ts";
import type { Fact } from "../facts.ts";
import type { Message } from "../messages.ts";
import type { AnyOutput } from "../observer.ts";

/** True of the set of this CPU alone. */
export const isOne = (cpus: CpuSet, cpu: number): boolean => cpus.length === 2 && cpus[0] === cpu && cpus[1] === cpu;

/** The message as `cpu` says it instead of `of`. */
const messageOf = <Said extends Message>(msg: Said, of: number, cpu: number): Said => {
  if ("cpus" in msg && isOne(msg.cpus, of)) return { ...msg, cpus: oneCpu(cpu) };
  return "cpu" in msg && msg.cpu === of ? { ...msg, cpu } : msg;
};

const factOf = (fact: Fact, of: number, cpu: number): Fact => ("cpu" in fact && fact.cpu === of ? { ...fact, cpu } : fact);

/** The output as `cpu` makes it instead of `of`. */
export const outputOf = (output: AnyOutput, of: number, cpu: number): AnyOutput => {
  if (output.kind === "announce") return { kind: "announce", fact: factOf(output.fact, of, cpu) };
  return output.kind === "send" ? { ...output, msg: messageOf(output.msg, of, cpu) } : output;
};

/** True of plain data that is the same. */
export const isSame = (a: unknown, b: unknown): boolean => {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a)) return Array.isArray(b) && a.length === b.length && a.every((item, i) => isSame(item, b[i]));
  return hasSameFields(a, b);
};

type Fields = Readonly<Record<string, unknown>>;

/** But for the fields named. */
export const hasSameFields = (a: object, b: object, but: ReadonlySet<string> = new Set()): boolean => {
  for (const key in a) if (!but.has(key) && !isSame((a as Fields)[key], (b as Fields)[key])) return false;
  for (const key in b) if (!but.has(key) && !(key in a)) return false;
  return true;
};

const number: ReadonlySet<string> = new Set(["cpu"]);
const numbers: ReadonlySet<string> = new Set(["cpu", "cpus"]);

const isSameMessage = (a: Message, of: number, b: Message, cpu: number): boolean => {
  if ("cpus" in a) return "cpus" in b && isOne(a.cpus, of) && isOne(b.cpus, cpu) && hasSameFields(a, b, numbers);
  if ("cpu" in a) return "cpu" in b && a.cpu === of && b.cpu === cpu && hasSameFields(a, b, number);
  return isSame(a, b);
};

/** True if `a`, an output of CPU `of`, is `b`, one of `cpu`, but for their numbers. */
export const isSameOutput = (a: AnyOutput, of: number, b: AnyOutput, cpu: number): boolean => {
  if (a.kind !== b.kind) return false;
  if (a.kind === "announce" && b.kind === "announce") {
    const owned = "cpu" in a.fact && "cpu" in b.fact && a.fact.cpu === of && b.fact.cpu === cpu;
    return hasSameFields(a.fact, b.fact, owned ? number : undefined);
  }
  if (a.kind === "send" && b.kind === "send") return a.afterNs === b.afterNs && isSame(a.to, b.to) && isSameMessage(a.msg, of, b.msg, cpu);
  return isSame(a, b);
};
