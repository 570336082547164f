// What tells failures apart: the model, the monitor, what it said without its numbers, and the phase that it happened in.
import type { Phase } from "../protocol/messages.ts";

/** One promise that one run broke. */
export interface Failure {
  readonly model: string;
  readonly monitor: string;
  readonly reason: string;
  /** What was asked last before it; null before anything was. */
  readonly phase: Phase | null;
}

/** Numbers name CPUs, tasks, epochs and times, which differ from seed to seed; a list of them is as good as one. */
const withoutNumbers = (reason: string): string => reason.replace(/\d+(\.\d+)?/g, "#").replace(/#(?:(?:, | and |-)#)+/g, "#");

/** Failures of one signature are taken for the same. */
export const signatureOf = ({ model, monitor, reason, phase }: Failure): string =>
  [model, monitor, withoutNumbers(reason), phase ?? "before the first round"].join(" | ");
