// A thread of a load study: takes cells one by one, and measures what users felt of each.
import { parentPort, workerData } from "node:worker_threads";
import { type Felt, feltOf, hlogOf } from "../../../shared/load/felt.ts";
import { Meter } from "../../../shared/load/meter.ts";
import type { Ran } from "../engines/engine.ts";
import { executeVirtually, type VirtualOrder } from "../engines/virtualRun.ts";
import type { CrewData } from "../threads/crew.ts";

export interface MeasureOrder {
  readonly order: Omit<VirtualOrder, "stop">;
  readonly perSecond: number;
  readonly runNs: number;
  readonly afterNs: number;
  readonly breakOverNs: number | null;
}

/** Nothing was measured of a run that was interrupted. */
export interface MeasureAnswer {
  readonly ran: Ran;
  readonly felt: Felt | null;
  readonly hlog: string;
}

const { stop } = workerData as CrewData<null>;

const measure = ({ order, perSecond, runNs, afterNs, breakOverNs }: MeasureOrder): MeasureAnswer => {
  const { load, pace, cpus, seed, operations } = order.header.setup;
  if (load === undefined || pace === undefined) throw new Error("a load study without a load or a pace");
  const meter = new Meter({ source: { load, cpus, seed }, perSecond, runNs, afterNs, breakOverNs });
  const { firstDifference: _, ...ran } = executeVirtually({ ...order, stop }, { observer: meter.observer, requests: meter });
  if (ran.end.ended === "interrupted") return { ran, felt: null, hlog: "" };
  const measured = meter.measured(ran.end.at);
  const felt = feltOf(measured, { fromNs: load.fromNs, endAt: ran.end.at, afterNs, pace, cpus, planned: operations.length });
  return { ran, felt, hlog: hlogOf(measured, ran.end.at) };
};

parentPort?.on("message", (order: MeasureOrder) => parentPort?.postMessage(measure(order)));
