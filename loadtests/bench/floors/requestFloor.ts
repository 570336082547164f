// Floor of load in virtual time: two threads, each with a queue of Poisson arrivals whose service is twenty drawn stretches, kept in a histogram.
import { isMainThread, parentPort, Worker } from "node:worker_threads";
import { build } from "hdr-histogram-js";

/** What a request of the web workload is: ten calls, each after some user time. */
const stretches = 20;
const stretchNs = 2_700;
const gapNs = 160_000;

const serve = (requests: number): void => {
  let word = 42;
  const draw = (mean: number): number => {
    word ^= word << 13;
    word ^= word >>> 17;
    word ^= word << 5;
    return -Math.log(1 - (word >>> 0) / 4294967296) * mean;
  };
  const histogram = build({ bitBucketSize: 32, numberOfSignificantValueDigits: 3, highestTrackableValue: 1e15 });
  let arrival = 0;
  let free = 0;
  for (let i = 0; i < requests; i++) {
    arrival += draw(gapNs);
    free = Math.max(arrival, free);
    for (let stretch = 0; stretch < stretches; stretch++) free += draw(stretchNs);
    histogram.recordValue(Math.round(free - arrival));
  }
};

const requests = 1_000_000;

if (isMainThread) {
  const begun = performance.now();
  const threads = [0, 1].map(() => new Worker(new URL(import.meta.url)));
  await Promise.all(threads.map((thread) => new Promise((resolve) => thread.once("message", resolve))));
  console.log(JSON.stringify({ millionPerMinute: (threads.length * requests * 60) / (performance.now() - begun) / 1000 }));
} else {
  serve(requests);
  parentPort?.postMessage("done");
}
