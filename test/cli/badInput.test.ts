// Bad input: exit code 254, one message that names the place and the nearest valid spelling, and nothing on stdout or on the disk.
import { readdirSync } from "node:fs";
import { assert, describe, it } from "vitest";
import { command, quiesce, scratch } from "./quiesce.ts";

const virtual = ["run", "--engine", "virtual", "--seed", "1"];

const flags: ReadonlyArray<readonly [args: readonly string[], message: string]> = [
  [["rn"], 'unknown verb "rn" (did you mean "run"?)'],
  [["exlore"], 'unknown verb "exlore" (did you mean "explore"?)'],
  [[], "expected a verb: run, "],
  [["run", "--cpu", "8"], 'unknown flag --cpu of run (did you mean "--cpus"?)'],
  [["--json", "run"], "--json stands before the verb"],
  [["run", "extra"], 'run does not take "extra"'],
  [["run", "--cpus"], "--cpus: its value is missing"],
  [["run", "--cpus", "0"], '--cpus: "0" is not a whole number from 1 to 1048576'],
  [["run", "--cpus", "1048577"], '--cpus: "1048577" is not a whole number'],
  [["run", "--cpus", "-1"], '--cpus: "-1" is not a whole number'],
  [["run", "--cpus=1", "--cpus=2"], "--cpus: given 2 times, but it has one value"],
  [["run", "--engine", "vitual"], '--engine: "vitual" is not one of live, virtual (did you mean "virtual"?)'],
  [["run", "--limit", "20"], '--limit: "20" has no unit'],
  [["run", "--seed", "9007199254740992"], "--seed:"],
  [["run", "--fault", "drp 10% of ack"], '--fault: unknown fault "drp" at column 1: did you mean "drop"?'],
  [["run", "--fault", "crash cpu 8 at prepare"], "--fault: there is no cpu 8: the machine has 8"],
  [["run", "--patch", "CVE-2024-26924"], '--patch: unknown patch "CVE-2024-26924" (did you mean "CVE-2024-26923"?)'],
  [["run", "--workload", "databas"], '--workload: unknown workload "databas" (did you mean "database"?)'],
  [["run", "--workload", "./nowhere.json"], "--workload: ./nowhere.json: there is no such file"],
  [["run", "--then", "patch"], "--then:"],
  [["run", "--on-limit", "forse"], '--on-limit: "forse" is not one of abort, reverse, force (did you mean "force"?)'],
  [["run", "--on-limit", "force"], "--on-limit: simple stops the machine: before its decision it can only abort"],
  [["run", "--model", "kgraft", "--limit", "1s", "--on-limit", "reverse"], "--on-limit: kgraft cannot go back once it is under way"],
  [["run", "--model", "kgraft", "--limit", "1s"], "--limit: kgraft cannot go back once it is under way"],
  [["run", "--model", "hybrid", "--on-limit", "force"], "--on-limit: hybrid has no limit of its own: give it one with --limit"],
  [["run", "--leave", "patched-sets"], '--leave: "patched-sets" is not one of function, patched-set, kernel (did you mean "patched-set"?)'],
  [["run", "--switch", "tsak"], '--switch: "tsak" is not one of function, task, kernel (did you mean "task"?)'],
  [["run", "--forced", "tcp_rearm_rtt"], '--forced: "tcp_rearm_rtt" is no function of CVE-2024-47684 (did you mean "tcp_rearm_rto"?)'],
  [["run", "--patch", "./nowhere.json"], "--patch: ./nowhere.json: there is no such file"],
  [["run", "--hosts", "9"], "--hosts: 9 processes for 8 CPUs"],
  [["run", "--check-determinism"], "--check-determinism: a live run never repeats itself"],
  [[...virtual, "--hosts", "2"], "--hosts: virtual time has no processes"],
  [[...virtual, "--set", "profile.tickN=1"], '--set: unknown path "profile.tickN" (did you mean "profile.tickNs"?)'],
  [[...virtual, "--set", "profile.tickNs=fast"], "--set: profile.tickNs:"],
  [[...virtual, "--set", "profile.tikNs=1"], '--set: unknown path "profile.tikNs" (did you mean "profile.tickNs"?)'],
  [[...virtual, "--set", "model.holdLimitNs=1"], "--set: model: holdLimitNs: expected an integer from 20000000001"],
  [[...virtual, "--set", "model.attempts=0"], "--set: model: attempts: expected an integer from 1"],
  [
    [...virtual, "--set", "model.gather.userMode=gat"],
    '--set: model: gather.userMode: expected one of "park", "gate", found "gat" (did you',
  ],
  [[...virtual, "--set", "model.gather.passes=7"], "--set: model: gather.passes: expected an integer from 1 to 2, found 7"],
  [[...virtual, "--set", "model.name=kpatch"], '--set: "model.name" cannot be set: it is chosen with --model'],
  [[...virtual, "--set", "model.leave=function"], '--set: "model.leave" cannot be set: it is chosen with --leave'],
  [[...virtual, "--set", "model.switch=task"], '--set: "model.switch" cannot be set: it is chosen with --switch'],
  [[...virtual, "--set", "model.attempts=null"], "--set: model: attempts: expected an integer from 1 to 1000, found null"],
  [[...virtual, "--model", "hybrid", "--set", "model.limitNs=soon"], '--set: model.limitNs: "soon" is not a number, as null is'],
  [[...virtual, "--set", "patch.id=foo"], '--set: "patch.id" cannot be set: it is chosen with --patch'],
  [
    [...virtual, "--set", "patch.kind=dat"],
    '--set: patch: kind: expected one of "function", "call", "data", found "dat" (did you mean "data"?)',
  ],
  [["compare", "--model", "simple"], 'unknown flag --model of compare (did you mean "--models"?)'],
  [["compare", "--models", "simple,hybird"], '--models: unknown model "hybird" (did you mean "hybrid"?)'],
  [["compare", "--models", "kernel+tsak"], '--models: "tsak" is not one of function, task, kernel (did you mean "task"?)'],
  [["compare", "--models", "simple,kernel+kernel"], '--models: "simple" is named twice'],
  [["compare", "--repeat", "0"], '--repeat: "0" is not a whole number from 1 to 10000'],
  [["compare", "--seed", "9007199254740991", "--repeat", "2"], "--seed: 2 seeds from 9007199254740991 on are too large"],
  [["compare", "--catalogue"], "--catalogue: so many live runs would take hours: use --engine virtual"],
  [["compare", "--engine", "virtual", "--catalogue", "--patch", "study-call"], "--patch: --catalogue runs every shipped patch as it is"],
  [["compare", "--models", "simple,kpatch", "--on-limit", "reverse"], "--on-limit: none of these models can reverse"],
  [["compare", "--set", "model.gather.passes=7"], "--set: model: gather.passes: expected an integer from 1 to 2, found 7"],
  [["compare", "--models", "kpatch", "--set", "model.gather.passes=2"], '--set: "model.gather" is one value: nothing is below it'],
  [["list", "modles"], '"modles" is not one of models, faults'],
  [["workload", "imprt", "x"], 'unknown verb "imprt" (did you mean "import"?)'],
  [["workload", "import", "nowhere.strace"], "nowhere.strace: there is no such file"],
  [["replay", "nowhere"], "nowhere: there is no such run"],
  [["validate", "nowhere.yaml"], "nowhere.yaml: there is no such file"],
];

const patchFile = (changes: object): string =>
  JSON.stringify({
    schema: "quiesce.patch/1",
    id: "mine",
    title: "mine",
    kind: "function",
    objects: [{ object: "vmlinux", functions: ["ep_poll"] }],
    ...changes,
  });

const files: ReadonlyArray<readonly [text: string, message: string]> = [
  ["cpus: 8\nlimt: 5s\n", 'line 2: unknown setting "limt" (did you mean "limit"?)'],
  ["cpus: [8]\n", "line 1: cpus: expected one value, not a list"],
  ["cpus: true\n", "line 1: cpus: expected a text or a number"],
  ["cpus: 8\ncpus: 9\n", "line 2: Map keys must be unique"],
  ['seed: 1\ncpus: "8\n', "Missing closing"],
  [
    "seed: 1\nfault:\n  - drop 10% of ack\n  - crahs cpu 1 at run\n",
    'line 2, fault: unknown fault "crahs" at column 1: did you mean "crash"?',
  ],
  ["schema: quiesce.scenaro/1\n", 'did you mean "quiesce.scenario/1"?'],
  ['{"schema": "quiesce.workload/1", "name": "x"}', "title"],
  [patchFile({ kind: "cal" }), 'kind: expected one of "function", "call", "data", found "cal" (did you mean "call"?)'],
  [patchFile({ forced: ["ep_pol"] }), 'forced[0]: expected one of "ep_poll", found "ep_pol" (did you mean "ep_poll"?)'],
  // A list can only be one of cases, and those are JSON.
  ["- 1\n", "not JSON"],
  ["[1]\n", "cases[0]: expected an object"],
  ["", "neither a scenario nor a workload, profile or patch, nor a module or a list of cases"],
];

const assertRefused = async (
  cwd: string,
  args: readonly string[],
  message: string,
  { env = {}, by = command }: { readonly env?: Readonly<Record<string, string>>; readonly by?: typeof command } = {},
) => {
  const before = readdirSync(cwd);
  const { code, stdout, stderr } = await by(cwd, args, env);
  assert.strictEqual(code, 254, stderr);
  assert.strictEqual(stdout, "");
  assert.include(stderr, message);
  assert.lengthOf(stderr.trimEnd().split("\n"), 1, stderr);
  assert.deepStrictEqual(readdirSync(cwd), before);
};

describe("bad input", () => {
  const cwd = scratch();

  it.each(flags)("on the command line: %j", (args, message) => assertRefused(cwd, args, message));

  it.each(files)("in a file: %j", (text, message) => assertRefused(scratch({ "file.yaml": text }), ["validate", "file.yaml"], message));

  it.each([
    [["exlore"], 'unknown verb "exlore" (did you mean "explore"?)'],
    [["run", "--cpu", "8"], 'unknown flag --cpu of run (did you mean "--cpus"?)'],
    [["run", "--fault", "drp 10% of ack"], '--fault: unknown fault "drp" at column 1: did you mean "drop"?'],
    [["validate", "nowhere.yaml"], "nowhere.yaml: there is no such file"],
  ])("is how a process of its own ends: %j", (args, message) => assertRefused(cwd, args, message, { by: quiesce }));

  it("in a scenario file of a run, named with its line", () =>
    assertRefused(
      scratch({ "s.yaml": "engine: virtual\ncpus: many\n" }),
      ["run", "--scenario", "s.yaml"],
      's.yaml: line 2, cpus: "many" is not',
    ));

  it("of a comparison that is told of one model elsewhere", () =>
    assertRefused(cwd, ["compare", "--engine", "virtual"], "QUIESCE_MODEL: a comparison is of several models", {
      env: { QUIESCE_MODEL: "simple" },
    }));

  it("in the environment, also where a flag would overrule it", async () => {
    await assertRefused(cwd, virtual, 'QUIESCE_CPU: unknown environment variable (did you mean "QUIESCE_CPUS"?)', {
      env: { QUIESCE_CPU: "4" },
    });
    await assertRefused(cwd, [...virtual, "--cpus", "4"], 'QUIESCE_CPUS: "lots" is not a whole number', { env: { QUIESCE_CPUS: "lots" } });
  });
});
