// Ctrl-C: the first one ends the run in good order, with its summary; a second one ends the process at once.
import { exitCodes } from "./exit.ts";

const signals = ["SIGINT", "SIGTERM"] as const;

export const interruptible = async <T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> => {
  const controller = new AbortController();
  const onSignal = (): void => {
    if (controller.signal.aborted) process.exit(exitCodes.interrupted);
    process.stderr.write("quiesce: interrupted: ending the run (once more to end it at once)\n");
    controller.abort();
  };
  for (const signal of signals) process.on(signal, onSignal);
  try {
    return await work(controller.signal);
  } finally {
    for (const signal of signals) process.off(signal, onSignal);
  }
};
