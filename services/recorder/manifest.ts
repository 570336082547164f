// What surrounds a run and does not determine it: host, times, versions, and where each value came from.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { globSync, readFileSync } from "node:fs";
import { arch, availableParallelism, hostname, platform, release, totalmem } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));

interface PackageJson {
  readonly version: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

const packageOf = (folder: string): PackageJson => JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8")) as PackageJson;

const own = packageOf(".");

export const version = own.version;

/** The Node that this project is pinned to. */
export const pinnedNode = own.dependencies?.node ?? process.versions.node;

/** What the results of this code depend on, in 12 digits: other code that has the same is the same. */
export const codeDigest = (): string => {
  const hash = createHash("sha256");
  for (const name of ["package-lock.json", ...globSync("{shared,services}/**/*.{ts,json}", { cwd: root }).toSorted()])
    hash.update(`${name}\n`).update(readFileSync(join(root, name)));
  return hash.digest("hex").slice(0, 12);
};

/** A clone may have no git, and an installed copy no repository: then there is nothing to say. */
const git = (...args: readonly string[]): string | null => {
  try {
    return execFileSync("git", ["-C", root, ...args], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"], timeout: 5_000 }).trim();
  } catch {
    return null;
  }
};

const installed = (name: string): string => packageOf(join("node_modules", name)).version;

export const surroundings = () => {
  const status = git("status", "--porcelain");
  return {
    versions: {
      quiesce: version,
      node: process.versions.node,
      effect: installed("effect"),
      nats: installed("nats"),
      msgpackr: installed("msgpackr"),
    },
    commit: git("rev-parse", "HEAD"),
    dirty: status === null ? null : status !== "",
    host: {
      name: hostname(),
      platform: platform(),
      release: release(),
      arch: arch(),
      cores: availableParallelism(),
      memoryBytes: totalmem(),
    },
  };
};
