// What surrounds a run and does not determine it: host, times, versions, and where each value came from.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, globSync, readFileSync } from "node:fs";
import { findPackageJSON } from "node:module";
import { arch, availableParallelism, hostname, platform, release, totalmem } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Where this code is: the root of a clone, or what was built of it in an installed package. */
const codeRoot = fileURLToPath(new URL("../..", import.meta.url));

interface PackageJson {
  readonly version: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

/** The package of this name, or without one this one. Installed, what it depends on lies beside it. */
const packageFile = (name = "."): string => {
  const file = findPackageJSON(name, import.meta.url);
  if (file === undefined) throw new Error(`there is no package ${name}`);
  return file;
};

const packageOf = (name?: string): PackageJson => JSON.parse(readFileSync(packageFile(name), "utf8")) as PackageJson;

const own = packageOf();
const root = dirname(packageFile());

export const version = own.version;

/** The Node that this project is pinned to. */
export const pinnedNode = own.dependencies?.node ?? process.versions.node;

/** What the results of this code depend on, in 12 digits: other code that has the same is the same. */
export const codeDigest = (): string => {
  const hash = createHash("sha256");
  const lock = join(root, "package-lock.json");
  // An installed package has none: there its versions are what package.json names.
  hash.update(readFileSync(existsSync(lock) ? lock : packageFile()));
  for (const name of globSync("{shared,services}/**/*.{ts,js,json}", { cwd: codeRoot }).toSorted())
    hash.update(`${name}\n`).update(readFileSync(join(codeRoot, name)));
  return hash.digest("hex").slice(0, 12);
};

/** There may be no git; and an installed copy may lie in a repository, but in somebody else's: then there is nothing to say. */
const git = (...args: readonly string[]): string | null => {
  if (!existsSync(join(root, ".git"))) return null;
  try {
    return execFileSync("git", ["-C", root, ...args], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"], timeout: 5_000 }).trim();
  } catch {
    return null;
  }
};

const installed = (name: string): string => packageOf(name).version;

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
