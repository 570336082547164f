// The manifests: each object by the schema of its kind, and all of them by each other, by the compose file and by the image.
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
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
interface Container {
  readonly image: string;
  readonly args?: readonly string[];
  readonly resources?: { readonly limits?: { readonly memory?: string } };
  readonly livenessProbe?: object;
  readonly volumeMounts: readonly Named[];
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
    readonly template?: Pod;
    readonly volumeClaimTemplates?: ReadonlyArray<{ readonly metadata: Named }>;
  };
}
interface Kustomization {
  readonly resources: readonly string[];
  readonly configMapGenerator: readonly Named[];
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
    }
  });

  it("ask for as many hosts as there are, of the same run", () => {
    const [job] = ofKind("Job") as readonly [Manifest];
    const cpu = ofKind("StatefulSet").find(({ metadata }) => metadata.name === "cpu") as Manifest;
    const [asked = [], joined = []] = [job, cpu].map((object) => containersOf(object)[0]?.args);
    assert.include(asked, `--hosts=${cpu.spec.replicas}`);
    assert.include(joined, asked.find((argument) => argument.startsWith("--run=")) as string);
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
