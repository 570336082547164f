// A file that is written anew while a process hears from its NATS server: whoever probes it looks at its age.
import { writeFileSync } from "node:fs";
import { BadInput } from "../../../shared/machine/badInput.ts";

/** At most so often: probes ask every few seconds. */
const everyMs = 1_000;

export const healthFile = (path: string | undefined): (() => void) => {
  if (path === undefined) return () => undefined;
  let last = -Infinity;
  const write = (): void => {
    if (performance.now() < last + everyMs) return;
    last = performance.now();
    writeFileSync(path, `${new Date().toISOString()}\n`);
  };
  try {
    write();
  } catch (error) {
    throw new BadInput("", "--health", `cannot be written: ${(error as Error).message}`);
  }
  return write;
};
