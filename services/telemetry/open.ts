// Telemetry that somebody has asked for: the port of Prometheus, the exporters of OpenTelemetry, and what they are told.
import { once } from "node:events";
import { createServer } from "node:http";
import * as ManagedRuntime from "effect/ManagedRuntime";
import { isAsked } from "../../shared/live/telemetry/asked.ts";
import { BadInput } from "../../shared/machine/badInput.ts";
import type { Summary } from "../../shared/report/summary.ts";
import { readJournalFile } from "../recorder/journalFile.ts";
import { type Attempt, AttemptsFold } from "./attempts.ts";
import { AttemptCounts, countRun, prometheusText, prometheusType } from "./metrics.ts";
import { layerTelemetry } from "./otlp.ts";
import { drawAttempts } from "./spans.ts";
import type { Counted, Place, Recorded, Telemetry, Told } from "./telemetry.ts";

/** `/metrics`, and nothing else. */
const servePrometheus = async ({ host, port }: Place): Promise<() => void> => {
  const server = createServer((request, response) => {
    const isIt = request.method === "GET" && request.url === "/metrics";
    response.writeHead(isIt ? 200 : 404, { "content-type": isIt ? prometheusType : "text/plain" });
    response.end(isIt ? prometheusText() : "only GET /metrics\n");
  });
  server.listen(port, host);
  await once(server, "listening").catch((error: Error) => {
    throw new BadInput("", "--metrics-port", error.message);
  });
  return () => {
    server.closeAllConnections();
    server.close();
  };
};

const attemptsIn = async (journal: string): Promise<readonly Attempt[]> => {
  const fold = new AttemptsFold();
  await readJournalFile(journal, (line) => {
    if (line.is === "entry" && line.entry.kind === "fact") fold.announce(line.entry.at, line.entry.body);
  });
  return fold.result();
};

const attributesOf = ({ run, engine, model, cpus, hosts, seed, verdict }: Summary) => ({
  "quiesce.run": run,
  "quiesce.engine": engine,
  "quiesce.model": model.name,
  "quiesce.cpus": cpus,
  "quiesce.hosts": hosts,
  "quiesce.seed": seed,
  "quiesce.verdict": verdict,
});

const countedOf = ({ model, verdict, attempts, timings, ipis, wire }: Summary): Counted => ({
  model: model.name,
  verdict,
  attempts,
  gatherUs: timings.gatherUs,
  stopUs: timings.stopUs,
  totalUs: timings.totalUs,
  ipis,
  ...(wire !== null && { frames: { refused: wire.refused, unsent: wire.unsent, denied: wire.denied ?? 0 } }),
});

export const openTelemetry = async ({ verb, onNotice }: Told, port: Place | undefined) => {
  const { env } = process;
  const runtime = ManagedRuntime.make(layerTelemetry(env, onNotice));
  const stopServing = port === undefined ? undefined : await servePrometheus(port);
  const count: Telemetry["count"] = (counted) => countRun(verb, counted);
  /** In a virtual run the clock starts with the run as well: its trace is as long as the machine's time was. */
  const attempts = new AttemptCounts();
  const record = async ({ summary, name, journal, startedMs }: Recorded): Promise<void> => {
    count({ ...countedOf(summary), ...(attempts.hasCounted && { attempts: 0 }) });
    if (!isAsked(env, "TRACES")) return;
    if (journal === null) return onNotice("nothing is traced with --journal off");
    const traced = { run: name, zeroNs: BigInt(startedMs) * 1_000_000n, attributes: attributesOf(summary) };
    await runtime.runPromise(drawAttempts(traced, await attemptsIn(journal)));
  };
  // Exporters live from here on, also where nothing is traced.
  await runtime.context();
  const close = async (): Promise<void> => {
    stopServing?.();
    await runtime.dispose();
  };
  return { telemetry: { onFact: (at, fact) => attempts.take(at, fact), count, record } satisfies Telemetry, close };
};
