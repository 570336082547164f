// Loaded into every process of a soak before its own code: now and then all garbage is collected, and what is left is written down.
//
// From the outside one sees only what a process has from the system, and a heap that nobody presses takes what it can get.
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { isMainThread } from "node:worker_threads";

const everyMs = 5_000;

const directory = process.env.SOAK_HEAPS;

if (isMainThread && directory !== undefined) {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  setInterval(() => {
    collect();
    appendFileSync(join(directory, `${process.pid}`), `${process.memoryUsage().heapUsed}\n`);
  }, everyMs).unref();
}
