// A task of the simulated machine and the mode that it is in.
import type { Crossing } from "./operation.ts";

/** `user` and `kernel` need the CPU; a sleeper has its kernel stack with it; `held` and `safe` have no kernel state in use. */
export type Mode = "user" | "kernel" | "asleep" | "disk" | "held" | "safe";

/** One task. Segments are stretches of CPU time that end in a change of mode. */
export interface Task {
  /** -1: a user task; else the index of its kind among the workload's kernel threads. */
  readonly thread: number;
  mode: Mode;
  /** CPU time left in the segment (`user`, `kernel`), in ns. */
  left: number;
  /** When a sleep (`asleep`, `disk`) or a rest at the safe point (`safe`) ends; kept over an interrupted sleep that restarts. */
  wakeAt: number;
  /** The system call under way: index into the workload's calls, -1 in user mode and in kernel threads. */
  call: number;
  /** Which path of the call graph the call or thread takes. */
  path: number;
  /** CPU time of the whole call or piece of work, by which its progress along the path is told. */
  cpu: number;
  /** CPU time that is left after a sleep in mid-call; 0 once the call has slept or if it does not sleep. */
  afterSleep: number;
  /** Set if the call will sleep: for how long. */
  sleepNs: number;
  /** The version under which the kernel was entered. */
  entered: number;
  /** A fake signal is pending: a sleep does not begin, and the next boundary holds the task while tasks are being held. */
  signalled: boolean;
  /** The call is to be made again when the task is let go. */
  restart: boolean;
  /** The second half of a call is under way (frames are being left rather than entered). */
  leaving: boolean;
  /** While an operation switches tasks or functions one by one; else null. */
  crossing: Crossing | null;
}

/** True while kernel state of this task is in use: it has frames on its kernel stack. */
export const inKernel = (task: Task): boolean => task.mode === "kernel" || task.mode === "asleep" || task.mode === "disk";

/** True while the task has the CPU or wants it. */
export const isAwake = ({ mode }: Task): boolean => mode === "user" || mode === "kernel";

/** True while the task does nothing until `wakeAt`. */
export const isResting = ({ mode }: Task): boolean => mode === "asleep" || mode === "disk" || mode === "safe";

/** A task that nobody has met yet: `settle` says what it is doing. */
export const freshTask = (thread: number): Task => ({
  thread,
  mode: "user",
  left: 0,
  wakeAt: 0,
  call: -1,
  path: 0,
  cpu: 0,
  afterSleep: 0,
  sleepNs: 0,
  entered: 0,
  signalled: false,
  restart: false,
  leaving: false,
  crossing: null,
});
