// Runs a machine live: real processes over NATS. Their journals become one afterwards, which is then judged.
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as Effect from "effect/Effect";
import { EnvironmentMissing, findNatsServer } from "../../../infra/bootstrap/natsServer.ts";
import { entryLine, headerLine, noteLine } from "../../../shared/journal/encode.ts";
import { journalLimits } from "../../../shared/journal/entry.ts";
import type { Incoming } from "../../../shared/live/bus/incoming.ts";
import { type LiveOptions, type LiveResult, runLive } from "../../../shared/live/run.ts";
import { judgeOf } from "../../../shared/oracle/judgement.ts";
import { answerOf } from "../../../shared/protocol/wire.ts";
import { JournalFile } from "../../recorder/journalFile.ts";
import { type MergedParts, mergePartFiles, partsName } from "../../recorder/parts.ts";
import { withoutSecret } from "../settings/repro.ts";
import type { EngineOptions, Ran } from "./engine.ts";
import { Progress } from "./progress.ts";
import { headerOf } from "./virtual.ts";

const mainOf = (service: string): string => fileURLToPath(new URL(`../../${service}/main.ts`, import.meta.url));

/** Removed however the run ends: it holds passwords. */
const privateDirectory = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "quiesce-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true })),
);

const serverFor = (url: string | null, onNotice: EngineOptions["onNotice"]) =>
  Effect.gen(function* () {
    if (url !== null) return { url };
    const found = yield* Effect.tryPromise({ try: () => findNatsServer(process.env, onNotice), catch: (error) => error });
    // A container is started by whoever composes containers; a run starts a process.
    if (found.kind === "container")
      return yield* Effect.fail(new EnvironmentMissing(`no nats-server executable: start ${found.image} and give its address with --nats`));
    return { executable: found.path, directory: yield* privateDirectory };
  });

/** An answer stands for a range of CPUs that all gave it. */
const listenIn = ({ states }: Progress, incoming: Incoming): void => {
  if (incoming.kind !== "answers") return;
  for (const answer of incoming.items) for (let cpu = answer.first; cpu <= answer.last; cpu++) states.hear(answerOf(answer, cpu));
};

const drive = (options: EngineOptions, parts: string) =>
  Effect.scoped(
    Effect.gen(function* () {
      const { configuration, run, signal, onNotice } = options;
      const { setup, plan, hosts, timeLimitNs, natsUrl } = configuration;
      const display = options.progress === null ? null : new Progress(options.progress);
      const ticking = display === null ? null : setInterval(() => display.tick(), 100);
      yield* Effect.addFinalizer(() =>
        Effect.sync(() => {
          if (ticking !== null) clearInterval(ticking);
          display?.clear();
        }),
      );
      const live: LiveOptions = {
        setup,
        plan,
        hosts,
        timeLimitNs,
        run,
        server: yield* serverFor(natsUrl, onNotice),
        mains: { host: mainOf("cpu"), coordinator: mainOf("coordinator") },
        env: process.env,
        // Without a journal there is nothing to judge: then facts are written, and removed with the parts.
        journal: {
          directory: parts,
          mode: configuration.journal === "full" ? "full" : "facts",
          fullEntries: configuration.journalAll ? Number.MAX_SAFE_INTEGER : journalLimits.fullEntries,
        },
        onFact: (at, fact) => display?.states.announce(at, fact),
        onMessage: display === null ? null : (incoming) => listenIn(display, incoming),
        onNotice: (text) => onNotice(natsUrl === null ? text : text.replaceAll(natsUrl, withoutSecret(natsUrl))),
        signal,
      };
      return yield* runLive(live);
    }),
  );

/** The header comes first and at once, so that what a killed run leaves can be replayed. */
const startJournal = ({ configuration, journal }: EngineOptions): JournalFile => {
  const file = new JournalFile(journal);
  file.write(headerLine(headerOf(configuration)));
  file.flush();
  return file;
};

const writeMerged = (file: JournalFile, { entries, full }: MergedParts, { end, faults }: LiveResult): void => {
  if (!full) file.write(noteLine({ note: "facts-only", entries: 0 }));
  for (const entry of entries) file.write(entryLine(entry));
  file.write(noteLine({ note: "end", end, faults }));
  file.close();
};

export const runLively = (options: EngineOptions): Effect.Effect<Ran, unknown> =>
  Effect.gen(function* () {
    const parts = join(options.folder, partsName);
    mkdirSync(parts);
    const journal = options.configuration.journal === "off" ? null : startJournal(options);
    const startedAt = performance.now();
    const result = yield* drive(options, parts);
    const wallMs = performance.now() - startedAt;
    const merged = yield* Effect.promise(() => mergePartFiles(result.journals));
    if (journal !== null) writeMerged(journal, merged, result);
    rmSync(parts, { recursive: true });
    return { ...judged(options, merged, result), wallMs };
  });

const judged = ({ configuration }: EngineOptions, merged: MergedParts, { end, faults }: LiveResult): Omit<Ran, "wallMs"> => {
  const judge = judgeOf(configuration.setup);
  for (const { at, clock, actor, kind, body } of merged.entries) if (kind === "fact") judge.announce({ at, clock, actor, fact: body });
  return { end, faults, judgement: judge.conclude(end, faults, [...merged.damage, ...merged.gaps.map(({ message }) => message)]) };
};
