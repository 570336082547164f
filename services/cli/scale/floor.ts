// The floor of a live sweep: what a round costs the network alone, measured at a server such as the runs have.
import { randomBytes } from "node:crypto";
import * as Effect from "effect/Effect";
import type { Bus } from "../../../shared/live/bus/bus.ts";
import { scopedBus } from "../../../shared/live/bus/scoped.ts";
import { inboxOf, type Speaker, userOf } from "../../../shared/live/bus/subjects.ts";
import { natsServer } from "../../../shared/live/server/server.ts";
import { quantile } from "../../../shared/stats/quantile.ts";
import { serverFor } from "../engines/live.ts";

/** The first ones pay for code that has not been compiled yet. */
const warmup = 1_000;
const pings = 2_000;

/** What is asked goes to the server and on, and so does the answer: no round is faster than two pings, however many CPUs answer. */
const pingsOfRound = 2;

const driver: Speaker = { role: "driver", number: 0 };

const pingUs = async (bus: Bus): Promise<number> => {
  const times = new Float64Array(warmup + pings);
  for (let i = 0; i < times.length; i++) {
    const begun = performance.now();
    await bus.flush();
    times[i] = (performance.now() - begun) * 1e3;
  }
  return quantile([...times.subarray(warmup).sort()], 0.5);
};

/** The median of a round's floor in us: on the server that was named, or on one of our own. */
export const roundFloorUs = (natsUrl: string | null, onNotice: (text: string) => void): Promise<number> =>
  Effect.runPromise(
    Effect.scoped(
      Effect.gen(function* () {
        const server = yield* serverFor(natsUrl, onNotice);
        const run = `floor-${randomBytes(4).toString("hex")}`;
        const url = "url" in server ? server.url : (yield* natsServer({ ...server, run, hosts: 1 })).urlFor(driver);
        const bus = yield* scopedBus({ url, name: userOf(driver), inbox: inboxOf(driver), onEvent: () => undefined });
        return pingsOfRound * (yield* Effect.promise(() => pingUs(bus)));
      }),
    ),
  );
