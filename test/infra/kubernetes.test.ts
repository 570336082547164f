// The manifests: each object by the schema of its kind, and all of them by each other, by the compose file and by the image.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { assert, describe, it } from "vitest";
import { parse, parseAllDocuments } from "yaml";

const root = fileURLToPath(new URL("../..", import.meta.url));
const folder = join(root, "infra/k8s");

type Labels = Readonly<Record<string, string>>;
interface Named {
  readonly name: string;
}
interface Selector {
  readonly matchLabels?: Labels;
}
interface Probe {
  readonly exec?: { readonly command: readonly string[] };
  readonly httpGet?: { readonly path: string; readonly port: string };
}
interface Container {
  readonly image: string;
  readonly args?: readonly string[];
  readonly env?: ReadonlyArray<Named & { readonly valueFrom?: { readonly fieldRef?: { readonly fieldPath: string } } }>;
  readonly ports?: ReadonlyArray<Named & { readonly containerPort: number }>;
  readonly startupProbe?: Probe;
  readonly readinessProbe?: Probe;
  readonly resources?: { readonly limits?: { readonly memory?: string } };
  readonly livenessProbe?: Probe;
  readonly volumeMounts: ReadonlyArray<Named & { readonly mountPath: string }>;
}
interface Pod {
  readonly metadata: { readonly labels: Labels };
  readonly spec: {
    readonly automountServiceAccountToken?: boolean;
    readonly securityContext?: object;
    readonly containers: readonly Container[];
    readonly volumes?: readonly Named[];
  };
}
/** One rule of a network policy: without peers it is for everybody. */
interface Rule {
  readonly from?: ReadonlyArray<{ readonly podSelector: Selector }>;
  readonly to?: ReadonlyArray<{ readonly podSelector: Selector }>;
  readonly ports: ReadonlyArray<{ readonly port: number; readonly protocol?: string }>;
}
/** What is looked at of a manifest. That it is what its kind must be, a test says. */
interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: Named & { readonly namespace?: string };
  readonly spec: {
    readonly replicas?: number;
    readonly serviceName?: string;
    readonly maxUnavailable?: number;
    readonly selector?: unknown;
    readonly podSelector?: Selector;
    readonly policyTypes?: readonly string[];
    readonly ingress?: readonly Rule[];
    readonly egress?: readonly Rule[];
    readonly template?: Pod;
    readonly volumeClaimTemplates?: ReadonlyArray<{ readonly metadata: Named }>;
  };
}
interface Kustomization {
  readonly resources: readonly string[];
  readonly configMapGenerator: ReadonlyArray<Named & { readonly literals: readonly string[] }>;
}

const text = (name: string): string => readFileSync(join(root, name), "utf8");

const kustomization = parse(text("infra/k8s/kustomization.yaml")) as Kustomization;

const objects = kustomization.resources.flatMap((file) =>
  parseAllDocuments(readFileSync(join(folder, file), "utf8")).map((document) => document.toJS() as Manifest),
);

const nameOf = ({ kind, metadata }: Manifest): string => `${kind} ${metadata.name}`;
const ofKind = (...kinds: readonly string[]): readonly Manifest[] => objects.filter(({ kind }) => kinds.includes(kind));
const workloads = ofKind("StatefulSet", "Job");
const podOf = ({ spec }: Manifest): Pod => spec.template as Pod;
const containersOf = (workload: Manifest): readonly Container[] => podOf(workload).spec.containers;

/** Why an object is not what its kind must be, or undefined. */
const problemOf = async (object: Manifest): Promise<string | undefined> => {
  const module = await import(/* @vite-ignore */ `kubernetes-models/${object.apiVersion}/${object.kind}`);
  try {
    new module[object.kind](object).validate();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
};

const matches = (selector: Labels | undefined, labels: Labels): boolean =>
  Object.entries(selector ?? {}).every(([key, value]) => labels[key] === value);

const podsMatching = (selector: Labels | undefined): readonly Manifest[] =>
  workloads.filter((workload) => matches(selector, podOf(workload).metadata.labels));

/** Whom a service, a budget or a policy is for. */
const selectorOf = ({ kind, spec }: Manifest): Labels | undefined =>
  kind === "Service" ? (spec.selector as Labels) : ((spec.selector as Selector | undefined) ?? spec.podSelector)?.matchLabels;

/** Every pair of a key and a value anywhere below. */
const pairsBelow = (value: unknown): readonly (readonly [string, unknown])[] =>
  typeof value !== "object" || value === null
    ? []
    : Object.entries(value).flatMap(([key, below]) => [[key, below] as const, ...pairsBelow(below)]);

/** As a cluster judges: whoever a policy is for may do what one of its policies permits, and nothing else. */
const permits = (direction: "Ingress" | "Egress", of: Manifest, peer: Manifest, port: number): boolean => {
  const applying = ofKind("NetworkPolicy").filter(
    (policy) => policy.spec.policyTypes?.includes(direction) && matches(selectorOf(policy), podOf(of).metadata.labels),
  );
  const rules = applying.flatMap(({ spec }) => (direction === "Ingress" ? spec.ingress : spec.egress) ?? []);
  const permitting = rules.some(({ from, to, ports }) => {
    const peers = from ?? to;
    const isPeer = peers?.some(({ podSelector }) => matches(podSelector.matchLabels, podOf(peer).metadata.labels)) ?? true;
    return isPeer && ports.some((one) => one.port === port && (one.protocol ?? "TCP") === "TCP");
  });
  return applying.length === 0 || permitting;
};

const mayReach = (from: Manifest, to: Manifest, port: number): boolean =>
  permits("Egress", from, to, port) && permits("Ingress", to, from, port);

const workload = (name: string): Manifest => workloads.find(({ metadata }) => metadata.name === name) as Manifest;
const containerOf = (name: string): Container => containersOf(workload(name))[0] as Container;

/** HOST:PORT of every NATS address in a text. */
const addressesIn = (given: string): readonly string[] => [...given.matchAll(/nats:\/\/([\w.:-]+)/g)].map(([, address = ""]) => address);

const shell = (script: string): number | null => spawnSync("sh", ["-c", script]).status;

describe("the manifests", () => {
  it("are all that is in their folder", () => {
    const files = readdirSync(folder).filter((name) => name !== "kustomization.yaml");
    assert.sameMembers(files, [...kustomization.resources]);
  });

  it("are what the schemas of their kinds say", async () => {
    for (const object of objects) assert.strictEqual(await problemOf(object), undefined, nameOf(object));
  });

  it("would be refused with a member of the wrong type", async () => {
    const [set] = ofKind("StatefulSet") as readonly [Manifest];
    for (const wrong of [{ replicas: "four" }, { serviceName: 4 }, { selector: null }])
      assert.isDefined(await problemOf({ ...set, spec: { ...set.spec, ...wrong } as Manifest["spec"] }), JSON.stringify(wrong));
  });

  it("select pods that there are", () => {
    for (const object of ofKind("Service", "PodDisruptionBudget", "NetworkPolicy"))
      assert.isNotEmpty(podsMatching(selectorOf(object)), nameOf(object));
    const services = ofKind("Service").map(({ metadata }) => metadata.name);
    for (const set of ofKind("StatefulSet")) {
      assert.isTrue(matches(selectorOf(set), podOf(set).metadata.labels), nameOf(set));
      assert.include(services, set.spec.serviceName);
    }
    for (const [key, peer] of pairsBelow(ofKind("NetworkPolicy")))
      if (key === "podSelector") assert.isNotEmpty(podsMatching((peer as Selector).matchLabels), JSON.stringify(peer));
  });

  it("refer to nothing that is not there", () => {
    const generated = kustomization.configMapGenerator.map(({ name }) => name);
    const claims = ofKind("PersistentVolumeClaim").map(({ metadata }) => metadata.name);
    for (const [key, value] of pairsBelow(objects)) {
      if (key === "configMapRef" || key === "configMapKeyRef") assert.include(generated, (value as Named).name);
      if (key === "persistentVolumeClaim") assert.include(claims, (value as { readonly claimName: string }).claimName);
      assert.notMatch(key, /^secret/i, "there is no secret to refer to");
    }
    for (const workload of workloads) {
      const { volumes = [] } = podOf(workload).spec;
      const claimed = (workload.spec.volumeClaimTemplates ?? []).map(({ metadata }) => metadata);
      const names = [...volumes, ...claimed].map(({ name }) => name);
      for (const { volumeMounts } of containersOf(workload)) for (const { name } of volumeMounts) assert.include(names, name);
    }
  });

  it("give no container a privilege, and each a limit, a place to write that is its own, and a probe", () => {
    for (const workload of workloads) {
      const { spec } = podOf(workload);
      assert.strictEqual(spec.automountServiceAccountToken, false, nameOf(workload));
      assert.deepInclude(spec.securityContext as object, { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } });
      for (const container of containersOf(workload)) {
        assert.deepInclude(container as object, {
          securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ["ALL"] } },
        });
        assert.isDefined(container.resources?.limits?.memory, nameOf(workload));
        assert.isDefined(container.livenessProbe, nameOf(workload));
      }
    }
  });

  it("let at most one pod of a set go at once", () => {
    for (const set of ofKind("StatefulSet")) {
      const budget = ofKind("PodDisruptionBudget").find(({ metadata }) => metadata.name === set.metadata.name);
      assert.strictEqual(budget?.spec.maxUnavailable, 1, nameOf(set));
      assert.deepStrictEqual(podsMatching(selectorOf(budget as Manifest)), [set]);
    }
  });

  it("ask for as many hosts as there are, of the same run", () => {
    const [job] = ofKind("Job") as readonly [Manifest];
    const cpu = ofKind("StatefulSet").find(({ metadata }) => metadata.name === "cpu") as Manifest;
    const [asked = [], joined = []] = [job, cpu].map((object) => containersOf(object)[0]?.args);
    assert.include(asked, `--hosts=${cpu.spec.replicas}`);
    assert.include(joined, asked.find((argument) => argument.startsWith("--run=")) as string);
  });

  it("give each pod of the hosts the range of its own number", () => {
    const { args = [], env = [] } = containerOf("cpu");
    assert.include(args, "--index=$(POD_INDEX)");
    const index = env.find(({ name }) => name === "POD_INDEX")?.valueFrom?.fieldRef?.fieldPath;
    // The numbers begin at 0, as ranges do, where a set says nothing else.
    assert.strictEqual(index, "metadata.labels['apps.kubernetes.io/pod-index']");
    assert.notProperty(workload("cpu").spec, "ordinals");
  });

  it("name every NATS server, to clients and to each other, so that three keep everything", () => {
    const replicas = workload("nats").spec.replicas ?? 0;
    assert.strictEqual(replicas, 3);
    const expected = (port: number) => Array.from({ length: replicas }, (_, i) => `nats-${i}.${workload("nats").spec.serviceName}:${port}`);
    const [literal = ""] = kustomization.configMapGenerator.flatMap(({ literals }) => literals);
    // A coordinator that is not told otherwise keeps as many copies as servers are named.
    assert.deepStrictEqual(addressesIn(literal), expected(4222));
    assert.notInclude(containerOf("experiment").args?.join(" "), "--replicas");
    const routes = containerOf("nats").args?.find((argument) => argument.startsWith("--routes=")) ?? "";
    assert.deepStrictEqual(addressesIn(routes), expected(6222));
    assert.include(containerOf("nats").args ?? [], "--cluster=nats://0.0.0.0:6222");
    const { ports = [] } = containerOf("nats");
    assert.deepStrictEqual(Object.fromEntries(ports.map(({ name, containerPort }) => [name, containerPort])), {
      client: 4222,
      cluster: 6222,
      monitor: 8222,
    });
  });

  it("let clients talk to NATS, its servers to each other, and nobody else to anybody", () => {
    const open = workloads.flatMap((from) =>
      workloads.flatMap((to) =>
        [4222, 6222, 8222, 9464]
          .filter((port) => mayReach(from, to, port))
          .map((port) => `${from.metadata.name} > ${to.metadata.name}:${port}`),
      ),
    );
    assert.sameMembers(open, ["cpu > nats:4222", "experiment > nats:4222", "nats > nats:6222"]);
    // The names of servers have to be looked up.
    for (const from of workloads) assert.isTrue(permits("Egress", from, from, 53), nameOf(from));
  });

  it("run as the user of the image, and mount something wherever it writes", () => {
    const [, user, group] = /^USER (\d+):(\d+)$/m.exec(text("infra/Dockerfile")) ?? [];
    for (const name of ["cpu", "experiment"]) {
      assert.deepInclude(podOf(workload(name)).spec.securityContext as object, { runAsUser: Number(user), runAsGroup: Number(group) });
      const mounted = containerOf(name).volumeMounts.map(({ mountPath }) => mountPath);
      const written = (containerOf(name).args ?? []).flatMap((argument) => /^--(?:out|health)=(\/\S+)$/.exec(argument)?.[1] ?? []);
      assert.include(written, "/tmp/health");
      for (const path of ["/tmp/compiled", ...written])
        assert.isTrue(
          mounted.some((mount) => `${path}/`.startsWith(`${mount}/`)),
          path,
        );
    }
  });

  it("probe by the file of --health, as the image does: alive while it is fresh", () => {
    const healthy = /HEALTHCHECK[^\n]*\n\s*CMD \[ ! -e \/tmp\/health \] \|\| (.*)/.exec(text("infra/Dockerfile"))?.[1] ?? "";
    const place = mkdtempSync(join(tmpdir(), "quiesce-probe-"));
    const file = join(place, "health");
    for (const name of ["cpu", "experiment"]) {
      const { livenessProbe, readinessProbe = livenessProbe } = containerOf(name);
      assert.deepStrictEqual(livenessProbe?.exec?.command, ["sh", "-c", healthy]);
      assert.deepStrictEqual(readinessProbe?.exec?.command, ["sh", "-c", healthy]);
    }
    const probe = healthy.replace("/tmp/health", file);
    try {
      assert.notStrictEqual(shell(probe), 0, "there is no file");
      writeFileSync(file, "");
      assert.strictEqual(shell(probe), 0, "just written");
      const before = Date.now() / 1000 - 60;
      utimesSync(file, before, before);
      assert.notStrictEqual(shell(probe), 0, "a minute old");
    } finally {
      rmSync(place, { recursive: true });
    }
  });

  it("use the images of the compose file, at the version of the package", () => {
    const { services } = parse(text("docker-compose.yml"), { merge: true }) as { readonly services: Readonly<Record<string, Container>> };
    const composed = new Set(Object.values(services).map(({ image }) => image));
    for (const workload of workloads) for (const { image } of containersOf(workload)) assert.isTrue(composed.has(image), image);
    const { version, dependencies } = JSON.parse(text("package.json"));
    assert.isTrue(composed.has(`quiesce:${version}`));
    assert.include(text("infra/Dockerfile"), `FROM node:${dependencies.node}-bookworm-slim`);
  });

  it.skipIf(spawnSync("kubectl", ["version", "--client"]).status !== 0)("are put together by kustomize", () => {
    const { status, stdout, stderr } = spawnSync("kubectl", ["kustomize", folder], { encoding: "utf8" });
    assert.strictEqual(status, 0, stderr);
    const built = parseAllDocuments(stdout).map((document) => document.toJS() as Manifest);
    assert.lengthOf(built, objects.length + 1, "and the config map");
    for (const object of built) if (object.kind !== "Namespace") assert.strictEqual(object.metadata.namespace, "quiesce");
  });
});
