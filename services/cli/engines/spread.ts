// What a live run needs beyond itself when its hosts have joined over NATS: the task to coordinate it, and its journals from the stream.
import * as Effect from "effect/Effect";
import type { Scope } from "effect/Scope";
import { readAddress } from "../../../shared/live/bus/address.ts";
import { copiesOn } from "../../../shared/live/bus/register.ts";
import { coordinate } from "../../../shared/live/membership/coordinate.ts";
import { leaseLimits } from "../../../shared/live/membership/lease.ts";
import type { RunEnd } from "../../../shared/live/membership/records.ts";
import { connectStore } from "../../../shared/live/membership/store.ts";
import type { Joined } from "../../../shared/live/run.ts";
import { type Collected, collectAll, PieceKeeper } from "../../recorder/collect.ts";
import type { EngineOptions } from "./engine.ts";
import { headerOf } from "./virtual.ts";

/** What `quiesce coordinator` is told beside the settings of a run. */
export interface SpreadOptions {
  /** The name of the run, which its hosts know. */
  readonly name: string;
  readonly copies: number | undefined;
  readonly leaseNs: number | undefined;
  readonly joinLimitNs: number;
  readonly onAlive: () => void;
}

export interface Spread {
  readonly joined: Joined;
  /** When the processes have ended: gives their journals. */
  readonly collect: (ended: RunEnd) => Promise<Collected>;
}

/** Resolves when all hosts have joined. Their journals go into the directory. However the run ends, they are told, and nothing of it stays on the server. */
export const spread = (
  options: SpreadOptions,
  { configuration, onNotice, signal }: EngineOptions,
  directory: string,
  onDeposed: () => void,
): Effect.Effect<Spread, unknown, Scope> =>
  Effect.gen(function* () {
    const { hosts, natsUrl, setup } = configuration;
    if (natsUrl === null) throw new Error("a run that is spread over hosts without a server");
    const connection = yield* Effect.acquireRelease(
      Effect.tryPromise({ try: () => connectStore(natsUrl, "driver"), catch: (error) => error }),
      (open) => Effect.promise(() => open.close()),
    );
    const copies = options.copies ?? copiesOn(readAddress(natsUrl)?.servers.length ?? 1);
    const open = () =>
      coordinate({
        connection,
        run: options.name,
        copies,
        leaseNs: options.leaseNs ?? (copies > 1 ? leaseLimits.copiesNs : leaseLimits.usualNs),
        joinLimitNs: options.joinLimitNs,
        layout: { cpus: setup.cpus, hosts },
        header: headerOf(configuration),
        onLine: onNotice,
        onAlive: options.onAlive,
        onDeposed: (why) => {
          onNotice(`the task to coordinate run ${options.name} is lost: ${why}`);
          onDeposed();
        },
        signal,
      });
    const { joined, store, end } = yield* Effect.acquireRelease(Effect.tryPromise({ try: open, catch: (error) => error }), (coordination) =>
      Effect.promise(() =>
        coordination
          .end(null)
          .then(coordination.remove)
          .catch(() => undefined),
      ),
    );
    const keeper = new PieceKeeper(directory);
    keeper.hear(store);
    return {
      joined,
      collect: async (ended) => {
        const collected = await collectAll(store, directory, keeper);
        await end(ended);
        return collected;
      },
    };
  });
