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
  } catch (error) {
    // The driver is gone; the closing of the other direction ends this process.
    if ((error as NodeJS.ErrnoException).code !== "EPIPE") throw error;
  }
};

/** Carries out the orders of the driver. */
export type Obey = (order: Order) => void;

/** Hands the spec on, and each order as soon as that is done; those that come earlier wait. Ends the process when the pipe closes. */
export const obeyDriver = (open: (spec: ProcessSpec) => Promise<Obey>): void => {
  failLoudly();
  const waiting: Order[] = [];
  let obey: Obey | undefined;
  const start = async (spec: ProcessSpec): Promise<void> => {
    const opened = await open(spec);
    obey = opened;
    report({ report: "ready" });
    for (const order of waiting.splice(0)) opened(order);
  };
  const onOrder = (order: Order): void => {
    if (obey !== undefined) obey(order);
    else waiting.push(order);
  };
  let started = false;
  const read = lineReader((line) => {
    if (started) return onOrder(JSON.parse(line) as Order);
    started = true;
    void start(JSON.parse(line) as ProcessSpec);
  });
  process.stdin.setEncoding("utf8");
  process.stdin.on("data", read);
  process.stdin.on("end", () => process.exit(0));
  process.stdin.on("error", () => process.exit(0));
};

/** Of a defect one wants to know where it is; what has a tag says all in its message. */
const textOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  return "_tag" in error ? error.message : (error.stack ?? error.message);
};

/** A defect, or no server: say it, then end with the code of an internal error. */
const fail = (error: unknown): void => {
  report({ report: "problem", text: textOf(error) });
  process.exit(255);
};

/** Whatever nobody handles is a defect. */
const failLoudly = (): void => {
  process.on("uncaughtException", fail);
  process.on("unhandledRejection", fail);
};

/** What befalls the connection: a defect ends the process, the rest is said. What is refused, or lost with a connection, is counted. */
export const onBusEvent = (event: BusEvent): void => {
  switch (event.kind) {
    case "defect":
      return fail(event.error);
    case "lost":
      return report({ report: "problem", text: `the NATS connection is gone for good: ${event.error?.message ?? "closed"}` });
    case "denied":
      return report({ report: "problem", text: `NATS does not permit ${event.operation} on ${event.subject}` });
    case "complaint":
      return report({ report: "notice", text: `the NATS server complains: ${event.error.message}` });
    case "disconnected":
    case "reconnected":
    case "refused":
      return;
  }
};
