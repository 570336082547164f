// The package as a stranger gets it: packed, unpacked into an empty folder, and used from there.
import { execFileSync, spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, assert, beforeAll, describe, it } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const modules = join(root, "node_modules");
const place = mkdtempSync(join(tmpdir(), "quiesce-package-"));
const installed = join(place, "node_modules/quiesce");

const run = (command: string, ...args: readonly string[]) => spawnSync(command, args, { cwd: place, encoding: "utf8" });
const runs = (command: string, ...args: readonly string[]): string => {
  const { status, stdout, stderr } = run(command, ...args);
  assert.strictEqual(status, 0, `${stdout}${stderr}`);
  return stdout;
};

/** Compiling takes a few seconds of a processor that others may be using. */
const packLimitMs = 180_000;

/** What npm would install beside the package is what this checkout has: nothing is fetched. */
beforeAll(() => {
  execFileSync("npm", ["pack", "--silent", "--pack-destination", place], { cwd: root, stdio: "pipe" });
  const [tarball = ""] = readdirSync(place);
  mkdirSync(installed, { recursive: true });
  runs("tar", "-xzf", tarball, "-C", installed, "--strip-components=1");
  symlinkSync(modules, join(installed, "node_modules"));
  writeFileSync(join(place, "package.json"), '{ "type": "module" }');
  for (const example of ["model.ts", "workload.ts"]) copyFileSync(join(root, "examples", example), join(place, example));
}, packLimitMs);

afterAll(() => rmSync(place, { recursive: true, force: true }));

describe("the package", () => {
  it("has the program, its licence, its pages and examples, and neither sources nor tests", () => {
    const names = readdirSync(installed, { recursive: true, encoding: "utf8" }).filter((name) => !name.startsWith("node_modules"));
    for (const name of ["LICENSE", "README.md", "CHANGELOG.md", "docs/api.md", "dist/services/cli/main.js", "dist/dashboard/index.html"])
      assert.include(names, name);
    const sources = names.filter((name) => /(?<!\.d)\.tsx?$/.test(name) || /\.test\./.test(name));
    assert.deepStrictEqual(sources.toSorted(), ["examples/model.ts", "examples/workload.ts"]);
  });

  it("runs on whatever Node there is, by the one that it is pinned to, and with the workloads that it ships", () => {
    const launcher = join(installed, "infra/package/quiesce.cjs");
    const summary = JSON.parse(runs(launcher, "run", "--engine", "virtual", "--seed", "7", "--workload", "database", "--json"));
    assert.strictEqual(summary.verdict, "valid");
    const manifest = JSON.parse(readFileSync(join(place, "runs/latest/manifest.json"), "utf8"));
    const { dependencies, version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
    assert.deepInclude(manifest.versions, { quiesce: version, node: dependencies.node });
    assert.match(
      readFileSync(join(place, "runs/latest/repro.txt"), "utf8"),
      /^npx quiesce run .*--seed 7/,
      "there is no ./quiesce to copy",
    );
    assert.notInclude(readFileSync(join(place, "runs/latest/report.html"), "utf8"), "./quiesce ");
    assert.strictEqual(manifest.commit, null, "whoever installs it may be in a repository of their own");
  });

  it("hands on how a command ended", () => {
    const { status, stderr } = run(join(installed, "infra/package/quiesce.cjs"), "run", "--engine", "virtual", "--cpus", "none");
    assert.deepStrictEqual([status, stderr], [254, 'quiesce: --cpus: "none" is not a whole number from 1 to 1048576\n']);
  });
});

describe("the library", () => {
  it("sets a model of one's own beside the one that it comes from", () => {
    const lines = runs(process.execPath, "model.ts").trim().split("\n");
    assert.lengthOf(lines, 6);
    const took = (name: string) =>
      lines.filter((line) => line.startsWith(name)).map((line) => Number(/valid {2}([\d.]+) ms/.exec(line)?.[1]));
    assert.isBelow(Math.max(...took("impatient")), Math.min(...took("kgraft")));
  });

  it("runs a workload of one's own, and explores", () => {
    const output = runs(process.execPath, "workload.ts");
    assert.match(output, /^valid: committed\n/);
    assert.match(output, /every interleaving of two CPUs that lose one packet: \d+ states, valid\n$/);
  });

  it("has examples of less than forty lines", () => {
    for (const example of ["model.ts", "workload.ts"])
      assert.isBelow(readFileSync(join(place, example), "utf8").split("\n").length - 1, 40, example);
  });

  it("has types that a strict program compiles against", () => {
    const strict = ["--strict", "--noEmit", "--module", "nodenext", "--target", "es2024", "--typeRoots", join(modules, "@types")];
    runs(process.execPath, join(modules, "typescript/bin/tsc"), ...strict, "--types", "node", "model.ts", "workload.ts");
  });

  it("refuses a setting that it does not know, and a model that fits no cell", () => {
    const refused = (call: string): string =>
      runs(
        process.execPath,
        "--input-type=module",
        "-e",
        `import * as q from "quiesce"; try { ${call} } catch (e) { console.log(e.name, e.message) }`,
      );
    assert.strictEqual(refused("q.run({ cpu: 3 })"), 'BadInput cpu: no such setting (did you mean "cpus"?)\n');
    assert.strictEqual(
      refused('q.defineModel({ ...q.findModel("kgraft"), switch: "kernel" })'),
      "BadInput model: gradual: must be null where switch is kernel\n",
    );
  });

  it("is described by docs/api.md as it is", () => {
    const { status } = run(process.execPath, join(root, "infra/package/api.ts"), "--check");
    assert.strictEqual(status, 0, "the page is not what the source says: npm run api");
  });

  it("writes a journal that it reads back", () => {
    const program = `import { readJournal, run } from "quiesce";
      run({ seed: 3 }, "journal.ndjson");
      const kinds = new Set();
      const { ended } = await readJournal("journal.ndjson", (line) => kinds.add(line.is));
      console.log(ended, [...kinds].join(" "));`;
    assert.strictEqual(runs(process.execPath, "--input-type=module", "-e", program), "true header entry note\n");
  });
});
