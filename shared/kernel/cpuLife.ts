// The state of one CPU's life: its tasks, who runs, and whether it is being held.
import type { Random } from "../machine/random.ts";
import type { Pass } from "./life.ts";
import type { Operation } from "./operation.ts";
import { copyRequests, noteHeld, type Requests } from "./requests/requests.ts";
import type { Task } from "./task.ts";

export interface CpuLife {
  readonly bornAt: number;
  now: number;
  readonly random: Random;
  /** Empty until somebody looks for the first time: then each task is met in the middle of its work. */
  tasks: readonly Task[];
  /** The task on the CPU, or -1 when idle. */
  running: number;
  /** When the running task has had its turn. */
  sliceEndsAt: number;
  gate: "open" | Pass;
  frozen: boolean;
  spinning: boolean;
  version: number;
  steps: number;
  entries: number;
  interrupted: number;
  /** The last moment at which somebody asked whether interrupts are on, and when they are on from there. */
  irqsAskedAt: number;
  irqsOnAt: number;
  /** User tasks that are kept from running now; and for how long tasks were in all, less the moments since when these are. */
  kept: number;
  keptNs: number;
  /** While tasks or functions switch one by one. */
  operation: Operation | null;
  /** While the machine has a load to serve. */
  requests: Requests | null;
}

/** The task is kept out of the kernel until all are let go. One that was stopped with its CPU is already counted. */
export const holdTask = (life: CpuLife, task: Task): void => {
  task.mode = "held";
  if (life.requests !== null) noteHeld(life.requests, life.tasks.indexOf(task), -life.now);
  if (!life.frozen) keep(life, 1);
};

/** From now on so many user tasks are kept from running. */
export const keep = (life: CpuLife, count: number): void => {
  if (count === 0) return;
  life.kept += count;
  life.keptNs -= count * life.now;
};

/** A life of its own that will do exactly what this one would. */
export const copyLife = (life: CpuLife): CpuLife => ({
  ...life,
  random: { ...life.random },
  tasks: life.tasks.map((task) => ({ ...task, crossing: task.crossing && { ...task.crossing } })),
  operation: life.operation && structuredClone(life.operation),
  requests: life.requests && copyRequests(life.requests),
});
