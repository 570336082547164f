// The floor's side of every figure: a bare program that prints its numbers as one line of JSON.
import { fileURLToPath } from "node:url";
import { Schema } from "effect";
import type { Sample, Sampler } from "./measure.ts";
import { start } from "./program.ts";

const decode = Schema.decodeUnknownPromise(Schema.fromJsonString(Schema.Record(Schema.String, Schema.Number)));

type FloorProgram = "natsRound" | "keyUpdate" | "processCost" | "heapFloor" | "batchFloor" | "requestFloor" | "ping";

/** One trial of `floors/PROGRAM.ts`, in fresh processes, as the subject's trials are. */
export const floor = (program: FloorProgram, options: Readonly<Record<string, number>>, pinned = false): Sampler => {
  const file = fileURLToPath(new URL(`./floors/${program}.ts`, import.meta.url));
  const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
  return () => printed(process.execPath, [file, ...args], pinned);
};

/** The numbers that a program prints. */
export const printed = async (command: string, args: readonly string[], pinned = false): Promise<Sample> =>
  decode(await start({ command, args, pinned }).output);
