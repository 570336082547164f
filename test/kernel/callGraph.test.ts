// The call graph reaches every function that the catalogue's patches replace, and knows every call that the recordings make.
import { expect, it } from "vitest";
import compile from "../../loadtests/workloads/compile.json" with { type: "json" };
import database from "../../loadtests/workloads/database.json" with { type: "json" };
import web from "../../loadtests/workloads/web.json" with { type: "json" };
import { functionsKnown, pathsOf, threadPathsOf } from "../../shared/kernel/callGraph.ts";
import { catalogue, defaultPatchId, findPatch } from "../../shared/kernel/catalogue.ts";
import { functionsOf } from "../../shared/kernel/patch.ts";
import { BadInput } from "../../shared/machine/badInput.ts";

const recordings = [web, database, compile];

it.each(catalogue.map((patch) => [patch.id, patch] as const))("every function of %s is on some path", (_, patch) => {
  for (const name of functionsOf(patch)) expect(functionsKnown(), name).toContain(name);
});

it("the catalogue has 50 patches, no two of one id", () => {
  expect(new Set(catalogue.map((patch) => patch.id)).size).toBe(50);
});

it("every call of every recording has paths of its own, with weights above 0 and no function twice", () => {
  for (const { name } of recordings.flatMap((recording) => recording.calls)) {
    const paths = pathsOf(name);
    for (const { weight, functions } of paths) {
      expect(weight, name).toBeGreaterThan(0);
      expect(functions[0], name).toMatch(/^__x64_sys_\w+$/);
      expect(new Set(functions).size, functions.join(" ")).toBe(functions.length);
    }
    // Calls that are nothing but their entry point are so on purpose; those that the graph lacks would look the same.
    if (paths.length === 1 && paths[0]?.functions.length === 1) expect(name).toMatch(/^(get|set|rseq)/);
  }
});

it("every kernel thread of every recording does more than to exist", () => {
  for (const { name } of recordings.flatMap((recording) => recording.kthreads)) expect(threadPathsOf(name).length).toBeGreaterThan(1);
});

it("a call that the graph does not know is its entry point alone", () => {
  expect(pathsOf("frobnicate")).toEqual([{ weight: 1, functions: ["__x64_sys_frobnicate"] }]);
  expect(pathsOf("constructor")).toEqual([{ weight: 1, functions: ["__x64_sys_constructor"] }]);
});

it("a kernel thread is known by its name without its CPU or device", () => {
  expect(threadPathsOf("kworker/3:1")).toBe(threadPathsOf("kworker"));
  expect(threadPathsOf("jbd2/sda1-8")).toBe(threadPathsOf("jbd2"));
  expect(threadPathsOf("nobody")).toEqual([{ weight: 1, functions: ["kthread"] }]);
});

it("the default patch sits in vmlinux on paths that the default workload takes", () => {
  const patch = findPatch(defaultPatchId);
  expect(patch.objects.map((object) => object.object)).toEqual(["vmlinux"]);
  const taken = new Set(web.calls.flatMap((call) => pathsOf(call.name).flatMap((path) => path.functions)));
  for (const name of functionsOf(patch)) expect(taken).toContain(name);
});

it("a misspelt patch is told the nearest one", () => {
  expect(findPatch("cve-2024-26923").id).toBe("CVE-2024-26923");
  expect(() => findPatch("CVE-2024-26932")).toThrow(BadInput);
  expect(() => findPatch("CVE-2024-26924")).toThrow('unknown patch "CVE-2024-26924" (did you mean "CVE-2024-26923"?)');
});
