// Files from others: what is immense, endless, nested, named like the insides of objects, or points elsewhere is refused or harmless.
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { assert, describe, it } from "vitest";
import { command, latest, scratch } from "./quiesce.ts";

/** Twelve levels of ten: a billion and more of one letter, in seven hundred bytes. */
const billion = ["a0: &a0 [x,x,x,x,x,x,x,x,x,x]"]
  .concat(Array.from({ length: 11 }, (_, i) => `a${i + 1}: &a${i + 1} [${`*a${i},`.repeat(10)}]`))
  .join("\n");

const web = JSON.parse(readFileSync(new URL("../../loadtests/workloads/web.json", import.meta.url), "utf8"));
const [call] = web.calls;

/** The recorded workload with something of it changed. */
const workload = (changes: object): string => JSON.stringify({ ...web, ...changes });

const nested = (levels: number): string => "[".repeat(levels) + "]".repeat(levels);

const files: Readonly<Record<string, string>> = {
  "deep.json": `{"schema":"quiesce.workload/1","calls":${nested(200_000)}}`,
  "steps.yaml": Array.from({ length: 3_000 }, (_, i) => `${" ".repeat(i)}a:\n`).join(""),
  "two.yaml": "cpus: 8\n---\ncpus: 9\n",
  "code.yaml": 'cpus: !!js/function "function () {}"\n',
  "merged.yaml": "<<: { cpus: 8 }\n",
  "calls.json": workload({ calls: Array.from({ length: 513 }, (_, i) => ({ ...call, name: `c${i}` })) }),
  "kthreads.json": workload({ kthreads: Array.from({ length: 65 }, () => ({})) }),
  "tasks.json": workload({ tasksPerCpu: 10_001 }),
  "padded.json": workload({ title: "x".repeat(4_000_000) }),
  "alias.yaml": `schema: quiesce.workload/1\n${billion}\n`,
  "scenario.yaml": `${billion}\n`,
  "proto.yaml": "__proto__: 8\n",
  "proto-set.yaml": "engine: virtual\nset:\n  __proto__.polluted: 1\n",
  "proto.json": '{"schema":"quiesce.workload/1","__proto__":{"name":"x"}}',
  "large.yaml": `# ${"x".repeat(17 << 20)}\ncpus: 8\n`,
  "proto.ndjson": '{"__proto__":{"engine":"virtual"},"schema":"quiesce.journal/1"}\n',
};

const refusals: ReadonlyArray<readonly [args: readonly string[], why: RegExp]> = [
  [["validate", "alias.yaml"], /alias.yaml: Excessive alias count/],
  [["validate", "scenario.yaml"], /line 1: unknown setting "a0"/],
  [["validate", "proto.yaml"], /unknown setting "__proto__"/],
  [["validate", "proto-set.yaml"], /unknown path "__proto__"/],
  [["validate", "proto.json"], /__proto__: unknown key/],
  [["validate", "large.yaml"], /has more than 16777216 bytes, and no more are read/],
  [["run", "--engine", "virtual", "--workload", "/dev/zero"], /--workload: \S+: \/dev\/zero: has more than|\/dev\/zero: has more than/],
  [["run", "--engine", "virtual", "--scenario", "/dev/zero"], /\/dev\/zero: has more than 1048576 bytes/],
  [["run", "--engine", "virtual", "--set", "profile.constructor=1"], /unknown path "profile.constructor"/],
  [["validate", "deep.json"], /deep.json: line 1: is nested too deeply/],
  [["validate", "steps.yaml"], /steps.yaml: line \d+: is nested too deeply/],
  [["validate", "two.yaml"], /two.yaml: line 2: a second document begins here/],
  [["validate", "code.yaml"], /cpus: "function \(\) \{\}" is not a whole number/],
  [["validate", "merged.yaml"], /unknown setting "<<"/],
  [["run", "--engine", "virtual", "--workload", "./deep.json"], /--workload: .\/deep.json: "name"/],
  [["validate", "calls.json"], /calls: .*512/],
  [["validate", "kthreads.json"], /kthreads: .*64/],
  [["validate", "tasks.json"], /tasksPerCpu: expected an integer from 0 to 10000, found 10001/],
  [["run", "--engine", "virtual", "--workload", "./padded.json"], /padded.json: has more than 4000000 bytes/],
  ...["../x", "a.b", "a/b", "a*", ">", "a b", "__proto__.x", "x".repeat(65), ""].flatMap((name) =>
    [["coordinator"], ["cpu", "--join"], ["recorder"]].map((verb) => {
      const refused: readonly [readonly string[], RegExp] = [
        [...verb, "--nats", "nats://127.0.0.1:1", "--run", name],
        /--run: ".*" is not a name \(up to 64 letters, digits, - and _\)/,
      ];
      return refused;
    }),
  ),
  [["replay", "./proto.ndjson"], /line 1: a header without "code"/],
  [["replay", "./zeros.ndjson.gz"], /a line of more than 67108864 characters|unpacks to more than/],
  [["replay", "./lines.ndjson.gz"], /unpacks to more than 250 times its size/],
  [["keys", "--out", "k", "--name", 'x"; authorization {}'], /is neither a host's name nor an address/],
  [["keys", "--out", "k", "--listen", '0.0.0.0:4222" }'], /is not HOST:PORT/],
];

/** A header that is one, and then lines of one fact without end. */
const manyLines = (header: string): Buffer => {
  const fact = `${JSON.stringify({ seq: 0, at: 0, clock: 0, actor: "cpu0", kind: "fact", body: { fact: "booted", cpu: 0, incarnation: 1 } })}\n`;
  return gzipSync(`${header}\n${fact.repeat(Math.ceil((80 << 20) / fact.length))}`, { level: 9 });
};

describe("files from others", () => {
  const cwd = scratch(files);
  writeFileSync(join(cwd, "zeros.ndjson.gz"), gzipSync(Buffer.alloc(100 << 20)));

  it("are refused with one line, in bounded time, where they are no good", async () => {
    await command(cwd, ["run", "--engine", "virtual", "--seed", "1", "--cpus", "2"]);
    const journal = gunzipSync(readFileSync(join(cwd, "runs", "latest", "journal.ndjson.gz"))).toString();
    writeFileSync(
      join(cwd, "lines.ndjson.gz"),
      manyLines(journal.slice(0, journal.indexOf("\n")).replace('"mode":"full"', '"mode":"facts"')),
    );
    for (const [args, why] of refusals) {
      const { code, stdout, stderr } = await command(cwd, args);
      assert.strictEqual(code, 254, `${args.join(" ")}: ${stderr}`);
      assert.strictEqual(stdout, "");
      assert.match(stderr, why);
      assert.lengthOf(stderr.trimEnd().split("\n"), 1, stderr);
    }
    assert.isFalse(existsSync(join(cwd, "k")));
  });

  it("make nothing be written elsewhere, whatever paths the manifest of a run names", async () => {
    const place = scratch();
    const failing = ["run", "--engine", "virtual", "--seed", "1", "--cpus", "2", "--mutant", "majority-is-enough", "--fault"];
    await command(place, [...failing, "drop 60% of ack"]);
    const manifest = JSON.parse(latest(place, "manifest.json"));
    manifest.run = "../../outside";
    manifest.settings.out = { origin: "flag", given: [join(place, "outside")] };
    writeFileSync(join(place, "runs", "latest", "manifest.json"), JSON.stringify(manifest));
    for (const args of [
      ["replay", "latest"],
      ["trace", "runs/latest"],
      ["shrink", "runs/latest"],
      ["report", "latest"],
    ]) {
      const { code, stderr } = await command(place, args);
      assert.notStrictEqual(code, 255, `${args.join(" ")}: ${stderr}`);
    }
    assert.deepStrictEqual(readdirSync(place), ["runs"]);
  });
});
