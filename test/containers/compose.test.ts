// The compose file on an engine, with its profile `metrics`: a run, what Prometheus scraped of it meanwhile, and the page that shows it.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { assert, describe, it } from "@effect/vitest";
import * as Effect from "effect/Effect";
import { getContainerRuntimeClient } from "testcontainers";
import { parse } from "yaml";
import { noContainers } from "./natsContainer.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const text = (name: string): string => readFileSync(`${root}${name}`, "utf8");

/** Grafana is not among them: it is in no package from which a stand-in for its image could be built. */
const wanted = ["nats", "coordinator", "cpu", "recorder", "dashboard", "prometheus"] as const;

const { services } = parse(text("docker-compose.yml"), { merge: true }) as {
  readonly services: Readonly<Record<string, { readonly image: string; readonly ports?: readonly string[] }>>;
};

const { panels } = JSON.parse(text("infra/grafana/dashboards/quiesce.json")) as {
  readonly panels: ReadonlyArray<{ readonly targets: ReadonlyArray<{ readonly expr: string }> }>;
};

const command = [["docker", "compose"], ["docker-compose"]].find(
  ([program = "", ...args]) => spawnSync(program, [...args, "version"]).status === 0,
);

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });

/** The ports of this machine are those that the file names, and nothing is pulled for a test. */
const notHere = async (): Promise<string | undefined> => {
  const none = await noContainers();
  if (none !== undefined) return none;
  if (command === undefined) return "there is no docker compose";
  const { container } = await getContainerRuntimeClient();
  const images = (await container.dockerode.listImages()).flatMap(({ RepoTags }) => RepoTags ?? []);
  for (const name of wanted) {
    const { image = "", ports = [] } = services[name] ?? {};
    if (!images.includes(image)) return `there is no image ${image}: infra/offline-images/build.sh builds it`;
    for (const port of ports.map((mapping) => Number(mapping.split(":")[1])))
      if (!(await isFree(port))) return `something listens on port ${port} already`;
  }
  return undefined;
};

const missing = await notHere();
if (missing !== undefined) process.stderr.write(`the compose file is not tested: ${missing}\n`);

const project = `quiesce-${process.pid}`;

const compose = (...args: readonly string[]): string => {
  const [program = "", ...first] = command ?? [];
  const env = { ...process.env, HOSTS: "2", CPUS: "4", PATCHES: "40", FLAGS: "--patch-every 500ms --seed 7" };
  const { status, stdout, stderr } = spawnSync(program, [...first, "--project-name", project, "--profile", "metrics", ...args], {
    cwd: root,
    env,
    encoding: "utf8",
  });
  assert.strictEqual(status, 0, stderr);
  return stdout;
};

const up = Effect.acquireRelease(
  Effect.sync(() => compose("up", "--detach", "--no-build", "--scale", "cpu=2", ...wanted)),
  () => Effect.sync(() => compose("down", "--volumes", "--timeout", "0")),
);

const answer = async <T>(url: string): Promise<T | undefined> => {
  try {
    return (await (await fetch(url)).json()) as T;
  } catch {
    // Whoever is asked is on its way.
    return undefined;
  }
};

interface Vector {
  readonly status: string;
  readonly error?: string;
  readonly data?: { readonly result: ReadonlyArray<{ readonly value: readonly [time: number, text: string] }> };
}

const query = (expr: string) => answer<Vector>(`http://127.0.0.1:9090/api/v1/query?query=${encodeURIComponent(expr)}`);

const sampled = async (expr: string): Promise<number> => Number((await query(expr))?.data?.result[0]?.value[1] ?? 0);

interface Runs {
  readonly runs: ReadonlyArray<{ readonly summary: { readonly verdict: string; readonly cpus: number; readonly seed: number } | null }>;
}

/** Asks again until it holds. The test's own limit ends it. */
const until = async (holds: () => Promise<boolean>): Promise<void> => {
  while (!(await holds())) await sleep(200);
};

describe.skipIf(missing !== undefined)(`the compose file${missing === undefined ? "" : ` (skipped: ${missing})`}`, () => {
  it.live(
    "makes a run that Prometheus watches, and that the page shows when it has ended",
    () =>
      Effect.gen(function* () {
        yield* up;
        yield* Effect.promise(async () => {
          await until(async () => (await sampled('max_over_time(up{job="quiesce"}[5m])')) === 1);
          await until(async () => (await sampled('max_over_time(quiesce_attempts_total{outcome="committed"}[5m])')) > 0);
          await until(async () => (await sampled('max_over_time(quiesce_acks_total{phase="disable-irq"}[5m])')) >= 4);
          for (const { expr } of panels.flatMap(({ targets }) => targets)) {
            const said = await query(expr.replaceAll("$__rate_interval", "1m"));
            assert.strictEqual(said?.status, "success", `${expr}: ${said?.error}`);
          }
          const shown = async () => (await answer<Runs>("http://127.0.0.1:8080/api/runs"))?.runs[0]?.summary;
          await until(async () => (await shown()) != null);
          const { verdict, cpus, seed } = (await shown()) ?? {};
          assert.deepStrictEqual({ verdict, cpus, seed }, { verdict: "valid", cpus: 4, seed: 7 }, compose("logs", "--no-color"));
          const page = await (await fetch("http://127.0.0.1:8080/")).text();
          assert.include(page, "<title>quiesce</title>");
        });
      }),
    180_000,
  );
});
