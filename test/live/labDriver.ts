// A process that drives a run whose CPUs are spread over the two sites of a network, cuts one link in mid-stop and heals it, or lets both
// lose packets: for lab.test.ts, which starts it in a hub. Prints when it cuts, and at the end what came of the run.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import * as Effect from "effect/Effect";
import { buildLab, hubAddress, type Site } from "../../infra/lab/network.ts";
import { runLive } from "../../shared/live/run.ts";
import { startGuarded } from "../../shared/live/server/guarded.ts";
import { portsOf } from "../../shared/live/server/ports.ts";
import { planOf } from "../../shared/nemesis/plan.ts";
import type { CoordinatorFact } from "../../shared/protocol/facts.ts";
import { liveSetup, mains } from "./liveRun.ts";

const [executable = "", directory = "", run = "", what = ""] = process.argv.slice(2);

/** For so long a link is cut. */
const cutMs = 1_500;

const lab = await buildLab(2);
const [left, right] = lab.sites as readonly [Site, Site];
mkdirSync(join(directory, "store"));
const server = await startGuarded(executable, [
  "-a",
  "0.0.0.0",
  "-p",
  "-1",
  "-js",
  "-sd",
  join(directory, "store"),
  "--ports_file_dir",
  directory,
]);

const portOf = async (): Promise<number> => {
  for (;;) {
    const ports = portsOf(directory, server.pid);
    if (ports !== undefined) return ports.port;
    await sleep(10);
  }
};

let cuts = 0;
const disturb = (fact: CoordinatorFact): void => {
  if (fact.fact !== "asked" || fact.ask.do !== what || cuts++ > 0) return;
  right.cut();
  console.log("cut");
  setTimeout(() => right.heal(), cutMs);
};

if (what === "loss") for (const site of lab.sites) site.lose(15);
const setup = liveSetup(4);
const outcomes: Array<readonly [epoch: number, outcome: string]> = [];
const result = await Effect.runPromise(
  Effect.scoped(
    runLive({
      setup,
      plan: planOf(what === "loss" ? [] : [`pause cpu 0 at ${what} for 100ms`], 1).plan,
      hosts: 4,
      timeLimitNs: 20e9,
      run,
      server: { url: `nats://${hubAddress}:${await portOf()}` },
      mains,
      within: ({ role, number }) => (role === "coordinator" ? [] : number < 2 ? left.within : right.within),
      env: process.env,
      journal: null,
      onFact: (_, fact) => {
        disturb(fact);
        if (fact.fact === "decided") outcomes.push([fact.epoch, fact.outcome]);
      },
      onMessage: null,
      onNotice: (text) => console.error(text),
      signal: new AbortController().signal,
    }),
  ),
);
const lost = lab.lost();
await server.stop(1_000);
lab.end();
console.log(JSON.stringify({ ended: result.end.ended, at: result.end.at, outcomes, cuts, lost }));
