// What nobody planned: processes and the server killed or stopped in the middle of a stop, the driver killed, a run interrupted.
import { spawn } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { assert, describe, it } from "@effect/vitest";
import * as Effect from "effect/Effect";
import type { CoordinatorFact } from "../../shared/protocol/facts.ts";
import type { Phase } from "../../shared/protocol/messages.ts";
import { assertSound, factsOf, liveRun, mains, newRun, processesOf, signal, type Watch } from "./liveRun.ts";
import { directory, executable, until } from "./onServer.ts";

/** Holds the stop open for long enough to be hit in it. */
const held = (phase: Phase): readonly string[] => [`pause cpu 5 at ${phase} for 1500ms`];

/** Acts once, in the first epoch, when this phase is asked for: the stop is then open for as long as it is held. */
const inMid = (phase: Phase, act: (watch: Watch) => void): ((fact: CoordinatorFact, watch: Watch) => void) => {
  let acted = false;
  return (fact, watch) => {
    if (acted || fact.fact !== "asked" || fact.ask.do !== phase) return;
    acted = true;
    act(watch);
  };
};

const outcomes = (live: Parameters<typeof factsOf>[0]) => factsOf(live, "decided").map(({ epoch, outcome }) => [epoch, outcome]);

describe("killed in mid-stop", () => {
  it.live("a CPU's process: the epoch aborts, the next does without it", () =>
    Effect.gen(function* () {
      const live = yield* liveRun({ faults: held("prepare"), onFact: inMid("prepare", ({ run }) => signal(run, "host-2", "SIGKILL")) });
      assertSound(live);
      assert.deepStrictEqual(factsOf(live, "decided")[0]?.reason, { why: "death", cpus: [2, 2], busy: [] });
      assert.deepStrictEqual(outcomes(live).at(-1), [2, "committed"]);
      assert.include(live.notices, "host 2 was killed, and what it counted in its last 250 ms is lost");
    }),
  );

  it.live("a process of several CPUs after the decision: the others follow it", () =>
    Effect.gen(function* () {
      const live = yield* liveRun({
        cpus: 12,
        hosts: 3,
        faults: ["pause cpu 5 at run for 1500ms"],
        onFact: inMid("run", ({ run }) => signal(run, "host-2", "SIGKILL")),
      });
      assertSound(live);
      assert.deepStrictEqual(outcomes(live), [[1, "committed"]]);
    }),
  );

  it.live("the coordinator before its decision: the next one aborts that epoch and commits another", () =>
    Effect.gen(function* () {
      const kill = ({ run }: Watch): void => signal(run, "coordinator-0", "SIGKILL");
      const live = yield* liveRun({ faults: held("prepare"), onFact: inMid("prepare", kill) });
      assertSound(live);
      assert.deepStrictEqual(outcomes(live), [
        [1, "aborted"],
        [2, "committed"],
      ]);
    }),
  );

  it.live("the coordinator after its decision: the next one follows it", () =>
    Effect.gen(function* () {
      const kill = ({ run }: Watch): void => signal(run, "coordinator-0", "SIGKILL");
      const live = yield* liveRun({ faults: held("run"), onFact: inMid("run", kill) });
      assertSound(live);
      assert.deepStrictEqual(outcomes(live), [
        [1, "committed"],
        [1, "committed"],
      ]);
    }),
  );

  for (const phase of ["prepare", "run"] as const) {
    it.live(`the NATS server during ${phase}: it is started again, and the run goes on`, () =>
      Effect.gen(function* () {
        const kill = ({ run }: Watch): void => signal(run, "nats-server", "SIGKILL");
        const live = yield* liveRun({ faults: held(phase), onFact: inMid(phase, kill) });
        assertSound(live);
        assert.strictEqual(live.result.serverRestarts, 1);
        assert.deepStrictEqual(outcomes(live), [[1, "committed"]]);
      }),
    );
  }
});

describe("killed when all is done", () => {
  it.live("the NATS server is not waited for", () =>
    Effect.gen(function* () {
      let killedAt = 0;
      const live = yield* liveRun({
        cpus: 2,
        onFact: (fact, { run }) => {
          if (fact.fact !== "finished") return;
          signal(run, "nats-server", "SIGKILL");
          killedAt = performance.now();
        },
      });
      assertSound(live);
      assert.isBelow(performance.now() - killedAt, 3_000);
    }),
  );
});

describe("stopped in mid-stop", () => {
  it.live("a CPU's process that goes on later is waited for", () =>
    Effect.gen(function* () {
      const live = yield* liveRun({
        onFact: inMid("prepare", ({ run }) => {
          signal(run, "host-2", "SIGSTOP");
          setTimeout(() => signal(run, "host-2", "SIGCONT"), 600);
        }),
      });
      assertSound(live);
      assert.deepStrictEqual(outcomes(live), [[1, "committed"]]);
    }),
  );
});

describe("before power-on", () => {
  /** Kills or stops a process as soon as it is there: long before it can be ready. */
  const atStart = (run: () => string | undefined, how: NodeJS.Signals) =>
    until("the process is there", () => {
      const found = processesOf(run() ?? "no run yet").find(({ args }) => args.includes(" host-1 "));
      if (found !== undefined) process.kill(found.pid, how);
      return found !== undefined;
    });

  it.live("a process that is killed keeps nobody waiting", () =>
    Effect.gen(function* () {
      let run: string | undefined;
      const [live] = yield* Effect.all(
        [
          liveRun({
            cpus: 3,
            onRun: (watch) => {
              run = watch.run;
            },
          }),
          atStart(() => run, "SIGKILL"),
        ],
        { concurrency: "unbounded" },
      );
      assertSound(live);
      assert.deepStrictEqual(factsOf(live, "opened")[0]?.participants, [0, 0, 2, 2]);
    }),
  );

  it.live("a process that never becomes ready is given up in bounded time", () =>
    Effect.gen(function* () {
      let run: string | undefined;
      const [live] = yield* Effect.all(
        [
          liveRun({
            cpus: 2,
            onRun: (watch) => {
              run = watch.run;
            },
          }),
          atStart(() => run, "SIGSTOP"),
        ],
        { concurrency: "unbounded" },
      );
      assert.strictEqual(live.result.end.ended, "environment");
      assert.match(live.notices.join("\n"), /not ready within \d+ ms: host 1/);
    }),
  );

  it.live("a program that fails at its start is named, with what it printed", () =>
    Effect.gen(function* () {
      const broken = join(yield* directory, "broken.mjs");
      writeFileSync(broken, 'console.error("no such luck"); process.exit(7);');
      const live = yield* liveRun({ cpus: 1, mains: { ...mains, host: broken } });
      assert.strictEqual(live.result.end.ended, "environment");
      assert.match(live.notices.join("\n"), /host 0 ended by exit code 7: no such luck/);
    }),
  );
});

describe("the end", () => {
  it.live("comes in good order when the run is interrupted in mid-stop", () =>
    Effect.gen(function* () {
      const live = yield* liveRun({ faults: held("prepare"), onFact: inMid("prepare", ({ abort }) => abort()) });
      assert.strictEqual(live.result.end.ended, "interrupted");
      assert.isAbove(live.result.end.packets.sent, 0);
      assert.isUndefined(live.divergence);
      assert.deepStrictEqual(live.gaps, []);
    }),
  );

  /** A driver of its own, with a run of 4 CPUs that is in mid-stop. */
  const driven = (run: string, fault: string) =>
    Effect.gen(function* () {
      const script = fileURLToPath(new URL("runDriver.ts", import.meta.url));
      const folder = mkdtempSync(join(yield* directory, "driven-"));
      const driver = spawn(process.execPath, [script, yield* executable, folder, run, fault], { stdio: ["ignore", "pipe", "inherit"] });
      let printed = "";
      driver.stdout.on("data", (chunk) => {
        printed += String(chunk);
      });
      yield* until("the stop is under way", () => printed.includes("prepare"));
      return driver;
    });

  it.live("of the driver, killed in mid-stop, is the end of all", () =>
    Effect.gen(function* () {
      const run = newRun();
      const driver = yield* driven(run, "pause cpu 3 at prepare for 1000s");
      // The driver, 4 CPUs, a coordinator, the server and the two shells that guard it; for a moment also what a shell is about to start.
      yield* until("there are all of them", () => processesOf(run).length === 9);
      driver.kill("SIGKILL");
      yield* until("all have ended", () => processesOf(run).length === 0);
    }),
  );

  it.live("of the driver, killed while a process stands still, is the end of that one too", () =>
    Effect.gen(function* () {
      const run = newRun();
      const driver = yield* driven(run, "suspend cpu 3 at prepare for 1000s");
      const isStopped = () => processesOf(run).some(({ args, state }) => args.includes(" host-3 ") && state.startsWith("T"));
      yield* until("the process stands still", isStopped);
      driver.kill("SIGKILL");
      yield* until("all have ended", () => processesOf(run).length === 0);
    }),
  );
});
