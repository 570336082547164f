// Three servers in a cluster and five hosts that have joined a long run: the server that leads the register and a host are killed on the
// way, and every patch is made.
import { setTimeout as sleep } from "node:timers/promises";
import { assert, describe, it } from "@effect/vitest";
import * as Effect from "effect/Effect";
import { cluster, registerOf } from "./cluster.ts";
import { askedFor, type Command, heardOf, joinedRun, outcomeOf, signalHost } from "./joinedRun.ts";
import { processesOf } from "./liveRun.ts";

const hosts = 4;
const patches = 100;
const flags = ["--cpus", "8", "--hosts", `${hosts}`, "--patches", `${patches}`, "--patch-every", "100ms", "--lease", "20s", "--seed", "7"];

describe("a long run on a cluster of three servers", () => {
  it.live("makes every patch while the leading server and a host are killed, and another host takes its place", () =>
    Effect.gen(function* () {
      const { url, bus, servers } = yield* cluster;
      const joined = yield* joinedRun(url);
      // The fifth stands by.
      const cpus: readonly Command[] = Array.from({ length: hosts + 1 }, () => joined.cpu());
      const begun = yield* askedFor(url, joined, { cpus: 8, hosts }, "prepare");
      const coordinator = joined.coordinator(flags);
      yield* begun;
      const victim = cpus.find((cpu) => cpu.said().includes("has range 1 of")) as Command;
      const register = () => registerOf(bus, joined.run);
      const { leader, writes } = yield* Effect.promise(register);
      servers.get(leader)?.kill();
      // What the host has written of its journal by then is with the servers that are left. Losing both at one moment leaves a doubt.
      yield* Effect.promise(async () => {
        while ((await register()).writes < writes + 40) await sleep(100);
      });
      signalHost(joined.run, victim, 1, "SIGKILL");
      yield* heardOf(coordinator, "its CPUs are dead");
      const { code, summary, said } = yield* outcomeOf(coordinator);
      assert.deepStrictEqual([summary?.reasons, code, summary?.operations.committed], [[], 0, patches], said);
      for (const cpu of cpus) if (cpu !== victim) assert.strictEqual(yield* Effect.promise(() => cpu.ended), 0, cpu.said());
      assert.deepStrictEqual(processesOf(joined.run), []);
    }),
  );
});
