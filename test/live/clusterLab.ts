// Three sites of a network, each with a NATS server of one cluster and a host of two CPUs, the coordinator on the first: for
// cluster.test.ts, which starts this in a hub. Two runs: in one a site is cut off in mid-stop and healed, in the other the server that leads
// the register is killed just before the decision. Prints what came of them.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as Effect from "effect/Effect";
import { buildLab, type Site } from "../../infra/lab/network.ts";
import { type Guarded, startGuarded } from "../../shared/live/server/guarded.ts";
import { clusterConfig, insist, registerOf } from "./cluster.ts";
import { askedFor, joinedRun, outcomeOf } from "./joinedRun.ts";
import { connectTo, recorder } from "./onServer.ts";

const [executable = "", directory = ""] = process.argv.slice(2);

/** For so long a site is cut off. */
const cutMs = 1_500;

const lab = await buildLab(3, { through: true });
const sites = lab.sites as readonly [Site, Site, Site];
const hosts = sites.map((_, i) => `10.0.${i + 1}.2`);
const url = hosts.map((host) => `nats://${host}:4222`).join(",");

const servers = new Map<string, Guarded>();
for (const [i, { within }] of sites.entries()) {
  const folder = join(directory, `server-${i}`);
  mkdirSync(folder);
  const config = clusterConfig({
    name: `site-${i}`,
    folder,
    host: hosts[i] as string,
    port: 4222,
    own: 6222,
    routes: hosts.map((host) => `${host}:6222`),
  });
  writeFileSync(join(folder, "nats.conf"), config);
  servers.set(`site-${i}`, await startGuarded(within[0] as string, [...within.slice(1), executable, "-c", join(folder, "nats.conf")]));
}

const machine = ["--cpus", "6", "--hosts", "3", "--seed", "7", "--patches", "2"];

/** One run; `strike` is called when `phase` is asked for, with the name of the server that leads the register. */
const driven = (phase: "prepare" | "disable-irq", flags: readonly string[], strike: (leader: string) => Promise<void>) =>
  Effect.scoped(
    Effect.gen(function* () {
      const joined = yield* joinedRun(url);
      const asked = yield* askedFor(url, joined, { cpus: 6, hosts: 3 }, phase);
      const cpus = sites.map(({ within }, index) => joined.cpu(["--index", String(index)], within));
      const coordinator = joined.coordinator([...machine, ...flags], sites[0].within);
      yield* asked;
      const { bus } = yield* connectTo(url, recorder);
      const { leader, copies } = yield* Effect.promise(() => registerOf(bus, joined.run));
      yield* Effect.promise(() => strike(leader));
      const { code, summary, said } = yield* outcomeOf(coordinator);

      const codes = yield* Effect.promise(() => Promise.all(cpus.map(({ ended }) => ended)));
      return { code, codes, copies, verdict: summary?.verdict, committed: summary?.operations.committed, said };
    }),
  );

const result = await Effect.runPromise(
  Effect.gen(function* () {
    const { bus } = yield* connectTo(url, recorder);
    const probe = new TextEncoder().encode(JSON.stringify({ name: "probe", subjects: ["probe"], storage: "memory", num_replicas: 3 }));
    // Three copies can be made when all three have met.
    yield* Effect.promise(() => insist(bus, "$JS.API.STREAM.CREATE.probe", probe));
    const cut = yield* driven("prepare", ["--fault", "pause cpu 0 at prepare for 300ms"], async () => {
      sites[2].cut();
      await new Promise((resolve) => setTimeout(resolve, cutMs));
      sites[2].heal();
    });
    let killed = "";
    const lost = yield* driven("disable-irq", ["--fault", "pause cpu 0 at disable-irq for 600ms"], async (leader) => {
      killed = leader;
      servers.get(leader)?.kill();
    });
    return { cut, lost, killed };
  }).pipe(Effect.scoped),
);
for (const server of servers.values()) await server.stop(1_000);
lab.end();
console.log(JSON.stringify(result));
