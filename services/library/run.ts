// One machine run in virtual time by a program, and judged.
import type { FaultCount } from "../../shared/nemesis/plan.ts";
import type { Judgement } from "../../shared/oracle/judgement.ts";
import type { End } from "../../shared/protocol/observer.ts";
import type { Setup } from "../../shared/protocol/setup.ts";
import { virtualOrder } from "../cli/engines/virtual.ts";
import { executeVirtually } from "../cli/engines/virtualRun.ts";
import { configurationOf, type MachineOptions } from "./machine.ts";

/** A run that has ended. */
export interface RunResult extends Judgement {
  /** All that the machines were told: with it and the faults the run is the same again, bit for bit. */
  readonly setup: Setup;
  /** How the engine stopped, and when in virtual ns. */
  readonly end: End;
  /** How often each fault could have struck, and did. */
  readonly faults: readonly FaultCount[];
}

/** Runs a machine in virtual time from power-on to its end. `journal`: a new file that is to hold every input, output and fact. */
export const run = (machine: MachineOptions = {}, journal?: string): RunResult => {
  const configuration = configurationOf(machine);
  const order = virtualOrder({ ...configuration, journal: journal === undefined ? "off" : "full" }, journal ?? "");
  const { end, faults, judgement } = executeVirtually({ ...order, stop: new Int32Array(new SharedArrayBuffer(4)) });
  return { ...judgement, setup: configuration.setup, end, faults };
};
