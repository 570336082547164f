// The palette of a live machine: what a click does to it, as lines of the grammar of faults.
//
// Each is scoped to a phase and not to a time: the same line then strikes on a command line too, where operations follow one another at
// once, and nobody waits for a hand that clicks.
import type { Phase } from "../../../shared/protocol/messages.ts";

export interface LiveClick {
  readonly name: string;
  readonly title: string;
  readonly says: string;
  /** Not every fault is of one CPU. */
  readonly ofCpu: boolean;
  readonly text: (phase: Phase, cpu: number) => string;
}

export const liveClicks: readonly LiveClick[] = [
  {
    name: "drop",
    title: "Drop IPIs",
    says: "the first packet of the phase to the CPU is lost",
    ofCpu: true,
    text: (phase, cpu) => `drop 1st any to cpu ${cpu} during ${phase}`,
  },
  {
    name: "lossy",
    title: "Lose a fifth",
    says: "a fifth of all packets is lost from here on; by the line to copy from the start on",
    ofCpu: false,
    text: () => "drop 20% of any",
  },
  {
    name: "delay",
    title: "Delay IPIs",
    says: "packets of the phase to the CPU come 5 to 50 ms late",
    ofCpu: true,
    text: (phase, cpu) => `delay 5ms..50ms of any to cpu ${cpu} during ${phase}`,
  },
  {
    name: "mute",
    title: "Drop acks",
    says: "the CPU's first answer in the phase is lost",
    ofCpu: true,
    text: (phase, cpu) => `drop 1st ack from cpu ${cpu} during ${phase}`,
  },
  {
    name: "pause",
    title: "Pause",
    says: "the CPU takes no input for 200 ms when the phase reaches it",
    ofCpu: true,
    text: (phase, cpu) => `pause cpu ${cpu} at ${phase} for 200ms`,
  },
  {
    name: "suspend",
    title: "SIGSTOP",
    says: "the process of the CPU stands still for 200 ms when the phase reaches it",
    ofCpu: true,
    text: (phase, cpu) => `suspend cpu ${cpu} at ${phase} for 200ms`,
  },
  {
    name: "crash",
    title: "Crash",
    says: "the CPU dies when the phase reaches it, and starts again 50 ms later",
    ofCpu: true,
    text: (phase, cpu) => `crash cpu ${cpu} at ${phase} restart after 50ms`,
  },
  {
    name: "nmi",
    title: "NMI",
    says: "the CPU is hit by a non-maskable interrupt in the phase",
    ofCpu: true,
    text: (phase, cpu) => `nmi cpu ${cpu} at ${phase}`,
  },
  {
    name: "crash-coordinator",
    title: "Crash coordinator",
    says: "it dies before it asks for the phase, and another one starts 50 ms later",
    ofCpu: false,
    text: (phase) => `crash coordinator at ${phase} restart after 50ms`,
  },
  {
    name: "second-coordinator",
    title: "Second coordinator",
    says: "another one starts beside it by mistake",
    ofCpu: false,
    text: (phase) => `second coordinator at ${phase}`,
  },
];
