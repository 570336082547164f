// The small verbs: list, validate, doctor, workload import, help and version.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { assert, describe, it } from "vitest";
import { command, quiesce, scratch } from "./quiesce.ts";

const reference = fileURLToPath(new URL("../../docs/reference.md", import.meta.url));
const recording = fileURLToPath(new URL("../fixtures/compile.strace", import.meta.url));

describe.concurrent("verbs", () => {
  it.each([
    ["models", /^simple +leave kernel, switch kernel: .*\(default\)$/m],
    ["models", /^kgraft +leave kernel, switch task: .*\n(?:kpatch|ksplice) +leave patched-set, switch kernel: /m],
    ["faults", /^crash +.*: crash cpu 2 at disable-irq restart after 5ms$/m],
    ["profiles", /\(default\)$/m],
    ["workloads", /^web +.*\(default\)$/m],
    ["patches", /^CVE-2024-26923 +function +unix_gc/m],
    ["patches", /^study-call +call +tcp_sendmsg_locked tcp_write_xmit +made by hand/m],
  ])("list %s", async (what, line) => {
    const { code, stdout } = await command(scratch(), ["list", what]);
    assert.strictEqual(code, 0);
    assert.match(stdout, line);
  });

  it("list all is docs/reference.md: `npm run reference` writes it anew", async () => {
    const { code, stdout } = await quiesce(scratch(), ["list", "all"]);
    assert.strictEqual(code, 0);
    assert.strictEqual(stdout, readFileSync(reference, "utf8"));
    assert.notMatch(stdout, /^\|.*\| *\|$/m, "a row without its last cell");
  });

  it("list schemas publishes the JSON Schema of every document, with every reference in it", async () => {
    const { code, stdout } = await command(scratch(), ["list", "schemas"]);
    assert.strictEqual(code, 0);
    const published: Readonly<Record<string, { readonly $defs: Readonly<Record<string, { readonly required: readonly string[] }>> }>> =
      JSON.parse(stdout);
    const wanted = {
      "quiesce.summary/1": ["Summary", "verdict", "timings", "ipis", "resources"],
      "quiesce.compare/1": ["Compare", "engine", "seed", "repeat", "rows"],
      "quiesce.catalogue/1": ["Catalogue", "models", "rows"],
      "quiesce.chaos/1": ["Chaos", "rows", "failures"],
      "quiesce.shrink/1": ["Shrunk", "faults", "scenario"],
      "quiesce.explore/1": ["Explored", "states", "properties", "counterexample"],
      "quiesce.scale/1": ["Scale", "axes", "cells", "curves"],
      "quiesce.load/1": ["Load", "arrivals", "cells", "limits", "thresholds"],
      "quiesce.diff/1": ["Diff", "differences", "beyond"],
    };
    assert.deepStrictEqual(Object.keys(published), Object.keys(wanted));
    for (const [schema, [name = "", ...fields]] of Object.entries(wanted)) {
      const document = published[schema];
      for (const [, used] of JSON.stringify(document).matchAll(/"\$ref":"#\/\$defs\/([^"]+)"/g))
        assert.property(document?.$defs, used ?? "");
      assert.includeMembers([...(document?.$defs[name]?.required ?? [])], ["schema", ...fields]);
    }
  });

  it("validate takes a scenario of every model", async () => {
    const models = ["simple", "kgraft", "kpatch", "ksplice", "hybrid", "immediate"];
    const scenarios = Object.fromEntries(models.map((model) => [`${model}.yaml`, `model: ${model}\nattempts: 2\nforced: tcp_rearm_rto\n`]));
    const cwd = scratch(scenarios);
    const said = await Promise.all(Object.keys(scenarios).map((file) => command(cwd, ["validate", file])));
    assert.deepStrictEqual(
      said.map(({ stdout }) => stdout),
      models.map((model) => `${model}.yaml: scenario of 3 settings: valid\n`),
    );
  });

  it("validate takes the study of load, and refuses one with a threshold that is none", async () => {
    const study = fileURLToPath(new URL("../../loadtests/load.yaml", import.meta.url));
    const cwd = scratch({ "bad.yaml": "schema: quiesce.load-study/1\nrate: 5k/s\nthreshold: latencyUs:p99<5\n" });
    assert.deepInclude(await command(cwd, ["validate", study]), { code: 0, stdout: `${study}: load study of 9 cells: valid\n` });
    const { code, stderr } = await command(cwd, ["validate", "bad.yaml"]);
    assert.strictEqual(code, 254);
    assert.include(stderr, 'bad.yaml: line 3, threshold: "latencyUs:p99<5": unknown phase "p99"');
  });

  it("validate takes the sweep of the scaling study, and refuses one with a cell that cannot be", async () => {
    const study = fileURLToPath(new URL("../../loadtests/scaling.yaml", import.meta.url));
    const cwd = scratch({ "bad.yaml": "schema: quiesce.sweep/1\ncpus: 2,8\nfault: crash cpu 5 at run\n" });
    assert.deepInclude(await command(cwd, ["validate", study]), { code: 0, stdout: `${study}: sweep of 72 cells: valid\n` });
    const { code, stderr } = await command(cwd, ["validate", "bad.yaml"]);
    assert.strictEqual(code, 254);
    assert.match(stderr, /bad\.yaml: line 3, fault: there is no cpu 5: the machine has 2/);
  });

  it("validate takes a patch, and says what nothing that is simulated runs through", async () => {
    const patch = JSON.stringify({
      schema: "quiesce.patch/1",
      id: "mine",
      title: "mine",
      kind: "call",
      objects: [{ object: "vmlinux", functions: ["ep_poll", "ep_pol"] }],
    });
    assert.deepInclude(await command(scratch({ "p.json": patch }), ["validate", "p.json"]), {
      code: 0,
      stdout: 'p.json: patch mine of 2 functions (nothing that is simulated runs through ep_pol (did you mean "ep_poll"?)): valid\n',
    });
  });

  it("validate takes a scenario, a workload and what import makes of a recording", async () => {
    const cwd = scratch({ "s.yaml": "schema: quiesce.scenario/1\nengine: virtual\ncpus: 16\nfault: drop 1% of ack\n" });
    assert.deepInclude(await command(cwd, ["validate", "s.yaml"]), { code: 0, stdout: "s.yaml: scenario of 3 settings: valid\n" });
    const imported = await command(cwd, ["workload", "import", recording, "--name", "mine", "--to", "w.json"]);
    assert.deepInclude(imported, { code: 0, stdout: "" });
    assert.match(imported.stderr, /\d+ lines: \d+ calls of \d+ threads/);
    assert.deepInclude(await command(cwd, ["validate", "w.json"]), { code: 0, stdout: "w.json: workload mine: valid\n" });
    const again = await command(cwd, ["workload", "import", recording, "--to", "w.json"]);
    assert.strictEqual(again.code, 254);
    assert.include(again.stderr, "is there already, and is not overwritten");
    assert.strictEqual((await command(cwd, ["run", "--engine", "virtual", "--seed", "1", "--workload", "./w.json", "--quiet"])).code, 0);
  });

  it("doctor says what is missing and how to get it, and ends with 5 where a live run cannot be had", async () => {
    const { code, stdout } = await quiesce(scratch(), ["doctor", "--nats", "nats://127.0.0.1:1"]);
    assert.strictEqual(code, 5);
    assert.match(stdout, /^ok +node +\d+/m);
    assert.match(stdout, /^missing +JetStream +no NATS server to be used at nats:\/\/127\.0\.0\.1:1.*\n +needed: /m);
  });

  it("doctor finds JetStream on a server of its own", async () => {
    const { code, stdout } = await quiesce(scratch(), ["doctor"]);
    assert.strictEqual(code, 0, stdout);
    assert.match(stdout, /^ok +JetStream/m);
  });

  it("help and version go to stdout", async () => {
    const help = await quiesce(scratch(), ["run", "--help"]);
    assert.deepInclude(help, { code: 0, stderr: "" });
    for (const flag of ["--engine", "--check-determinism", "--scenario", "--fault"]) assert.include(help.stdout, flag);
    assert.match((await quiesce(scratch(), ["--version"])).stdout, /^quiesce v\d+\.\d+\.\d+\n$/);
  });
});
