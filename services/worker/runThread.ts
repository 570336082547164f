// A thread that makes runs of sweeps, in virtual time, one order after the other.
import { parentPort, workerData } from "node:worker_threads";
import { recordOf } from "../../shared/report/scaleMeasures.ts";
import { summarize } from "../../shared/report/summarize.ts";
import type { RunRecord } from "../../shared/scale/record.ts";
import { executeVirtually } from "../cli/engines/virtualRun.ts";
import type { CrewData } from "../cli/threads/crew.ts";
import { measureHost } from "./hostCost.ts";
import type { RunOrder } from "./order.ts";

const { stop } = workerData as CrewData<null>;

/** Null if an interrupt ended it. */
const recordFor = ({ cell, order, alone, by }: RunOrder): RunRecord | null => {
  const { setup, engine } = order.header;
  const spent = measureHost(alone);
  const { firstDifference: _, ...ran } = executeVirtually({ ...order, stop });
  if (ran.end.ended === "interrupted") return null;
  const host = spent();
  // What it costs the host is told by `host`.
  return recordOf(summarize({ run: cell, engine, hosts: 0, setup, ...ran, maxRssMb: 0 }), cell, host, by);
};

parentPort?.on("message", (order: RunOrder) => parentPort?.postMessage(recordFor(order)));
