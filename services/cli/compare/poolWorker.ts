// A thread of a comparison: takes orders for virtual runs one by one.
import { parentPort, workerData } from "node:worker_threads";
import { executeVirtually } from "../engines/virtualRun.ts";
import type { PoolAnswer, PoolOrder } from "./pool.ts";

const { stop } = workerData as { readonly stop: Int32Array<SharedArrayBuffer> };

parentPort?.on("message", ({ index, order }: PoolOrder) => {
  const { firstDifference: _, ...ran } = executeVirtually({ ...order, stop });
  parentPort?.postMessage({ index, ran } satisfies PoolAnswer);
});
