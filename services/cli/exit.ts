// How the command ends: its exit codes, and which error means which.
import { EnvironmentMissing } from "../../infra/bootstrap/natsServer.ts";
import { BadInput } from "../../shared/machine/badInput.ts";
import { FolderFailed } from "../recorder/runFolder.ts";
import type { Ran } from "./engines/engine.ts";

export const exitCodes = {
  /** 1, 2 and 3 are the verdict's own: violated, unknown, not live. */
  holds: 0,
  violated: 1,
  unknown: 2,
  notLive: 3,
  notDeterministic: 4,
  environment: 5,
  /** A threshold was crossed, or of two results a value is beyond its tolerance. */
  threshold: 99,
  interrupted: 130,
  badInput: 254,
  internal: 255,
} as const;

/** What the environment failed to provide, by the tags of the errors that say so. */
const environmentTags: readonly unknown[] = [
  "NatsServerFailed",
  "NatsUnreachable",
  "RegisterFailed",
  "ClusterFailed",
  "QueueFailed",
  "SweepFailed",
];

export const exitCodeOf = (error: unknown): number => {
  if (error instanceof BadInput) return exitCodes.badInput;
  if (error instanceof EnvironmentMissing || error instanceof FolderFailed) return exitCodes.environment;
  const tag = typeof error === "object" && error !== null && "_tag" in error ? error._tag : undefined;
  return environmentTags.includes(tag) ? exitCodes.environment : exitCodes.internal;
};

/** One clear message for whoever can do something about it; a trace only where the program is at fault. */
export const errorText = (error: unknown): string => {
  if (!(error instanceof Error)) return `quiesce: internal error: ${String(error)}\n`;
  return exitCodeOf(error) === exitCodes.internal
    ? `quiesce: internal error: ${error.stack ?? error.message}\n`
    : `quiesce: ${error.message}\n`;
};

export const exitCodeOfRun = ({ end, judgement }: Pick<Ran, "end" | "judgement">): number => {
  if (end.ended === "interrupted") return exitCodes.interrupted;
  // A promise broken counts for more than that the run could not go on after it.
  if (end.ended === "environment" && judgement.verdict !== "violated") return exitCodes.environment;
  return judgement.exitCode;
};
