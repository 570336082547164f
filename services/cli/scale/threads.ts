// The runs of a sweep in threads of this process.
import { hostname } from "node:os";
import type { RunRecord } from "../../../shared/scale/record.ts";
import { runThread } from "../../worker/bench.ts";
import type { RunOrder } from "../../worker/order.ts";
import { heapMegabytes } from "../engines/virtual.ts";
import { carryOutInThreads } from "../threads/crew.ts";
import { SweepFailed } from "./failed.ts";
import type { UnderWay } from "./underWay.ts";

/** The least that a thread may take, in megabytes: small runs need less, whatever they were allowed. */
const leastHeap = 1_024;

const isOutOfMemory = (error: unknown): boolean => error instanceof Error && "code" in error && error.code === "ERR_WORKER_OUT_OF_MEMORY";

export const sweepInThreads = async (underWay: UnderWay, threads: number): Promise<void> => {
  const allowed = Math.max(leastHeap, Math.floor(underWay.sweep.memoryBytes / 2 ** 20));
  let failed = "";
  try {
    await carryOutInThreads<RunOrder, RunRecord | null, null>({
      worker: runThread,
      data: null,
      threads,
      // Each thread may take what a large run needs: the schedule sees to it that together they do not.
      heap: Math.min(allowed, heapMegabytes),
      next: () => {
        const slot = underWay.next();
        return slot && underWay.orderFor(slot, hostname());
      },
      onAnswer: (_, record) => {
        if (record !== null) underWay.end(record);
      },
      onFailure: ({ cell, order }) => {
        failed = `${cell} with seed ${order.header.seed}`;
        underWay.onNotice(`${failed} failed`);
      },
      signal: underWay.signal,
    });
  } catch (error) {
    if (!isOutOfMemory(error)) throw error;
    throw new SweepFailed(`${failed} needs more memory than the ${allowed} MB that it may take: give more with --memory`, { cause: error });
  }
};
