// The connection and the register's bucket as resources of a scope: whoever opens one closes it, however it ends.
import * as Effect from "effect/Effect";
import type { Scope } from "effect/Scope";
import { type Bus, type BusOptions, NatsUnreachable, openBus } from "./bus.ts";
import { createRegister, RegisterFailed, removeRegister } from "./register.ts";

/** Anything else is a defect of this program and stays one. */
const only =
  <E>(kind: abstract new (...args: never) => E) =>
  (error: unknown): E => {
    if (error instanceof kind) return error;
    throw error;
  };

export const scopedBus = (options: BusOptions): Effect.Effect<Bus, NatsUnreachable, Scope> =>
  Effect.acquireRelease(Effect.tryPromise({ try: () => openBus(options), catch: only(NatsUnreachable) }), (bus) =>
    Effect.promise(() => bus.close()),
  );

/** The bucket of a run. To be made by the driver, before anyone opens the register. */
export const makeBucket = (bus: Bus, run: string): Effect.Effect<void, RegisterFailed> =>
  Effect.tryPromise({ try: () => createRegister(bus, run), catch: only(RegisterFailed) });

/** The same, removed at the end: on a server that was there before the run, nothing of the run should stay. */
export const scopedBucket = (bus: Bus, run: string): Effect.Effect<void, RegisterFailed, Scope> =>
  Effect.acquireRelease(makeBucket(bus, run), () =>
    Effect.promise(() => removeRegister(bus, run)).pipe(
      Effect.flatMap((removed) =>
        removed ? Effect.void : Effect.logWarning(`the register's bucket of run ${run} may still be on the NATS server`),
      ),
    ),
  );
