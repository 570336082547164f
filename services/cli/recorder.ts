// `quiesce recorder`: keeps the journals of a run that is spread over hosts as they come, and judges them when it is over.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { AckPolicy, DeliverPolicy, type JsMsg } from "@nats-io/jetstream";
import { headerLine } from "../../shared/journal/encode.ts";
import { allRefused } from "../../shared/journal/refused.ts";
import { findRun, pause } from "../../shared/live/membership/find.ts";
import { ask } from "../../shared/live/membership/follow.ts";
import { type RunRecord, readRun, runKey } from "../../shared/live/membership/records.ts";
import {
  ClusterFailed,
  connectStore,
  insist,
  journalStream,
  leaveRecord,
  read,
  recorderName,
  type Store,
  storeLimits,
} from "../../shared/live/membership/store.ts";
import { PieceKeeper } from "../recorder/collect.ts";
import { compressJournal, JournalFile } from "../recorder/journalFile.ts";
import { partFilesIn, partsName } from "../recorder/parts.ts";
import { keptRunFolder } from "../recorder/runFolder.ts";
import { healthFile } from "./cluster/health.ts";
import { runNamed, urlNamed } from "./cluster/named.ts";
import { askRecorder } from "./engines/recording.ts";
import { exitCodes } from "./exit.ts";
import { json } from "./manifestFile.ts";

export interface RecorderRequest {
  readonly nats: string | undefined;
  readonly run: string | undefined;
  readonly out: string | undefined;
  readonly health: string | undefined;
}

/** Pieces that an earlier life of the recorder has taken and not kept come again after this. */
const againNs = 2e9;

/** Whoever is busy says so often that it lives. */
const livesMs = 500;

const hasAll = async ({ manager, run }: Store): Promise<boolean> => {
  const { num_pending, num_ack_pending } = await insist("tell how much of the journals is kept", () =>
    manager.consumers.info(journalStream(run), recorderName),
  );
  return num_pending + num_ack_pending === 0;
};

/** Keeps what comes, each piece before it says so; resolves with the run when it is over and all of it is here. */
const keepAll = async (
  store: Store,
  run: RunRecord,
  keeper: PieceKeeper,
  onAlive: () => void,
  signal: AbortSignal,
): Promise<RunRecord | null> => {
  const consumer = await insist("hand on the journals", async () => {
    const info = await store.manager.consumers.add(journalStream(store.run), {
      durable_name: recorderName,
      ack_policy: AckPolicy.Explicit,
      ack_wait: againNs,
      deliver_policy: DeliverPolicy.All,
    });
    return store.client.consumers.getConsumerFromInfo(info);
  });
  const take = (msg: JsMsg): void => {
    keeper.keep(msg);
    msg.ack();
  };
  while (!signal.aborted) {
    const now = readRun((await insist("tell how the run goes", () => read(store, runKey))).value);
    if (now?.id !== run.id) throw new ClusterFailed(`run ${store.run} was gone before all of its journals were kept`);
    onAlive();
    if (now.over && (await hasAll(store))) {
      // The coordinator waits for this before it removes the stream.
      await leaveRecord(store);
      return now;
    }
    // No server, no leader: both come back, and whether they do is asked for above.
    await ask(consumer, take).catch(() => pause(storeLimits.againMs, signal));
  }
  return null;
};

/** Gives the exit code: that of the judgement, or 0 if it was told to stop before the run was over. */
export const recorder = async (request: RecorderRequest): Promise<number> => {
  const url = urlNamed("recorder", request.nats);
  const name = runNamed("recorder", request.run);
  const onAlive = healthFile(request.health);
  const leaving = new AbortController();
  const { signal } = leaving;
  for (const how of ["SIGTERM", "SIGINT"] as const) process.on(how, () => leaving.abort());
  const say = (text: string): void => void process.stderr.write(`quiesce recorder: ${text}\n`);
  const connection = await connectStore(url, "recorder");
  try {
    const found = await findRun({ connection, run: name, alsoOver: true, asks: "leader", onLine: say, onAlive, signal });
    if (found === undefined) return exitCodes.holds;
    const { store, run } = found;
    // The same folder again after an interruption.
    const folder = keptRunFolder(request.out ?? "runs", `${name}-${run.id.slice(0, 8)}-recorded`);
    const parts = join(folder.path, partsName);
    mkdirSync(parts, { recursive: true });
    say(`keeps the journals of run ${name} in ${folder.path}`);
    const keeper = new PieceKeeper(parts);
    keeper.hear(store);
    const over = await keepAll(store, run, keeper, onAlive, signal);
    if (over === null) return exitCodes.holds;
    if (over.ended === null) throw new ClusterFailed(`run ${name} ended before it had begun, or without a word of how`);
    const journal = new JournalFile(folder.journal);
    journal.write(headerLine(run.header));
    journal.close();
    const { end, faults, refusals, doubts, lengths } = over.ended;
    // A probe is not to take for dead whoever is busy with the end of a long run.
    const living = setInterval(onAlive, livesMs);
    const judgement = await askRecorder({
      setup: run.header.setup,
      journal: folder.journal,
      parts: partFilesIn(parts),
      end,
      faults,
      refusals: allRefused([refusals, keeper.refusals]),
      doubts: [...doubts, ...keeper.doubts],
      lengths,
    }).finally(() => clearInterval(living));
    folder.write("judgement.json", json(judgement));
    await compressJournal(folder.journal);
    process.stdout.write(`${[judgement.verdict, ...judgement.reasons].join("; ")}\n`);
    return judgement.exitCode;
  } finally {
    await connection.close();
  }
};
