// What Kubernetes asks of the NATS servers, asked of one that is there: by itself, and as one of three without the others.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { assert, describe, it } from "@effect/vitest";
import * as Effect from "effect/Effect";
import { parseAllDocuments } from "yaml";
import { directory, plainServer, until } from "../live/onServer.ts";

const probeNames = ["startupProbe", "readinessProbe", "livenessProbe"] as const;

interface StatefulSet {
  readonly kind: string;
  readonly spec: {
    readonly template: {
      readonly spec: {
        readonly containers: ReadonlyArray<Readonly<Record<(typeof probeNames)[number], { readonly httpGet: { readonly path: string } }>>>;
      };
    };
  };
}

const manifest = readFileSync(new URL("../../infra/k8s/nats.yaml", import.meta.url), "utf8");
const set = parseAllDocuments(manifest)
  .map((document) => document.toJS() as StatefulSet)
  .find(({ kind }) => kind === "StatefulSet");
const paths = (set?.spec.template.spec.containers ?? []).flatMap((container) => probeNames.map((name) => container[name].httpGet.path));

/** Where a server answers probes, as its log says. */
const monitored = (...flags: readonly string[]) =>
  Effect.gen(function* () {
    const log = join(yield* directory, "nats.log");
    yield* plainServer("-js", "-m", "-1", "-l", log, ...flags);
    let port: string | undefined;
    yield* until("the server answers probes", () => {
      port = /http monitor on [\w.:[\]]*:(\d+)/.exec(readFileSync(log, "utf8"))?.[1];
      return port !== undefined && readFileSync(log, "utf8").includes("Server is ready");
    });
    return `http://127.0.0.1:${port}`;
  });

const statuses = (url: string) => Effect.promise(() => Promise.all(paths.map(async (path) => (await fetch(`${url}${path}`)).status)));

describe("the probes of the NATS servers", () => {
  it.live("hold for one with JetStream; one of three is not ready as long as nobody leads", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* statuses(yield* monitored()), [200, 200, 200]);
      const cluster = [
        "--server_name",
        "nats-0",
        "--cluster_name",
        "quiesce",
        "--cluster",
        "nats://127.0.0.1:-1",
        "--routes",
        "nats://127.0.0.1:1",
      ];
      assert.strictEqual((yield* statuses(yield* monitored(...cluster)))[probeNames.indexOf("readinessProbe")], 503);
    }),
  );
});
