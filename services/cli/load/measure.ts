// What is measured of one cell, and with what, whoever carries it out.
import { type Felt, feltOf, hlogOf } from "../../../shared/load/felt.ts";
import { Meter, type MeterOptions } from "../../../shared/load/meter.ts";
import type { Setup } from "../../../shared/protocol/setup.ts";
import type { Ran } from "../engines/engine.ts";
import type { VirtualOrder } from "../engines/virtualRun.ts";

export type Measures = Omit<MeterOptions, "source">;

export interface MeasureOrder extends Measures {
  readonly order: Omit<VirtualOrder, "stop">;
}

/** Nothing was measured of a run that was interrupted. */
export interface MeasureAnswer {
  readonly ran: Ran;
  readonly felt: Felt | null;
  readonly hlog: string;
}

export const meterFor = ({ load, cpus, seed }: Setup, measures: Measures): Meter => {
  if (load === undefined) throw new Error("a load study without a load");
  return new Meter({ source: { load, cpus, seed }, ...measures });
};

/** After the last fact and request. */
export const answerOf = (setup: Setup, meter: Meter, ran: Ran, { afterNs, perSecond }: Measures): MeasureAnswer => {
  const { load, pace, cpus, operations, workload, reschedulesPerSecond = 0 } = setup;
  if (load === undefined || pace === undefined) throw new Error("a load study without a load or a pace");
  const { at } = ran.end;
  const measured = meter.measured(at);
  const felt = feltOf(measured, {
    fromNs: load.fromNs,
    endAt: at,
    afterNs,
    pace,
    cpus,
    perSecond,
    planned: operations.length,
    // A machine of one CPU has nobody to call.
    callsPerSecond: cpus < 2 ? 0 : workload.crossCalls.perSecond * cpus,
    reschedulesPerSecond: reschedulesPerSecond * cpus,
  });
  return { ran, felt, hlog: hlogOf(measured, at) };
};
