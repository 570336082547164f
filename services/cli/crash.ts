// What is said where the program itself fails, in whichever corner: the error, and how to see it again.
import { errorText, exitCodes } from "./exit.ts";

let lastWords = "";

/** From here on a crash ends with this line. */
export const onCrashSay = (line: string): void => {
  lastWords = line;
};

/** An error that nobody waits for must not end as Node's own exit code 1, which means something else here. */
export const watchForCrashes = (): void => {
  process.on("uncaughtException", (error) => {
    process.stderr.write(`${errorText(error)}${lastWords}`);
    process.exit(exitCodes.internal);
  });
};
