// Runs on a NATS server in a container, as a machine has it that keeps its servers there.
import { assert, describe, it } from "@effect/vitest";
import * as Effect from "effect/Effect";
import { quiesce, scratch } from "../cli/quiesce.ts";
import { assertSound, factsOf, liveRun } from "../live/liveRun.ts";
import { natsContainer, noContainers } from "./natsContainer.ts";

const missing = await noContainers();
// The reporter counts what is skipped and does not say why.
if (missing !== undefined) process.stderr.write(`runs on a NATS server in a container are not tested: ${missing}\n`);

describe.skipIf(missing !== undefined)(`a server in a container${missing === undefined ? "" : ` (skipped: ${missing})`}`, () => {
  it.live("serves the command line", () =>
    Effect.gen(function* () {
      const { url } = yield* natsContainer;
      const { code, stdout, stderr } = yield* Effect.promise(() => quiesce(scratch(), ["run", "--json", "--cpus", "4", "--nats", url]));
      assert.strictEqual(code, 0, stderr);
      const { engine, transport, outcome, verdict } = JSON.parse(stdout);
      assert.deepStrictEqual(
        { engine, transport, outcome, verdict },
        { engine: "live", transport: "nats", outcome: "committed", verdict: "valid" },
      );
    }),
  );

  it.live("that is killed and started again in mid-stop is waited for", () =>
    Effect.gen(function* () {
      const { url, restart } = yield* natsContainer;
      let restarted: Promise<void> | undefined;
      const live = yield* liveRun({
        cpus: 4,
        url,
        faults: ["pause cpu 1 at prepare for 3s"],
        onFact: (fact) => {
          if (fact.fact === "asked" && fact.ask.do === "prepare") restarted ??= restart();
        },
      });
      yield* Effect.promise(async () => restarted);
      assertSound(live);
      // The stop went on without a server, and was decided with the one that came back.
      assert.isAbove(live.result.unsent, 0);
      assert.deepStrictEqual(
        factsOf(live, "decided").map(({ epoch, outcome }) => [epoch, outcome]),
        [[1, "committed"]],
      );
    }),
  );
});
