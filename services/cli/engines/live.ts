// Runs a machine live: real processes over NATS. A recorder makes one of their journals afterwards, and judges it.
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as Effect from "effect/Effect";
import { findNatsServer } from "../../../infra/bootstrap/natsServer.ts";
import { headerLine } from "../../../shared/journal/encode.ts";
import { journalLimits } from "../../../shared/journal/entry.ts";
import { allRefused } from "../../../shared/journal/refused.ts";
import { ClusterFailed } from "../../../shared/live/membership/store.ts";
import { type LiveOptions, runLive } from "../../../shared/live/run.ts";
import { natsContainer } from "../../../shared/live/server/container.ts";
import { JournalFile } from "../../recorder/journalFile.ts";
import { partsName } from "../../recorder/parts.ts";
import { withoutSecret } from "../settings/repro.ts";
import type { EngineOptions, Ran } from "./engine.ts";
import { Progress } from "./progress.ts";
import { askRecorder } from "./recording.ts";
import { spread } from "./spread.ts";
import { headerOf } from "./virtual.ts";

const mainOf = (service: string): string => fileURLToPath(new URL(`../../${service}/main.ts`, import.meta.url));

/** Removed however the run ends: it holds passwords. */
const privateDirectory = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "quiesce-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true })),
);

/** The server that was named, or how to start one. */
export const serverFor = (url: string | null, onNotice: EngineOptions["onNotice"]) =>
  Effect.gen(function* () {
    if (url !== null) return { url };
    const found = yield* Effect.tryPromise({ try: () => findNatsServer(process.env, onNotice), catch: (error) => error });
    if (found.kind === "container") return { url: yield* natsContainer(found) };
    return { executable: found.path, directory: yield* privateDirectory };
  });

/** An answer stands for a range of CPUs that all gave it. */
const listeners = (display: Progress | null, onMessage: LiveOptions["onMessage"]): LiveOptions["onMessage"] => {
  if (display === null) return onMessage;
  return (incoming) => {
    if (incoming.kind === "answers") for (const { msg } of incoming.items) display.states.hear(msg);
    onMessage?.(incoming);
  };
};

/** Nobody is told where nobody listens: that is cheaper for the coordinator. */
const hearers = (display: Progress | null, onFact: LiveOptions["onFact"]): LiveOptions["onFact"] => {
  if (display === null) return onFact;
  return (at, fact) => {
    display.states.announce(at, fact);
    onFact?.(at, fact);
  };
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
      const deposed = new AbortController();
      const spreading = options.spread === undefined ? null : yield* spread(options.spread, options, parts, () => deposed.abort());
      const live: LiveOptions = {
        setup,
        plan,
        hosts,
        timeLimitNs,
        run: options.spread?.name ?? run,
        ...(spreading !== null && { joined: spreading.joined }),
        server: yield* serverFor(natsUrl, onNotice),
        mains: { host: mainOf("cpu"), coordinator: mainOf("coordinator") },
        env: process.env,
        // Without a journal there is nothing to judge: then facts are written, and removed with the parts.
        journal: {
          directory: parts,
          mode: configuration.journal === "full" ? "full" : "facts",
          fullEntries: configuration.journalAll ? journalLimits.liveEntries : journalLimits.fullEntries,
        },
        onFact: hearers(display, options.onFact ?? null),
        onMessage: listeners(display, options.onMessage ?? null),
        viewing: options.viewed?.viewing ?? null,
        onNotice: (notice) => onNotice(natsUrl === null ? notice : notice.replaceAll(natsUrl, withoutSecret(natsUrl))),
        signal: AbortSignal.any([signal, deposed.signal]),
      };
      const result = yield* runLive(live);
      if (spreading === null) return result;
      if (deposed.signal.aborted) return yield* Effect.fail(new ClusterFailed(`run ${live.run} is somebody else's to coordinate now`));
      const ended = { end: result.end, faults: result.faults, refusals: result.refusals, doubts: result.gaps, lengths: result.lengths };
      const collected = yield* Effect.tryPromise({ try: () => spreading.collect(ended), catch: (error) => error });
      const refusals = allRefused([result.refusals, collected.refusals]);
      return { ...result, journals: collected.journals, refusals, gaps: [...result.gaps, ...collected.doubts] };
    }),
  );

/** The header comes first and at once, so that what a killed run leaves can be replayed. */
const startJournal = ({ configuration, journal }: EngineOptions): void => {
  const file = new JournalFile(journal);
  file.write(headerLine(headerOf(configuration)));
  file.close();
};

export const runLively = (options: EngineOptions): Effect.Effect<Ran, unknown> =>
  Effect.gen(function* () {
    const { journal } = options.configuration;
    const parts = join(options.folder, partsName);
    mkdirSync(parts);
    if (journal !== "off") startJournal(options);
    const startedAt = performance.now();
    const result = yield* drive(options, parts);
    const { end, faults, journals, gaps, lengths, refusals, refused, unsent, serverRestarts } = result;
    const { reconnects, slowConsumers, denied } = result;
    const wallMs = performance.now() - startedAt;
    const operations = options.viewed?.operations();
    const setup = { ...options.configuration.setup, ...(operations !== undefined && { operations }) };
    const order = {
      setup,
      journal: journal === "off" ? null : options.journal,
      parts: journals,
      end,
      faults,
      refusals,
      doubts: gaps,
      lengths,
    };
    const judgement = yield* Effect.tryPromise({ try: () => askRecorder(order), catch: (error) => error });
    rmSync(parts, { recursive: true });
    return {
      end,
      faults,
      judgement,
      refusals,
      wire: {
        refused,
        unsent,
        reconnects,
        ...(slowConsumers !== null && { slowConsumers }),
        serverRestarts,
        ...(denied !== null && { denied }),
      },
      wallMs,
    };
  });
