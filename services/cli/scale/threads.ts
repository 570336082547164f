// The runs of a sweep in threads of this process.
import { hostname } from "node:os";
import type { RunRecord } from "../../../shared/scale/record.ts";
import { runThread } from "../../worker/bench.ts";
import type { RunOrder } from "../../worker/order.ts";
import { heapMegabytes } from "../engines/virtual.ts";
import { carryOutInThreads } from "../threads/crew.ts";
import type { UnderWay } from "./underWay.ts";

export const sweepInThreads = (underWay: UnderWay, threads: number): Promise<void> =>
  carryOutInThreads<RunOrder, RunRecord | null, null>({
    worker: runThread,
    data: null,
    threads,
    // Each thread may take what a large run needs: the schedule sees to it that together they do not.
    heap: heapMegabytes,
    next: () => {
      const slot = underWay.next();
      return slot && underWay.orderFor(slot, hostname());
    },
    onAnswer: (_, record) => {
      if (record !== null) underWay.end(record);
    },
    onFailure: ({ cell, order }) => underWay.onNotice(`${cell} failed with seed ${order.header.seed}`),
    signal: underWay.signal,
  });
