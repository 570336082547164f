// Telemetry as others receive it: traces and metrics at a collector, trace context in headers on the bus, and /metrics for Prometheus.
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { assert, describe, it } from "@effect/vitest";
import * as Effect from "effect/Effect";
import { connect } from "nats";
import { parse } from "yaml";
import { plainServer } from "../live/onServer.ts";
import { quiesce, scratch, start } from "./quiesce.ts";

interface Value {
  readonly stringValue?: string;
  readonly intValue?: string | number;
  readonly doubleValue?: number;
}

interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: ReadonlyArray<{ readonly key: string; readonly value: Value }>;
  readonly events: ReadonlyArray<{ readonly name: string }>;
  readonly status: { readonly code: number; readonly message?: string };
}

interface TraceBody {
  readonly resourceSpans: ReadonlyArray<{ readonly scopeSpans: ReadonlyArray<{ readonly spans: readonly Span[] }> }>;
}

interface Points {
  readonly dataPoints: ReadonlyArray<{ readonly attributes: ReadonlyArray<{ readonly key: string }> }>;
}

interface MetricBody {
  readonly resourceMetrics: ReadonlyArray<{
    readonly scopeMetrics: ReadonlyArray<{
      readonly metrics: ReadonlyArray<{ readonly name: string; readonly sum?: Points; readonly histogram?: Points }>;
    }>;
  }>;
}

/** The labels of each metric. A histogram has its bounds as one more on the page for Prometheus. */
type Metrics = Map<string, Set<string>>;

const addMetrics = (metrics: Metrics, { resourceMetrics }: MetricBody): void => {
  for (const { name, sum, histogram } of resourceMetrics.flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((scope) => scope.metrics))) {
    const labels = metrics.get(name) ?? new Set(histogram === undefined ? [] : ["le"]);
    metrics.set(name, labels);
    for (const { attributes } of (sum ?? histogram)?.dataPoints ?? []) for (const { key } of attributes) labels.add(key);
  }
};

/** A collector of OTLP over HTTP, in JSON. */
const collector = Effect.acquireRelease(
  Effect.promise(async () => {
    const spans: Span[] = [];
    const metrics: Metrics = new Map();
    const server: Server = createServer(async (request, response) => {
      const body = await json(request);
      if (request.url === "/v1/traces")
        spans.push(...(body as TraceBody).resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans)));
      if (request.url === "/v1/metrics") addMetrics(metrics, body as MetricBody);
      response.writeHead(200, { "content-type": "application/json" }).end("{}");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const env = {
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
    };
    return { spans, metrics, env, server };
  }),
  ({ server }) => Effect.sync(() => server.close()),
);

/** That nobody listens on. */
const freePort = Effect.promise(async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
});

/** Hears what everybody says on a server, and which traces their headers name. */
const tapped = (url: string) =>
  Effect.acquireRelease(
    Effect.promise(async () => {
      const connection = await connect({ servers: url });
      const heard: Array<string | undefined> = [];
      connection.subscribe("quiesce.*.>", {
        callback: (_, msg) => {
          if (/\.(coordinator|host)\./.test(msg.subject)) heard.push(msg.headers?.get("traceparent"));
        },
      });
      await connection.flush();
      return { connection, heard };
    }),
    ({ connection }) => Effect.promise(() => connection.close()),
  );

interface Service {
  readonly command?: string;
  readonly volumes?: readonly string[];
  readonly extra_hosts?: readonly string[];
}

interface ScrapeConfig {
  readonly static_configs: ReadonlyArray<{ readonly targets: readonly string[] }>;
}

const infra = fileURLToPath(new URL("../../infra/", import.meta.url));

const dashboard = JSON.parse(readFileSync(`${infra}grafana/dashboards/quiesce.json`, "utf8")) as {
  readonly panels: ReadonlyArray<{
    readonly datasource: { readonly uid: string };
    readonly targets: ReadonlyArray<{ readonly expr: string; readonly legendFormat: string }>;
  }>;
};

/** The labels that a panel groups by, chooses by, or writes beside its lines. */
const labelsOf = ({ expr, legendFormat }: { readonly expr: string; readonly legendFormat: string }): readonly string[] => [
  ...[...expr.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, names = ""]) => names.split(",").map((name) => name.trim())),
  ...[...expr.matchAll(/(\w+)\s*(?:=~|!~|!=|=)\s*"/g)].map(([, name = ""]) => name),
  ...[...legendFormat.matchAll(/\{\{\s*(\w+)\s*\}\}/g)].map(([, name = ""]) => name),
];

const yaml = (name: string) => parse(readFileSync(`${infra}${name}`, "utf8"), { merge: true });

const attribute = (span: Span | undefined, key: string): Value | undefined => span?.attributes.find((one) => one.key === key)?.value;

describe("telemetry", () => {
  it.live("has a trace for each attempt, with the rounds that headers named on the bus", () =>
    Effect.gen(function* () {
      const url = yield* plainServer("-js");
      const { heard } = yield* tapped(url);
      const { spans, metrics, env } = yield* collector;
      const { code, stderr } = yield* Effect.promise(() =>
        quiesce(scratch(), ["run", "--nats", url, "--cpus", "4", "--hosts", "2", "--seed", "1", "--quiet"], env),
      );
      assert.strictEqual(code, 0, stderr);
      const [root, ...others] = spans.filter(({ parentSpanId }) => !parentSpanId);
      assert.lengthOf(others, 0);
      assert.strictEqual(root?.name, "patch attempt 1");
      assert.deepStrictEqual(attribute(root, "quiesce.outcome"), { stringValue: "committed" });
      const below = spans.filter(({ parentSpanId }) => parentSpanId === root?.spanId);
      assert.lengthOf(below, spans.length - 1);
      for (const { traceId, startTimeUnixNano, endTimeUnixNano } of spans) {
        assert.strictEqual(traceId, root?.traceId);
        assert.isTrue(BigInt(startTimeUnixNano) <= BigInt(endTimeUnixNano));
      }
      const rounds = below.filter((span) => attribute(span, "quiesce.round") !== undefined);
      assert.deepStrictEqual(
        rounds.map(({ name }) => name),
        ["gather", "prepare", "disable-irq", "run", "exit"],
      );
      const cpus = below.filter((span) => attribute(span, "quiesce.cpu") !== undefined);
      assert.sameMembers(
        cpus.map(({ name }) => name),
        ["cpu 0", "cpu 1", "cpu 2", "cpu 3"],
      );
      for (const { events } of cpus)
        for (const moment of ["held", "stopped", "voted", "resumed"])
          assert.include(
            events.map(({ name }) => name),
            moment,
          );
      // Who looks at the bus finds the same spans.
      const named = new Set(heard.filter((text) => text !== undefined && text !== ""));
      assert.sameMembers(
        [...named],
        rounds.map(({ traceId, spanId }) => `00-${traceId}-${spanId}-01`),
      );
      // Every metric that the dashboard names is one that there is, with every label, and all of them are on it.
      const targets = dashboard.panels.flatMap((panel) => panel.targets);
      const metricOf = ({ expr }: { readonly expr: string }): string => (/quiesce_\w+/.exec(expr)?.[0] ?? "").replace(/_bucket$/, "");
      assert.sameMembers([...new Set(targets.map(metricOf))], [...metrics.keys()]);
      for (const target of targets) assert.includeMembers([...(metrics.get(metricOf(target)) ?? [])], [...labelsOf(target)], target.expr);
      assert.sameMembers([...new Set(targets.flatMap(labelsOf))], ["verdict", "fate", "outcome", "le", "phase", "model"]);
    }),
  );

  it("is scraped and drawn by files that know each other", () => {
    const { datasources } = yaml("grafana/provisioning/datasources/prometheus.yml");
    for (const { datasource } of dashboard.panels) assert.strictEqual(datasource.uid, datasources[0].uid);
    const { providers } = yaml("grafana/provisioning/dashboards/quiesce.yml");
    const { services } = yaml("../docker-compose.yml") as { readonly services: Readonly<Record<string, Service>> };
    assert.include(services.grafana?.volumes ?? [], `./infra/grafana/dashboards:${providers[0].options.path}:ro`);
    assert.include(services.grafana?.volumes ?? [], "./infra/grafana/provisioning:/etc/grafana/provisioning:ro");
    assert.strictEqual(datasources[0].url, "http://prometheus:9090");
    assert.include(services.prometheus?.volumes ?? [], "./infra/prometheus.yml:/etc/prometheus/prometheus.yml:ro");
    const { scrape_configs } = yaml("prometheus.yml") as { readonly scrape_configs: readonly ScrapeConfig[] };
    for (const target of scrape_configs.flatMap((job) => job.static_configs.flatMap(({ targets }) => targets))) {
      const [host = "", port] = target.split(":");
      // What is no service is this machine, whose name the container is given.
      if (host === "host.docker.internal") assert.include(services.prometheus?.extra_hosts ?? [], `${host}:host-gateway`);
      else assert.include(services[host]?.command ?? "", `--metrics-port 0.0.0.0:${port} `, target);
    }
  });

  it.live("leaves no header on the bus where nobody asked for it", () =>
    Effect.gen(function* () {
      const url = yield* plainServer("-js");
      const { heard } = yield* tapped(url);
      const { code } = yield* Effect.promise(() => quiesce(scratch(), ["run", "--nats", url, "--cpus", "2", "--quiet"]));
      assert.strictEqual(code, 0);
      assert.isAbove(heard.length, 10);
      assert.deepStrictEqual([...new Set(heard)], [undefined]);
    }),
  );

  it.live("of attempts that came to nothing says why, and of many CPUs draws 64", () =>
    Effect.gen(function* () {
      const { spans, env } = yield* collector;
      const args = ["run", "--engine", "virtual", "--cpus", "200", "--seed", "1", "--fault", "crash cpu 7 at prepare", "--quiet"];
      yield* Effect.promise(() => quiesce(scratch(), args, env));
      const roots = spans.filter(({ parentSpanId }) => !parentSpanId);
      assert.deepStrictEqual(
        roots.map(({ name, status }) => [name, status.code]),
        [
          ["patch attempt 1", 2],
          ["patch attempt 2", 1],
        ],
      );
      assert.match(roots[0]?.status.message ?? "", /aborted: death/);
      const cpus = spans.filter(({ traceId, name }) => traceId === roots[1]?.traceId && name.startsWith("cpu "));
      assert.lengthOf(cpus, 64);
    }),
  );

  it.live("that does not arrive is one line, and the run is what it is", () =>
    Effect.gen(function* () {
      const args = ["run", "--engine", "virtual", "--cpus", "2", "--seed", "1", "--quiet"];
      const { code, stderr } = yield* Effect.promise(() => quiesce(scratch(), args, { OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:1" }));
      assert.strictEqual(code, 0);
      assert.lengthOf(stderr.match(/telemetry did not arrive/g) ?? [], 1, stderr);
    }),
  );

  it.live("is counted on a port of the loopback while a study is at work", () =>
    Effect.gen(function* () {
      const port = yield* freePort;
      const args = ["chaos", "--cpus", "4", "--seeds", "1..100000", "--metrics-port", String(port), "--quiet"];
      const study = start(scratch(), args);
      let text = "";
      let isAsking = false;
      const ask = async (): Promise<void> => {
        isAsking = true;
        // Nobody listens yet.
        text = await fetch(`http://127.0.0.1:${port}/metrics`).then(
          (response) => response.text(),
          () => "",
        );
        isAsking = false;
      };
      yield* Effect.promise(() =>
        study.until(() => {
          const isCounted = /quiesce_runs_total\{[^}]*\} [1-9]/.test(text);
          if (!isCounted && !isAsking) void ask();
          return isCounted;
        }),
      );
      study.kill("SIGINT");
      yield* Effect.promise(() => study.finished);
      assert.match(text, /# TYPE quiesce_runs_total counter/);
      assert.match(text, /quiesce_runs_total\{[^}]*verb="chaos"[^}]*\} \d+/);
      assert.match(text, /quiesce_stop_seconds_bucket\{/);
    }),
  );
});
