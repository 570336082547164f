// A thread of a load study: takes cells one by one, and measures what users felt of each.
import { parentPort, workerData } from "node:worker_threads";
import { executeVirtually } from "../engines/virtualRun.ts";
import type { CrewData } from "../threads/crew.ts";
import { answerOf, type MeasureAnswer, type MeasureOrder, meterFor } from "./measure.ts";

const { stop } = workerData as CrewData<null>;

const measure = ({ order, ...measures }: MeasureOrder): MeasureAnswer => {
  const { setup } = order.header;
  const meter = meterFor(setup, measures);
  const { firstDifference: _, ...ran } = executeVirtually({ ...order, stop }, { observer: meter.observer, requests: meter });
  return ran.end.ended === "interrupted" ? { ran, felt: null, hlog: "" } : answerOf(setup, meter, ran, measures);
};

parentPort?.on("message", ({ order, perSecond, runNs, afterNs, breakOverNs }: MeasureOrder) =>
  parentPort?.postMessage(measure({ order, perSecond, runNs, afterNs, breakOverNs })),
);
