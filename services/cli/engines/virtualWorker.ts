// A virtual run in a thread of its own: the engine is one synchronous loop, and somebody must hear an interrupt meanwhile.
import { parentPort, workerData } from "node:worker_threads";
import { executeVirtually, type VirtualOrder } from "./virtualRun.ts";

parentPort?.postMessage(executeVirtually(workerData as VirtualOrder));
