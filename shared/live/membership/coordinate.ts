// The driver of a run that is spread over hosts: takes the task to coordinate, says what the run is, and waits for its hosts.
//
// One at a time has the task, by a lease like that of a host's. Whoever starts beside it stands by until the lease is over. One that comes
// back after that finds the task taken and gives up; what its coordinator still says is of an older term, which the register has fenced.
import { setTimeout as sleep } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import type { NatsConnection } from "nats";
import type { Header } from "../../journal/entry.ts";
import type { Layout } from "../bus/layout.ts";
import { monotonicNs } from "../process/clock.ts";
import type { Joined } from "../run.ts";
import { isOver, mostLives, resumedAt, type Sighting, sighting } from "./lease.ts";
import { coordinatorKey, type RunEnd, type RunRecord, readRun, readTenure, runKey } from "./records.ts";
import { Roster } from "./roster.ts";
import {
  ClusterFailed,
  change,
  hasBucket,
  insist,
  makeStore,
  newId,
  read,
  recorded,
  removeStore,
  type Store,
  storeLimits,
} from "./store.ts";
import { type Claim, claim, Hold } from "./tenure.ts";

export interface CoordinateOptions {
  readonly connection: NatsConnection;
  readonly run: string;
  readonly copies: number;
  readonly leaseNs: number;
  /** Hosts that have not joined by then are not waited for. */
  readonly joinLimitNs: number;
  readonly layout: Layout;
  readonly header: Header;
  readonly onLine: (text: string) => void;
  /** It has heard from the server. */
  readonly onAlive: () => void;
  /** The task is somebody else's now. */
  readonly onDeposed: (why: string) => void;
  readonly signal: AbortSignal;
}

export interface Coordination {
  readonly store: Store;
  readonly joined: Joined;
  /** Says that the run is over. Its journals stay until they are removed. */
  readonly end: (ended: RunEnd | null) => Promise<void>;
  readonly remove: () => Promise<void>;
}

/** Numbers of coordinators are told apart by who has started them: each may start so many. */
const coordinatorStride = 1_000;

const pause = (signal: AbortSignal): Promise<void> => sleep(storeLimits.againMs, undefined, { signal }).catch(() => undefined);

/** The task, and for how long nobody seems to have had it. */
interface Office {
  readonly claimed: Claim;
  readonly silentNs: number;
}

/** Whose it is to coordinate, and of a run that has begun under somebody else a zero of its clock from which it cannot go back. */
interface Opened {
  readonly store: Store;
  readonly run: RunRecord;
  readonly claimed: Claim;
  readonly zeroNs: number | undefined;
}

const zeroOf = async (store: Store, run: RunRecord, writtenMs: number, { claimed, silentNs }: Office): Promise<number> => {
  const { time } = await read(store, coordinatorKey);
  const { atNs, life } = claimed.tenure;
  return monotonicNs() - resumedAt({ writtenMs, claimedMs: time, atNs, silentNs, leaseNs: run.leaseNs, times: life - 1 });
};

/** A later start of the same run has to be of the same machine: also its seed must be given then. */
const checkSame = ({ header, layout }: RunRecord, options: CoordinateOptions): void => {
  const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
  if (isDeepStrictEqual([header.setup, layout], plain([options.header.setup, options.layout]))) return;
  throw new ClusterFailed(`run ${options.run} is under way and of another machine: start with the same flags, also --seed ${header.seed}`);
};

/** Takes the task, standing by as long as somebody else has it. */
const takeOffice = async (store: Store, holder: string, options: CoordinateOptions): Promise<Office> => {
  const { leaseNs, onAlive, onLine, run, signal } = options;
  let seen: Sighting | undefined;
  for (let told = false; ; await pause(signal)) {
    if (signal.aborted) throw new ClusterFailed(`interrupted before run ${run} could be coordinated`);
    try {
      const claimed = await claim(store, coordinatorKey, holder);
      if (claimed !== null) return { claimed, silentNs: seen === undefined ? leaseNs : monotonicNs() - seen.at };
      const { revision, value } = await read(store, coordinatorKey);
      onAlive();
      const tenure = readTenure(value);
      const record = readRun((await read(store, runKey)).value);
      if (record?.over === false) checkSame(record, options);
      seen = sighting(seen, revision, monotonicNs());
      if (!told) onLine(`run ${run} has a coordinator: stands by in case it falls silent`);
      told = true;
      if (tenure?.state === "held" && isOver(seen, record?.leaseNs ?? leaseNs, monotonicNs()))
        await change(store, coordinatorKey, revision, { ...tenure, state: "dead" });
    } catch (error) {
      if (error instanceof ClusterFailed) throw error;
      if (told && !(await hasBucket(store.connection, run).catch(() => true)))
        throw new ClusterFailed(`run ${run} has ended under another coordinator`);
      onLine(`the NATS server does not answer: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
};

/** False if somebody else has written there. An attempt whose answer was lost may have been the one that did it. */
const isWritten = async (store: Store, revision: number, run: RunRecord): Promise<boolean> =>
  (await change(store, runKey, revision, run)) !== null || readRun((await read(store, runKey)).value)?.id === run.id;

/** The run as it is written in the bucket, or ours if there is none yet. What is left of a run of this name that is over is removed first. */
const openRun = async (options: CoordinateOptions, holder: string): Promise<Opened> => {
  const { connection, copies, leaseNs, layout, header } = options;
  for (;;) {
    const store = await makeStore(connection, options.run, copies);
    const office = await takeOffice(store, holder, options);
    const { claimed } = office;
    const { revision, time, value } = await insist("tell whether the run is there", () => read(store, runKey));
    const found = readRun(value);
    if (found?.over === true) await clear(store, claimed, options);
    else if (found !== undefined) {
      await mayTakeOver(store, found, claimed, options);
      options.onLine(`takes run ${options.run} over: every CPU starts anew`);
      return { store, run: found, claimed, zeroNs: await insist("tell the time", () => zeroOf(store, found, time, office)) };
    } else {
      const run: RunRecord = { id: newId(), over: false, leaseNs, copies, layout, header, ended: null };
      if (await insist("keep what the run is", () => isWritten(store, revision, run))) return { store, run, claimed, zeroNs: undefined };
    }
  }
};

/** Of a run that does not go on under us. */
const officeHold = (store: Store, claimed: Claim, { leaseNs, onAlive }: CoordinateOptions, onLost: () => void): Hold =>
  new Hold(store, claimed, leaseNs, { onRenewed: onAlive, onLost, atNs: () => 0 });

/** Whoever cannot coordinate it does not keep it from whoever can. */
const mayTakeOver = async (store: Store, run: RunRecord, claimed: Claim, options: CoordinateOptions): Promise<void> => {
  try {
    checkSame(run, options);
    if (claimed.tenure.life > mostLives) throw new ClusterFailed(`run ${options.run} was taken over ${mostLives} times: it is given up`);
  } catch (error) {
    await officeHold(store, claimed, options, () => undefined).leave();
    throw error;
  }
};

/** Holds the task meanwhile: whoever took it could begin another run of this name, which would be removed with the rest. */
const clear = async (store: Store, claimed: Claim, options: CoordinateOptions): Promise<void> => {
  let isOurs = true;
  const hold = officeHold(store, claimed, options, () => {
    isOurs = false;
  });
  await removeStore(store, () => isOurs);
  hold.end();
};

const gather = async (roster: Roster, { joinLimitNs, run, layout, signal }: CoordinateOptions): Promise<void> => {
  const waiting = new AbortController();
  const limit = sleep(joinLimitNs / 1e6, "limit" as const, { signal: AbortSignal.any([waiting.signal, signal]) }).catch(
    () => "aborted" as const,
  );
  const how = await Promise.race([roster.gather(), limit]);
  waiting.abort();
  if (how === "aborted") throw new ClusterFailed(`interrupted: ${roster.joined} of ${layout.hosts} hosts had joined run ${run}`);
  if (how === "limit")
    throw new ClusterFailed(
      `only ${roster.joined} of ${layout.hosts} hosts have joined run ${run} in time: start \`quiesce cpu --join --run ${run} --nats URL\` on the others`,
    );
};

/** Resolves when every host has joined. */
export const coordinate = async (options: CoordinateOptions): Promise<Coordination> => {
  const { store, run, claimed, zeroNs } = await openRun(options, newId());
  let isOurs = true;
  let isRemoving = false;
  const onLost = (why: string): void => {
    isOurs = false;
    roster.abandon();
    // What it stood for goes before it does.
    if (!isRemoving) options.onDeposed(why);
  };
  const driver = claimed.tenure.life;
  const hold = new Hold(store, claimed, run.leaseNs, { onRenewed: options.onAlive, onLost, atNs: () => roster.now() });
  const roster = new Roster({ store, run, driver, onLine: options.onLine, onAlive: options.onAlive });
  const end = async (ended: RunEnd | null): Promise<void> => {
    await roster.end();
    if (!isOurs) return;
    await insist("keep how the run ended", async () => {
      const { revision, value } = await read(store, runKey);
      if (readRun(value)?.over === false) await change(store, runKey, revision, { ...run, over: true, ended });
    });
  };
  const remove = async (): Promise<void> => {
    if (isOurs) await recorded(store);
    isRemoving = true;
    await removeStore(store, () => isOurs);
    hold.end();
  };
  try {
    await gather(roster, options);
  } catch (error) {
    await end(null);
    await remove();
    throw error;
  }
  return {
    store,
    joined: {
      launch: roster.launch,
      livesOf: roster.livesOf,
      attach: roster.attach,
      refusals: roster.refusals,
      firstLife: (driver - 1) * coordinatorStride,
      zeroNs,
      readyNs: run.leaseNs,
    },
    end,
    remove,
  };
};
