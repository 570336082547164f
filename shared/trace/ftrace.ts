// The text that a kernel's tracer gives in its file `trace`: for people, for scripts, and for viewers that read such text.
import type { Canvas, Draught, Format } from "./format.ts";
import { Sorted } from "./sorted.ts";
import { type TraceEvent, traceEventsOf } from "./tracepoints.ts";

const heading = (entries: number, cpus: number): string =>
  [
    "# tracer: nop",
    "#",
    `# entries-in-buffer/entries-written: ${entries}/${entries}   #P:${cpus}`,
    "#",
    "#                                _-----=> irqs-off/BH-disabled",
    "#                               / _----=> need-resched",
    "#                              | / _---=> hardirq/softirq",
    "#                              || / _--=> preempt-depth",
    "#                              ||| / _-=> migrate-disable",
    "#                              |||| /     delay",
    "#           TASK-PID     CPU#  |||||  TIMESTAMP  FUNCTION",
    "#              | |         |   |||||     |         |",
    "",
  ].join("\n");

/** To the microsecond, as the kernel prints it. */
const seconds = (ns: number): string => {
  const us = Math.floor(ns / 1000);
  return `${String(Math.floor(us / 1e6)).padStart(5)}.${String(us % 1e6).padStart(6, "0")}`;
};

const lineOf = ({ comm, pid, cpu, irqsOff, at, name, text }: TraceEvent): string =>
  `${comm.padStart(16)}-${String(pid).padEnd(7)} [${String(cpu).padStart(3, "0")}] ${irqsOff ? "d" : "."}.... ${seconds(at)}: ${name}: ${text}\n`;

const draw = ({ write, header }: Canvas): Draught => {
  const moments = new Sorted();
  const { cpus } = header.setup;
  const finish = (): void => {
    const events = traceEventsOf(moments, cpus);
    write(heading(events.length, cpus + 1));
    for (const event of events) write(lineOf(event));
  };
  return { take: moments.take, finish, leftOut: moments.leftOut };
};

export const ftrace: Format = {
  needsMessages: false,
  isBinary: false,
  draw,
};
