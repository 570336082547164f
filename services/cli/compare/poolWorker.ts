// A thread of a comparison: takes orders for virtual runs one by one.
import { parentPort, workerData } from "node:worker_threads";
import type { Ran } from "../engines/engine.ts";
import { executeVirtually } from "../engines/virtualRun.ts";
import type { CrewData } from "../threads/crew.ts";
import type { PoolOrder } from "./pool.ts";

const { stop } = workerData as CrewData<null>;

parentPort?.on("message", ({ order }: PoolOrder) => {
  const { firstDifference: _, ...ran } = executeVirtually({ ...order, stop });
  parentPort?.postMessage(ran satisfies Ran);
});
