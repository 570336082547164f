// The palette: what a click on a run does to it from that moment on, as lines of the grammar of faults.
import { printDuration } from "../nemesis/units.ts";

export interface FaultClick {
  readonly name: string;
  /** What the button says. */
  readonly title: string;
  readonly says: string;
  /** `cpu`: strikes the CPU that is chosen. */
  readonly strikes: "cpu" | "coordinator";
  /** From `atNs` of the run on. */
  readonly textOf: (atNs: number, cpu: number) => string;
}

const from = (atNs: number): string => `from ${printDuration(Math.max(0, Math.round(atNs)))}`;

const onCpu = (name: string, title: string, says: string, textOf: (cpu: string, from: string) => string): FaultClick => ({
  name,
  title,
  says,
  strikes: "cpu",
  textOf: (atNs, cpu) => textOf(`cpu ${cpu}`, from(atNs)),
});

const onCoordinator = (name: string, title: string, says: string, textOf: (from: string) => string): FaultClick => ({
  name,
  title,
  says,
  strikes: "coordinator",
  textOf: (atNs) => textOf(from(atNs)),
});

export const faultClicks: readonly FaultClick[] = [
  onCpu("drop", "Drop IPIs", "every packet to it is lost for 300 us", (cpu, at) => `drop 100% of any to ${cpu} ${at} for 300us`),
  onCpu("mute", "Drop acks", "every ack of it is lost for 300 us", (cpu, at) => `drop 100% of ack from ${cpu} ${at} for 300us`),
  onCpu("delay", "Delay IPIs", "packets to it come late for 1 ms", (cpu, at) => `delay 200us..1ms of any to ${cpu} ${at} for 1ms`),
  onCpu("copy", "Copy IPIs", "packets to it come twice for 1 ms", (cpu, at) => `duplicate 100% of any to ${cpu} ${at} for 1ms`),
  onCpu(
    "part",
    "Cut off",
    "it and the coordinator hear nothing of each other for 1 ms",
    (cpu, at) => `partition ${cpu} from coordinator ${at} for 1ms`,
  ),
  onCpu("pause", "Pause", "it takes no input for 1 ms", (cpu, at) => `pause ${cpu} ${at} for 1ms`),
  onCpu("crash", "Crash", "it dies, and starts again 2 ms later", (cpu, at) => `crash ${cpu} ${at} restart after 2ms`),
  onCpu("unplug", "Unplug", "it leaves in good order, and comes back 2 ms later", (cpu, at) => `unplug ${cpu} ${at} replug after 2ms`),
  onCpu("nmi", "NMI", "it is hit by a non-maskable interrupt", (cpu, at) => `nmi ${cpu} ${at}`),
  onCpu("slow", "Slow down", "it works at an eighth of its speed for 5 ms", (cpu, at) => `slow ${cpu} x8 ${at} for 5ms`),
  onCpu("irqs-off", "Interrupts off", "300 us of every 2 ms for 10 ms", (cpu, at) => `irqs-off ${cpu} every 2ms for 300us ${at} for 10ms`),
  onCoordinator(
    "crash-coordinator",
    "Crash",
    "it dies, and another one starts 2 ms later",
    (at) => `crash coordinator ${at} restart after 2ms`,
  ),
  onCoordinator("second", "Second one", "another one starts beside it by mistake", (at) => `second coordinator ${at}`),
  onCoordinator("pause-coordinator", "Pause", "it takes no input for 1 ms", (at) => `pause coordinator ${at} for 1ms`),
];
