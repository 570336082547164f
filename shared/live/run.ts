// The live engine: one run over a real NATS server, from the first process to the last.
//
// Effect owns what lives and ends: the server, the register's bucket, the processes. However the run ends (done, stuck, interrupted, a
// server that is gone), the processes end first, then the bucket, then the server.
import * as Deferred from "effect/Deferred";
import * as Effect from "effect/Effect";
import type { Scope } from "effect/Scope";
import type { PartLengths } from "../journal/part.ts";
import { allRefused, type Refused, refusedText } from "../journal/refused.ts";
import type { FaultCount, Plan } from "../nemesis/plan.ts";
import { convergenceBoundNs, overdue } from "../protocol/bound.ts";
import type { CoordinatorFact } from "../protocol/facts.ts";
import type { End, Ended } from "../protocol/observer.ts";
import type { Setup } from "../protocol/setup.ts";
import { addressFor } from "./bus/address.ts";
import type { BusEvent, NatsUnreachable } from "./bus/bus.ts";
import { listen } from "./bus/incoming.ts";
import type { Incoming } from "./bus/reading.ts";
import type { RegisterFailed } from "./bus/register.ts";
import { makeBucket, scopedBucket, scopedBus } from "./bus/scoped.ts";
import { inboxOf, type Speaker, userOf } from "./bus/subjects.ts";
import { type ChildrenOptions, childrenOf, type Launch } from "./driver/child.ts";
import { Fleet } from "./driver/fleet.ts";
import type { FleetOptions } from "./driver/fleetOptions.ts";
import { Lookout, type Viewing } from "./driver/lookout.ts";
import { toMs } from "./process/timers.ts";
import { type Denials, denialsIn } from "./server/denials.ts";
import { type NatsServer, type NatsServerFailed, natsServer } from "./server/server.ts";
import { sharedLog } from "./server/sharedLog.ts";

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
  readonly mains: ChildrenOptions["mains"];
  readonly within?: NonNullable<ChildrenOptions["within"]>;
  readonly env: NodeJS.ProcessEnv;
  /** Hosts that have joined from elsewhere; without it they are started here. Then the bucket is theirs as well. */
  readonly joined?: Joined;
  readonly journal: FleetOptions["journal"];
  /** What coordinators announce, for progress displays; null costs nothing. */
  readonly onFact: FleetOptions["onFact"];
  /** What the CPUs and coordinators say on the bus, if somebody wants to watch; null costs nothing. */
  readonly onMessage: ((incoming: Incoming) => void) | null;
  /** Null where nobody looks on. */
  readonly viewing?: Viewing | null;
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
  /** Frames that could not leave, because the connection was gone. */
  readonly unsent: number;
  /** Connections of processes that were lost and made again. */
  readonly reconnects: number;
  readonly serverRestarts: number;
  /** What the server did not let through; null where its log is not to be read. */
  readonly denied: number | null;
  /** Who was refused what, by the server and by processes of the run. */
  readonly refusals: readonly Refused[];
  /** Of a server of the run's own: how often it cut somebody off who read too slowly. */
  readonly slowConsumers: number | null;
  /** Each process's own journal. */
  readonly journals: readonly string[];
  /** What of them is lost. */
  readonly gaps: readonly string[];
  /** How long they are to be, as far as that is known. */
  readonly lengths: PartLengths;
}

/** Hosts that have joined a run. */
export interface Joined {
  readonly launch: (here: Launch) => Launch;
  readonly livesOf: NonNullable<FleetOptions["livesOf"]>;
  readonly firstLife: number;
  /** The run's zero on this machine's monotonic clock, in ns, if somebody else has begun it. */
  readonly zeroNs: number | undefined;
  /** A process elsewhere may be silent for so long, in ns: then it is dead. */
  readonly readyNs: number;
  /** Which of them were refused what they reported. */
  readonly refusals: () => readonly Refused[];
  /** From now on the fleet hears of those who join later. */
  readonly attach: (fleet: Fleet) => void;
}

/** How often a NATS server that ends by itself is started again, beside those times that the plan ends it. */
const serverRestartLimit = 20;

const driver: Speaker = { role: "driver", number: 0 };
const recorder: Speaker = { role: "recorder", number: 0 };
const viewer: Speaker = { role: "viewer", number: 0 };

/** Runs one machine live. */
export const runLive = (options: LiveOptions): Effect.Effect<LiveResult, NatsUnreachable | NatsServerFailed | RegisterFailed, Scope> =>
  Effect.gen(function* () {
    const { server, viewing = null } = options;
    const lookout = viewing === null ? null : new Lookout(viewing);
    const origins = viewing === null ? {} : { origins: viewing.origins };
    const started = "executable" in server ? yield* natsServer({ ...server, run: options.run, hosts: options.hosts, ...origins }) : null;
    const urlFor = "url" in server ? (who: Speaker) => addressFor(server.url, userOf(who)) : (started as NatsServer).urlFor;
    const shared = "url" in server ? sharedLog(server.url, options.run) : null;
    const bus = yield* openBucket(options, urlFor);
    yield* watchBus(options, urlFor);
    const ended = Deferred.makeUnsafe<Ended>();
    const end = (how: Ended): void => {
      Deferred.doneUnsafe(ended, Effect.succeed(how));
    };
    const time = new TimeLimit(options, lookout, end);
    let outages = 0;
    const killServer = (): void => {
      if (started === null) return;
      outages++;
      started.kill();
    };
    const fleet = yield* Effect.acquireRelease(
      Effect.sync(() => startFleet(options, urlFor, killServer, { time, lookout, end })),
      (running) => Effect.promise(() => running.quit()),
    );
    lookout?.open(fleet, { bus, run: options.run, webSocket: started?.webSocket ?? "", viewer: urlFor(viewer) });
    yield* Effect.addFinalizer(() => Effect.sync(() => time.stop()));
    let serverRestarts = 0;
    const onServerLoss = (text: string): boolean => {
      serverRestarts++;
      if (serverRestarts > outages) options.onNotice(text);
      return serverRestarts - outages <= serverRestartLimit;
    };
    const giveUp = (text: string): void => {
      options.onNotice(text);
      end("environment");
    };
    if (started !== null) yield* Effect.forkScoped(keepServer(started, onServerLoss, giveUp));
    yield* endOnAbort(options.signal, () => end("interrupted"));
    const how = yield* Deferred.await(ended);
    const at = fleet.now();
    yield* Effect.promise(() => fleet.quit());
    lookout?.close();
    const { packets, turns, ...result } = fleet.result();
    const boundNs = convergenceBoundNs(options.setup);
    const denials = started?.denials ?? (shared === null ? null : Effect.promise(() => denialsIn(shared)));
    const log = denials === null ? null : yield* tellDenials(denials, options.onNotice);
    const refusals = allRefused([log?.refusals ?? [], result.refusals, options.joined?.refusals() ?? []]);
    const seen = { denied: log?.count ?? null, slowConsumers: started === null ? null : (log?.slow ?? 0), refusals };
    return { end: { ended: how, at, healedAt: time.healedAt, boundNs, packets, events: turns }, ...result, serverRestarts, ...seen };
  });

/** Different ones that are told in words as they are found. */
const toldDenials = 5;

const tellDenials = (denials: Effect.Effect<Denials>, onNotice: LiveOptions["onNotice"]): Effect.Effect<Denials> =>
  Effect.map(denials, (found) => {
    for (const one of found.refusals.slice(0, toldDenials)) onNotice(`refused ${refusedText(one)}`);
    return found;
  });

/** The driver makes the bucket before anybody opens it. On a server of the run's own it goes with the server. */
const openBucket = (options: LiveOptions, urlFor: (who: Speaker) => string) =>
  Effect.gen(function* () {
    const onEvent = onBusEvent("the driver", options.onNotice);
    const bus = yield* scopedBus({ url: urlFor(driver), name: "driver", inbox: inboxOf(driver), onEvent });
    if (options.joined === undefined) yield* "url" in options.server ? scopedBucket(bus, options.run) : makeBucket(bus, options.run);
    return bus;
  });

/** Hears what everybody says, if somebody wants to watch. */
const watchBus = (options: LiveOptions, urlFor: (who: Speaker) => string) =>
  Effect.gen(function* () {
    const { onMessage } = options;
    if (onMessage === null) return;
    const onEvent = onBusEvent("the watcher", options.onNotice);
    const bus = yield* scopedBus({ url: urlFor(recorder), name: "watcher", inbox: inboxOf(recorder), onEvent });
    listen(bus, options.run, recorder, { cpus: options.setup.cpus, hosts: options.hosts }, (incoming) => {
      onMessage(incoming);
      return undefined;
    });
    yield* Effect.promise(() => bus.flush());
  });

/** The driver's own connections may break and come back, and what is refused is counted by whoever it was for. */
const onBusEvent =
  (who: string, onNotice: (text: string) => void) =>
  (event: BusEvent): void => {
    if (event.kind === "denied") onNotice(`NATS does not permit ${who} the ${event.operation} of ${event.subject}`);
    else if (event.kind === "complaint") onNotice(`the NATS server complains to ${who}: ${event.error.message}`);
    else if (event.kind === "lost") onNotice(`the NATS connection of ${who} is gone for good: ${event.error?.message ?? "closed"}`);
    else if (event.kind === "defect") {
      // Out of the client's way, which would only print it.
      setImmediate(() => {
        throw event.error;
      });
    }
  };

/** Who is to hear how the run goes. */
interface Hearers {
  readonly time: TimeLimit;
  readonly lookout: Lookout | null;
  readonly end: (how: Ended) => void;
}

const startFleet = (
  options: LiveOptions,
  urlFor: (who: Speaker) => string,
  killServer: () => void,
  { time, lookout, end }: Hearers,
): Fleet => {
  const { onFact } = options;
  const tellFact = (at: number, fact: CoordinatorFact): void => {
    onFact?.(at, fact);
    lookout?.fact(at, fact);
  };
  const here = childrenOf(options);
  const fleet = new Fleet({
    setup: options.setup,
    plan: options.plan,
    run: options.run,
    layout: { cpus: options.setup.cpus, hosts: options.hosts },
    urlFor,
    launch: options.joined === undefined ? here : options.joined.launch(here),
    ...(options.joined !== undefined && {
      livesOf: options.joined.livesOf,
      firstLife: options.joined.firstLife,
      zeroNs: options.joined.zeroNs,
      readyNs: options.joined.readyNs,
    }),
    journal: options.journal,
    killServer,
    onPowerOn: () => time.start(fleet),
    steered: lookout !== null,
    onFact: onFact === null && lookout === null ? null : tellFact,
    onSettled: () => {
      if (lookout?.staysOn() !== true) whenCool(options.setup, () => end("finished"));
    },
    onNotice: options.onNotice,
    onProblem: (text) => {
      options.onNotice(text);
      end("environment");
    },
  });
  options.joined?.attach(fleet);
  return fleet;
};

/** A load goes on for a while when all is done. */
const whenCool = ({ load }: Setup, end: () => void): void => {
  if (load === undefined) end();
  else setTimeout(end, toMs(load.coolNs)).unref();
};

/** From power-on: heals at the time limit, and gives up when the bound after it has passed. */
class TimeLimit {
  healedAt: number | null = null;
  private readonly options: LiveOptions;
  private readonly lookout: Lookout | null;
  private readonly end: (how: Ended) => void;
  private timer: NodeJS.Timeout | undefined;

  constructor(options: LiveOptions, lookout: Lookout | null, end: (how: Ended) => void) {
    this.options = options;
    this.lookout = lookout;
    this.end = end;
  }

  start(fleet: Fleet): void {
    const { timeLimitNs, setup } = this.options;
    this.timer = setTimeout(() => {
      this.healedAt = fleet.now();
      this.timer = setTimeout(() => this.end(overdue(setup)), toMs(convergenceBoundNs(setup)));
      this.lookout?.leave();
      fleet.heal();
    }, toMs(timeLimitNs));
  }

  stop(): void {
    clearTimeout(this.timer);
  }
}

const endOnAbort = (signal: AbortSignal, interrupt: () => void): Effect.Effect<void, never, Scope> =>
  Effect.acquireRelease(
    Effect.sync(() => {
      if (signal.aborted) interrupt();
      signal.addEventListener("abort", interrupt);
    }),
    () => Effect.sync(() => signal.removeEventListener("abort", interrupt)),
  );

/** A server that ends by itself, or is killed, is started again on its port with its store: the run must survive that. */
const keepServer = (server: NatsServer, onLoss: (text: string) => boolean, giveUp: (text: string) => void): Effect.Effect<void> =>
  server.watch.pipe(
    Effect.catch((error) => {
      const again = onLoss(`the NATS server ended and is started again: ${error.message.replaceAll("\n", " ")}`);
      return again ? server.restart : Effect.fail(error);
    }),
    Effect.forever,
    Effect.catch((error) => Effect.sync(() => giveUp(`the NATS server is given up: ${error.message}`))),
  );
