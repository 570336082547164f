// Finds a run by its name on a NATS server, and finds out when it is over.
import { setTimeout as sleep } from "node:timers/promises";
import type { NatsConnection } from "nats";
import { type RunRecord, readRun, runKey } from "./records.ts";
import { hasBucket, openStore, read, type Store, storeLimits } from "./store.ts";

export interface Finding {
  readonly connection: NatsConnection;
  readonly run: string;
  /** Also one that has ended, as long as anything of it is there. */
  readonly alsoOver?: boolean;
  readonly asks: Store["asks"];
  /** What it is doing. */
  readonly onLine: (text: string) => void;
  /** It has heard from the server. */
  readonly onAlive: () => void;
  readonly signal: AbortSignal;
}

/** Waits, but not beyond the signal. */
export const pause = (ms: number, signal: AbortSignal): Promise<void> => sleep(ms, undefined, { signal }).catch(() => undefined);

/** Waits until the run is there; undefined if it is told to stop before. */
export const findRun = async (options: Finding): Promise<{ readonly store: Store; readonly run: RunRecord } | undefined> => {
  const { connection, onAlive, onLine, signal } = options;
  let told = false;
  while (!signal.aborted) {
    try {
      if (await hasBucket(connection, options.run)) {
        const store = await openStore(connection, options.run, options.asks);
        const run = readRun((await read(store, runKey)).value);
        if (run !== undefined && (!run.over || options.alsoOver)) return { store, run };
      }
      onAlive();
    } catch (error) {
      onLine(`the NATS server does not answer: ${error instanceof Error ? error.message : String(error)}`);
    }
    if (!told) onLine(`waits for run ${options.run}`);
    told = true;
    await pause(storeLimits.againMs, signal);
  }
  return undefined;
};

/** A run whose bucket is gone, or holds another run of that name, is over as well. */
export const isOver = async (store: Store, { id }: RunRecord): Promise<boolean> => {
  if (!(await hasBucket(store.connection, store.run))) return true;
  const run = readRun((await read(store, runKey)).value);
  // A copy that lags behind may not know the run yet.
  return run !== undefined && (run.over || run.id !== id);
};
