// What the bucket of a run holds beside the register: the run itself, who has each range of CPUs, and who coordinates.
import type { Header } from "../../journal/entry.ts";
import type { PartLengths } from "../../journal/part.ts";
import type { Refused } from "../../journal/refused.ts";
import type { FaultCount } from "../../nemesis/plan.ts";
import type { End } from "../../protocol/observer.ts";
import type { Layout } from "../bus/layout.ts";

/** The run, written once by whoever coordinates it first, and once more when it is over. */
export interface RunRecord {
  /** Told apart from an earlier run of the same name. */
  readonly id: string;
  readonly over: boolean;
  readonly leaseNs: number;
  /** Of the bucket and the streams. */
  readonly copies: number;
  readonly layout: Layout;
  /** The machine, and the faults that are planned for it. */
  readonly header: Header;
  /** How it ended, once it is over. */
  readonly ended: RunEnd | null;
}

/** What only its driver knows of a run. */
export interface RunEnd {
  readonly end: End;
  readonly faults: readonly FaultCount[];
  readonly refusals: readonly Refused[];
  /** Why its journals may not be all. */
  readonly doubts: readonly string[];
  /** How long they are to be, as far as that is known. */
  readonly lengths: PartLengths;
}

/** Who has a range of CPUs, or the task to coordinate. */
export interface Tenure {
  /** Who: made up by a process at its start. */
  readonly holder: string;
  /** Counts those who have had it, from 1. */
  readonly life: number;
  /** `held` until somebody says otherwise: its holder that it has left, or a watcher that it is dead. */
  readonly state: "held" | "left" | "dead";
  /** Counts renewals, so that each is a change. */
  readonly renewal: number;
  /** Of a coordinator: how long the run had been going when it renewed last, in ns. */
  readonly atNs: number;
}

/** Keys of the bucket. */
export const runKey = "run";
export const coordinatorKey = "coordinator";
export const hostKey = (host: number): string => `host.${host}`;

const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === "object" && value !== null;

const states: readonly unknown[] = ["held", "left", "dead"];

/** Undefined where it is none. */
export const readTenure = (value: unknown): Tenure | undefined => {
  if (!isObject(value) || typeof value.holder !== "string" || !states.includes(value.state)) return undefined;
  return isCount(value.life) && isCount(value.renewal) && isCount(value.atNs) ? (value as unknown as Tenure) : undefined;
};

/** No more than its outline is checked: only whoever coordinates may write it, as only a driver may write into a pipe. */
export const readRun = (value: unknown): RunRecord | undefined => {
  if (!isObject(value) || typeof value.id !== "string" || typeof value.over !== "boolean" || !isCount(value.leaseNs)) return undefined;
  const { layout, header } = value;
  if (!isObject(layout) || !isCount(layout.cpus) || !isCount(layout.hosts) || !isObject(header) || !isObject(header.setup))
    return undefined;
  return value as unknown as RunRecord;
};
