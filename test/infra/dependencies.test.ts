// What the project is built from, judged without a network: nothing unpinned, nothing unsealed, nobody's script, no unknown licence.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { assert, describe, it } from "vitest";

interface Locked {
  readonly version?: string;
  readonly integrity?: string;
  readonly resolved?: string;
  readonly license?: string;
  readonly hasInstallScript?: boolean;
}

interface PackageJson {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly overrides: Readonly<Record<string, string>>;
  readonly allowScripts: Readonly<Record<string, boolean>>;
}

const read = <T>(name: string): T => JSON.parse(readFileSync(fileURLToPath(new URL(`../../${name}`, import.meta.url)), "utf8")) as T;

const { dependencies, devDependencies, overrides, allowScripts } = read<PackageJson>("package.json");
const locked = Object.entries(read<{ packages: Readonly<Record<string, Locked>> }>("package-lock.json").packages).filter(
  ([path]) => path !== "",
);

/** Those under which others may use, change and pass on what they are part of. */
const licences = [
  "MIT",
  "Apache-2.0",
  "ISC",
  "0BSD",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "BlueOak-1.0.0",
  "CC0-1.0",
  "Unlicense",
  "Zlib",
  "MPL-2.0",
];

/** Named in the old way in their own package.json, which lock files do not copy: MIT each. */
const namedElsewhere = ["buildcheck", "cpu-features", "ssh2"];

const nameOf = (path: string): string => path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length);

const isKnown = (licence: string): boolean =>
  licence
    .replace(/[()]/g, "")
    .split(/ (?:OR|AND) /)
    .every((one) => licences.includes(one));

const none = (packages: readonly (readonly [string, Locked])[]) =>
  assert.deepStrictEqual(
    packages.map(([path]) => path),
    [],
  );

describe("dependencies", () => {
  it("are named by exact versions", () => {
    const named = Object.entries({ ...dependencies, ...devDependencies, ...overrides });
    assert.deepStrictEqual(
      named.filter(([, version]) => !/^(npm:@?[\w./-]+@)?\d+\.\d+\.\d+$/.test(version)),
      [],
    );
  });

  it("are locked, each with the digest of its bytes, from the registry that whoever installs has chosen", () => {
    assert.isAbove(locked.length, 100);
    none(locked.filter(([, { version }]) => !/^\d+\.\d+\.\d+/.test(version ?? "")));
    none(locked.filter(([, { integrity }]) => !/^sha512-[\w+/]{86}==$/.test(integrity ?? "")));
    none(locked.filter(([, { resolved }]) => resolved !== undefined));
  });

  it("run a script at their installation only if it was looked at, and then only Node's", () => {
    const scripted = locked.filter(([, { hasInstallScript }]) => hasInstallScript === true).map(([path]) => nameOf(path));
    assert.sameMembers(scripted, Object.keys(allowScripts));
    assert.deepStrictEqual(
      Object.keys(allowScripts).filter((name) => allowScripts[name]),
      ["node"],
    );
  });

  it("have licences that let them be passed on", () => {
    const unknown = locked.filter(([, { license }]) => license === undefined || !isKnown(license)).map(([path]) => nameOf(path));
    assert.sameMembers(unknown, namedElsewhere);
  });
});
