// A process's end of the pipe to its driver. When the pipe closes, the driver is gone, and so is the reason to live.
import { writeSync } from "node:fs";
import type { BusEvent } from "../bus/bus.ts";
import { lineReader, type Order, type ProcessSpec, type Report } from "./control.ts";

/** Reports have a pipe of their own: a library that prints must not garble them. */
const reportFd = 3;

/** The way to the driver. Written synchronously: a process that is about to die has said what it had to say. */
export const report = (what: Report): void => {
  try {
    writeSync(reportFd, `${JSON.stringify(what)}\n`);
  } catch {
    // The driver is gone; the closing of the other direction ends this process.
  }
};

/** Reads the spec, then hands each order on. Ends the process when the pipe closes. */
export const listenToDriver = (onSpec: (spec: ProcessSpec) => void, onOrder: (order: Order) => void): void => {
  let started = false;
  const read = lineReader((line) => {
    if (started) onOrder(JSON.parse(line) as Order);
    else {
      started = true;
      onSpec(JSON.parse(line) as ProcessSpec);
    }
  });
  process.stdin.setEncoding("utf8");
  process.stdin.on("data", read);
  process.stdin.on("end", () => process.exit(0));
  process.stdin.on("error", () => process.exit(0));
};

/** A defect: say it, then end with the code of an internal error. */
const fail = (error: unknown): void => {
  report({ report: "problem", text: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  process.exit(255);
};

/** Whatever nobody handles is a defect. */
export const failLoudly = (): void => {
  // Ctrl-C reaches every process of a terminal; it is for the driver to end the run in good order.
  process.on("SIGINT", () => undefined);
  process.on("uncaughtException", fail);
  process.on("unhandledRejection", fail);
};

/** What befalls the connection: a defect ends the process, the rest is said. */
export const onBusEvent = (event: BusEvent): void => {
  if (event.kind === "defect") fail(event.error);
  else if (event.kind === "lost")
    report({ report: "problem", text: `the NATS connection is gone for good: ${event.error?.message ?? "closed"}` });
  else if (event.kind === "denied") report({ report: "problem", text: `NATS does not permit ${event.operation} on ${event.subject}` });
};
