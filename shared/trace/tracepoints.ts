// The events of a run as a kernel's tracer would have them: on a CPU, by a task, under a name, with a text and the round that they belong to.
import { labelOf } from "../chaos/picture.ts";
import { type Actor, isCoordinator, lifeOf } from "../machine/machine.ts";
import { isRoundMessage, type Message } from "../protocol/messages.ts";
import { type CpuState, cpuStates } from "../report/cpuStates.ts";
import { destinationText, type Moment, partyText } from "./moment.ts";
import { byTime, type Sorted } from "./sorted.ts";
import { factText } from "./words.ts";

/** In the order of their numbers in a binary trace. Those that the kernel has as well bear its names. */
export const tracepoints = ["cpu_state", "ipi_raise", "ipi_entry", "ipi_lost", "timer_expire_entry", "note", "fault"] as const;
export type TracepointName = (typeof tracepoints)[number];

/** A task for each state, so that whatever colours CPUs by the task that they run shows their state. */
const firstStatePid = 100;
const firstCoordinatorPid = 1000;

export interface TraceEvent {
  readonly at: number;
  /** The coordinator has the number after the last CPU's. */
  readonly cpu: number;
  readonly pid: number;
  readonly comm: string;
  readonly irqsOff: boolean;
  readonly name: TracepointName;
  /** 0 where it belongs to none. */
  readonly epoch: number;
  readonly round: number;
  readonly text: string;
}

interface Said {
  readonly name: TracepointName;
  readonly epoch: number;
  readonly round: number;
  readonly text: string;
}

const ofNone = { epoch: 0, round: 0 };

const roundOf = (msg: Message): Pick<Said, "epoch" | "round"> =>
  isRoundMessage(msg) || msg.kind === "ack" ? { epoch: msg.epoch, round: msg.round } : ofNone;

const said = (moment: Moment): Said | undefined => {
  switch (moment.is) {
    case "state":
      return { name: "cpu_state", ...ofNone, text: moment.text };
    case "sent": {
      const { msg, to, again } = moment.sent;
      return { name: "ipi_raise", ...roundOf(msg), text: `target=${destinationText(to)} (${labelOf(msg)})${again ? " again" : ""}` };
    }
    case "arrived": {
      const { msg, from, copy } = moment;
      return { name: "ipi_entry", ...roundOf(msg), text: `(${labelOf(msg)}) from=${partyText([from])}${copy ? " copy" : ""}` };
    }
    case "missed": {
      const { msg } = moment.sent;
      return { name: "ipi_lost", ...roundOf(msg), text: `target=${partyText(moment.by)} (${labelOf(msg)}) ${moment.why}` };
    }
    case "timeout":
      return { name: "timer_expire_entry", ...ofNone, text: `timer=${moment.timer}` };
    case "fault":
      return { name: "fault", ...ofNone, text: moment.text };
    case "fact": {
      const { fact } = moment;
      const text = factText(fact);
      if (text === undefined) return undefined;
      return { name: "note", epoch: "epoch" in fact ? fact.epoch : 0, round: "round" in fact ? fact.round : 0, text };
    }
  }
};

/** The name of a task has no space in it, since tools take it for a word. */
const commOf = (state: CpuState): string => state.replace(" ", "-");

/** Every task that may be named: its number and its name. */
export const tasks = (coordinators: number): ReadonlyArray<readonly [pid: number, comm: string]> => [
  ...cpuStates.map((state, i) => [firstStatePid + i, commOf(state)] as const),
  ...Array.from({ length: coordinators }, (_, life) => [firstCoordinatorPid + life, `coordinator${life}`] as const),
];

/** In the order of time. `cpus`: of the machine. */
export const traceEventsOf = (moments: Sorted, cpus: number): readonly TraceEvent[] => {
  const states = new Map<Actor, CpuState>();
  const task = (actor: Actor): Pick<TraceEvent, "cpu" | "pid" | "comm" | "irqsOff"> => {
    if (isCoordinator(actor)) {
      const life = lifeOf(actor);
      return { cpu: cpus, pid: firstCoordinatorPid + life, comm: `coordinator${life}`, irqsOff: false };
    }
    const state = states.get(actor) ?? "off";
    return { cpu: actor, pid: firstStatePid + cpuStates.indexOf(state), comm: commOf(state), irqsOff: state === "irqs off" };
  };
  return moments.by(byTime).flatMap((moment) => {
    if (moment.is === "state") states.set(moment.actor, moment.state);
    const what = said(moment);
    return what === undefined ? [] : [{ at: moment.at, ...task(moment.actor), ...what }];
  });
};
