// What a fleet of processes is started with, how long it waits for them, and what is known of it when all is over.
import type { PartLengths } from "../../journal/part.ts";
import type { Plan } from "../../nemesis/plan.ts";
import type { CoordinatorFact } from "../../protocol/facts.ts";
import type { Setup } from "../../protocol/setup.ts";
import type { Layout } from "../bus/layout.ts";
import type { Speaker } from "../bus/subjects.ts";
import type { CpuLifeId, ProcessCounts } from "../process/control.ts";
import type { Launch } from "./child.ts";

export interface FleetOptions {
  readonly setup: Setup;
  readonly plan: Plan;
  readonly run: string;
  readonly layout: Layout;
  readonly urlFor: (who: Speaker) => string;
  readonly launch: Launch;
  /** The CPUs that a host begins with, if they are not all in their first incarnation. */
  readonly livesOf?: (host: number) => readonly CpuLifeId[] | null;
  /** The number of the first coordinator's life. */
  readonly firstLife?: number;
  /** The run's zero on the monotonic clock, in ns, if it is not power-on. */
  readonly zeroNs?: number | undefined;
  /** A process may take so much longer to be ready, or to end, in ns: orders and reports of hosts elsewhere wait where a server is lost. */
  readonly readyNs?: number;
  /** `fullEntries`: of all processes together, after which they go on with facts only. */
  readonly journal: { readonly directory: string; readonly mode: "full" | "facts"; readonly fullEntries?: number } | null;
  /** Somebody may add faults to those of the plan, and control the coordinator, while the run is under way. */
  readonly steered: boolean;
  /** Ends the NATS server, if it is the run's own; it is started again. */
  readonly killServer: () => void;
  /** Everyone is listening, and the run's clock is at zero. */
  readonly onPowerOn: () => void;
  readonly onFact: ((at: number, fact: CoordinatorFact) => void) | null;
  /** All is done and everyone is up. */
  readonly onSettled: () => void;
  /** Something went wrong that the run survives. */
  readonly onNotice: (text: string) => void;
  /** A process failed in a way that no fault explains. */
  readonly onProblem: (text: string) => void;
}

export const fleetLimits = {
  /** From one process that is ready to the next: beyond it, and as much more for each that shares the machine, one will never be. */
  startMs: 10_000,
  startMsEach: 250,
  /** A coordinator that dies without a fault's doing is started again after this. */
  coordinatorRestartMs: 50,
  /** How often that may happen in a run. */
  coordinatorRestarts: 100,
  /** A process that has been asked to end may take this long, and as long again once it is killed; elsewhere `readyNs` longer. */
  quitMs: 5_000,
} as const;

/** What is known when all is over. */
export interface FleetResult extends ProcessCounts {
  readonly journals: readonly string[];
  /** What of them is lost. */
  readonly gaps: readonly string[];
  /** What their processes have said of how long they are. */
  readonly lengths: PartLengths;
}
