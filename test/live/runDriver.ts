// A process that drives a run, prints each phase as it is asked for and waits to be killed: for killed.test.ts.
import { join } from "node:path";
import * as Effect from "effect/Effect";
import { runLive } from "../../shared/live/run.ts";
import { planOf } from "../../shared/nemesis/plan.ts";
import { liveSetup, mains } from "./liveRun.ts";

const [executable = "", directory = "", run = "", ...faults] = process.argv.slice(2);

await Effect.runPromise(
  Effect.scoped(
    runLive({
      setup: liveSetup(4),
      plan: planOf(faults, 1).plan,
      hosts: 4,
      // Nothing but its death ends it.
      timeLimitNs: 2_000e9,
      run,
      server: { executable, directory: join(directory, run) },
      mains,
      env: process.env,
      journal: null,
      onFact: (_, fact) => {
        if (fact.fact === "asked") console.log(fact.ask.do);
      },
      onMessage: null,
      onNotice: (text) => console.error(text),
      signal: new AbortController().signal,
    }),
  ),
);
