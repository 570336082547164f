// What the server of a run does not let through: whoever speaks as another, listens where nothing is for it, or has no password.
import { assert, describe, it } from "@effect/vitest";
import * as Effect from "effect/Effect";
import type { Bus } from "../../shared/live/bus/bus.ts";
import { seal } from "../../shared/live/bus/codec.ts";
import { subjectsOf } from "../../shared/live/bus/subjects.ts";
import { encodeAnswers } from "../../shared/protocol/wire/answers.ts";
import { infiltrate } from "./infiltrate.ts";
import { assertSound, liveRun, type Watch } from "./liveRun.ts";
import { host, viewer } from "./onServer.ts";

const clearVote = (cpu: number): Uint8Array =>
  seal(encodeAnswers(1, [{ kind: "ack", term: 1, epoch: 1, round: 3, cpus: [cpu, cpu], incarnation: 1, report: { kind: "clear" } }]));

describe("the server of a run", () => {
  it.live("lets no host vote for another's CPU and no viewer say anything, and the run counts both and is valid", () =>
    Effect.gen(function* () {
      const strangers: Bus[] = [];
      const speak = async (watch: Watch): Promise<void> => {
        const subjects = subjectsOf(watch.run);
        const asHost = await infiltrate(watch, host(1));
        const asViewer = await infiltrate(watch, viewer);
        strangers.push(asHost, asViewer);
        // The CPU that is waited for, in the name of its own host; and a coordinator's ask.
        asHost.publish(subjects.answers(3), clearVote(3));
        asViewer.publish(subjects.answers(3), clearVote(3));
        asViewer.publish(subjects.asks(0), clearVote(3));
        asHost.subscribe(subjects.everything, () => undefined);
        await Promise.all(strangers.map((bus) => bus.flush()));
      };
      let speaking = Promise.resolve();
      const live = yield* liveRun({
        cpus: 4,
        faults: ["pause cpu 3 at disable-irq for 2s"],
        onFact: (fact, watch) => {
          if (fact.fact === "asked" && fact.ask.do === "disable-irq") speaking = speak(watch);
        },
      });
      yield* Effect.promise(() => speaking);
      yield* Effect.promise(() => Promise.all(strangers.map((bus) => bus.close())));
      assertSound(live);
      const { answers, asks, everything } = subjectsOf(live.run);
      assert.deepInclude(live.result, { denied: 4, refused: 0 });
      assert.sameMembers(
        live.notices.filter((text) => text.startsWith("the NATS server refused")),
        [
          `the NATS server refused: host-1 may not publish on ${answers(3)}`,
          `the NATS server refused: viewer may not publish on ${answers(3)}`,
          `the NATS server refused: viewer may not publish on ${asks(0)}`,
          `the NATS server refused: host-1 may not listen to ${everything}`,
        ],
      );
    }),
  );
});
