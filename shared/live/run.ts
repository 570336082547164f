// The live engine: one run over a real NATS server, from the first process to the last.
//
// Effect owns what lives and ends: the server, the register's bucket, the processes. However the run ends (done, stuck, interrupted, a
// server that is gone), the processes end first, then the bucket, then the server.
import * as Deferred from "effect/Deferred";
import * as Effect from "effect/Effect";
import type { Scope } from "effect/Scope";
import type { FaultCount, Plan } from "../nemesis/plan.ts";
import { convergenceBoundNs } from "../protocol/bound.ts";
import type { CoordinatorFact } from "../protocol/facts.ts";
import type { End, Ended } from "../protocol/observer.ts";
import type { Setup } from "../protocol/setup.ts";
import type { NatsUnreachable } from "./bus/bus.ts";
import type { Incoming } from "./bus/incoming.ts";
import { listen } from "./bus/incoming.ts";
import type { RegisterFailed } from "./bus/register.ts";
import { scopedBucket, scopedBus } from "./bus/scoped.ts";
import { inboxOf, type Speaker } from "./bus/subjects.ts";
import { Fleet, type FleetOptions } from "./driver/fleet.ts";
import { type NatsServer, type NatsServerFailed, natsServer } from "./server/server.ts";

export interface LiveOptions {
  readonly setup: Setup;
  readonly plan: Plan;
  /** Processes that share the CPUs. */
  readonly hosts: number;
  readonly timeLimitNs: number;
  /** Name of the run: part of its subjects. */
  readonly run: string;
  /** A server to start for the run, or the address of one that is there. */
  readonly server: { readonly executable: string; readonly directory: string } | { readonly url: string };
  readonly mains: FleetOptions["mains"];
  readonly env: NodeJS.ProcessEnv;
  readonly journal: FleetOptions["journal"];
  /** For progress displays. */
  readonly onFact: (at: number, fact: CoordinatorFact) => void;
  /** What the CPUs and coordinators say on the bus, if somebody wants to watch; null costs nothing. */
  readonly onMessage: ((incoming: Incoming) => void) | null;
  /** Something that went wrong and did not end the run, or that did. */
  readonly onNotice: (text: string) => void;
  /** Ends the run early, in good order. */
  readonly signal: AbortSignal;
}

export interface LiveResult {
  readonly end: End;
  readonly faults: readonly FaultCount[];
  /** Frames that were refused as damaged, malformed or not for their speaker to say. */
  readonly refused: number;
  readonly serverRestarts: number;
  /** Each process's own journal. */
  readonly journals: readonly string[];
}

/** How often a NATS server that ends by itself is started again. */
const serverRestartLimit = 20;

/** Runs one machine live. */
export const runLive = (options: LiveOptions): Effect.Effect<LiveResult, NatsUnreachable | NatsServerFailed | RegisterFailed, Scope> =>
  Effect.gen(function* () {
    const { server } = options;
    const started = "executable" in server ? yield* natsServer({ ...server, run: options.run, hosts: options.hosts }) : null;
    const urlFor = started === null ? () => ("url" in server ? server.url : "") : started.urlFor;
    yield* openBucket(options, urlFor);
    const ended = Deferred.makeUnsafe<Ended>();
    const end = (how: Ended): void => {
      Deferred.doneUnsafe(ended, Effect.succeed(how));
    };
    const fleet = yield* Effect.acquireRelease(
      Effect.sync(() => startFleet(options, urlFor, end)),
      (running) => Effect.promise(() => running.quit()),
    );
    let serverRestarts = 0;
    if (started !== null) {
      yield* Effect.forkScoped(
        keepServer(
          started,
          options.onNotice,
          () => ++serverRestarts,
          () => end("environment"),
        ),
      );
    }
    const healing = yield* Effect.acquireRelease(
      Effect.sync(() => watchTime(options, fleet, end)),
      (watching) => Effect.sync(watching.stop),
    );
    const how = yield* Deferred.await(ended);
    const at = fleet.now();
    yield* Effect.promise(() => fleet.quit());
    const { packets, faults, refused, turns, journals } = fleet.result();
    const boundNs = convergenceBoundNs(options.setup);
    return {
      end: { ended: how, at, healedAt: healing.healedAt(), boundNs, packets, events: turns },
      faults,
      refused,
      serverRestarts,
      journals,
    };
  });

/** The driver makes the bucket before anybody opens it, and watches the bus if asked to. */
const openBucket = (options: LiveOptions, urlFor: (who: Speaker) => string) =>
  Effect.gen(function* () {
    const who: Speaker = { role: "driver", number: 0 };
    const onEvent = (): void => undefined;
    const bus = yield* scopedBus({ url: urlFor(who), name: "driver", inbox: inboxOf(who), onEvent });
    yield* scopedBucket(bus, options.run);
    const { onMessage } = options;
    if (onMessage === null) return;
    const recorder: Speaker = { role: "recorder", number: 0 };
    const watching = yield* scopedBus({ url: urlFor(recorder), name: "watcher", inbox: inboxOf(recorder), onEvent });
    listen(watching, options.run, recorder, { cpus: options.setup.cpus, hosts: options.hosts }, onMessage);
    yield* Effect.promise(() => watching.flush());
  });

const startFleet = (options: LiveOptions, urlFor: (who: Speaker) => string, end: (how: Ended) => void): Fleet =>
  new Fleet({
    setup: options.setup,
    plan: options.plan,
    run: options.run,
    layout: { cpus: options.setup.cpus, hosts: options.hosts },
    urlFor,
    mains: options.mains,
    env: options.env,
    journal: options.journal,
    onFact: options.onFact,
    onSettled: () => end("finished"),
    onProblem: (text) => {
      options.onNotice(text);
      end("environment");
    },
  });

/** Heals at the time limit, and gives up when the bound after it has passed. */
const watchTime = (options: LiveOptions, fleet: Fleet, end: (how: Ended) => void) => {
  let healedAt: number | null = null;
  let stuck: NodeJS.Timeout | undefined;
  const heal = setTimeout(() => {
    healedAt = fleet.now();
    fleet.heal();
    stuck = setTimeout(() => end("stuck"), convergenceBoundNs(options.setup) / 1e6);
  }, options.timeLimitNs / 1e6);
  const interrupt = (): void => end("interrupted");
  if (options.signal.aborted) interrupt();
  options.signal.addEventListener("abort", interrupt);
  return {
    healedAt: () => healedAt,
    stop: (): void => {
      clearTimeout(heal);
      clearTimeout(stuck);
      options.signal.removeEventListener("abort", interrupt);
    },
  };
};

/** A server that ends by itself, or is killed, is started again on its port with its store: the run must survive that. */
const keepServer = (
  server: NatsServer,
  onNotice: (text: string) => void,
  restarted: () => number,
  giveUp: () => void,
): Effect.Effect<void> =>
  server.watch.pipe(
    Effect.catch((error) =>
      Effect.gen(function* () {
        const count = restarted();
        onNotice(`the NATS server ended and is started again (${count}): ${error.message.split("\n")[0]}`);
        if (count > serverRestartLimit) return yield* Effect.sync(giveUp);
        yield* server.restart;
      }),
    ),
    Effect.catch((error) =>
      Effect.sync(() => {
        onNotice(error.message);
        giveUp();
      }),
    ),
    Effect.forever,
  );
