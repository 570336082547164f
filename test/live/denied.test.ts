// What the server of a run does not let through: whoever speaks as another, listens where nothing is for it, or has no password.
import { assert, describe, it } from "@effect/vitest";
import * as Effect from "effect/Effect";
import type { Bus } from "../../shared/live/bus/bus.ts";
import { seal } from "../../shared/live/bus/codec.ts";
import { subjectsOf } from "../../shared/live/bus/subjects.ts";
import { encodeAnswers } from "../../shared/protocol/wire/answers.ts";
import { infiltrate } from "./infiltrate.ts";
import { assertSound, liveRun, signal, type Watch } from "./liveRun.ts";
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
        signal(watch.run, "host-3", "SIGCONT");
      };
      let held = false;
      let speaking = Promise.resolve();
      const live = yield* liveRun({
        cpus: 4,
        faults: ["pause cpu 3 at disable-irq for 2s"],
        onFact: (fact, watch) => {
          if (fact.fact !== "asked" || fact.ask.do !== "disable-irq" || held) return;
          // The stop stays open for as long as they take: nobody else can say what CPU 3 is waited for.
          held = true;
          signal(watch.run, "host-3", "SIGSTOP");
          speaking = speak(watch);
        },
      });
      yield* Effect.promise(() => speaking);
      yield* Effect.promise(() => Promise.all(strangers.map((bus) => bus.close())));
      assertSound(live);
      const { answers, asks, everything } = subjectsOf(live.run);
      const refused = { by: "the NATS server", why: "not permitted", times: 1 };
      assert.deepInclude(live.result, { denied: 4, refused: 0 });
      assert.sameDeepMembers(
        [...live.result.refusals],
        [
          { ...refused, who: "host-1", what: `to publish on ${answers(3)}` },
          { ...refused, who: "viewer", what: `to publish on ${answers(3)}` },
          { ...refused, who: "viewer", what: `to publish on ${asks(0)}` },
          { ...refused, who: "host-1", what: `to listen to ${everything}` },
        ],
      );
    }),
  );
});
