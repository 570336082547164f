// Files from outside: what is right is read as it stands, what is wrong gets one message with its place and what was probably meant.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, it } from "vitest";
import { decodeProfile } from "../../shared/kernel/decode/profile.ts";
import { decodeWorkload } from "../../shared/kernel/decode/workload.ts";
import { profiles } from "../../shared/kernel/profiles.ts";
import { BadInput } from "../../shared/machine/badInput.ts";

const root = new URL("../../", import.meta.url);
const textOf = (name: string): string => readFileSync(new URL(`loadtests/workloads/${name}.json`, root), "utf8");

/** The web workload with one value replaced, by its path. */
const changed = (path: ReadonlyArray<string | number>, value: unknown): string => {
  const whole: unknown = JSON.parse(textOf("web"));
  let inner = whole as Record<string | number, unknown>;
  for (const key of path.slice(0, -1)) inner = inner[key] as Record<string | number, unknown>;
  inner[path.at(-1) as string | number] = value;
  return JSON.stringify(whole);
};

it.each(["web", "database", "compile"])("the shipped workload %s is a workload and is read as it stands", (name) => {
  expect(decodeWorkload(textOf(name), name)).toEqual(JSON.parse(textOf(name)));
  expect(decodeWorkload(textOf(name), name).name).toBe(name);
});

it.each([
  [
    ["calls", 3, "cpuNs", "kind"],
    "quantile",
    'w.json: calls[3].cpuNs.kind: expected one of "constant", "exponential", "log-normal", "quantiles", found "quantile" (did you mean "quantiles"?)',
  ],
  [["calls", 3, "wieght"], 1, 'w.json: calls[3].wieght: unknown key (did you mean "weight"?); known: name, weight, cpuNs, sleep, restarts'],
  [["calls", 0, "weight"], -1, "w.json: calls[0].weight: expected a number above 0 and up to"],
  [["calls", 0, "restarts"], "yes", 'w.json: calls[0].restarts: expected true or false, found "yes"'],
  [["calls"], [], "w.json: calls: expected 1 to 512 entries, found 0"],
  [["calls"], {}, "w.json: calls: expected a list, found {}"],
  [["userNs"], 7, "w.json: userNs: expected an object, found 7"],
  [["userNs"], { kind: "quantiles", ns: [1, 3, 2] }, "w.json: userNs.ns[2]: expected an integer from 3 to"],
  [["userNs"], { ns: 7 }, 'w.json: userNs: "kind" is missing'],
  [["name"], "", "w.json: name: expected text of 1 to 64 characters"],
  [["schema"], "quiesce.workload/2", 'w.json: schema: expected one of "quiesce.workload/1"'],
  [["kthreads", 0, "perCpu"], 0.5, "w.json: kthreads[0].perCpu: expected an integer"],
])("at %j, %j is refused", (path, value, message) => {
  expect(() => decodeWorkload(changed(path, value), "w.json")).toThrow(BadInput);
  expect(() => decodeWorkload(changed(path, value), "w.json")).toThrow(message);
});

it("text that is not JSON says so", () => {
  expect(() => decodeWorkload("{", "w.json")).toThrow(/^w.json: not JSON: /);
});

it("any JSON at all is either read or refused as bad input", () => {
  fc.assert(
    fc.property(fc.constantFrom("calls", "userNs", "kthreads", "irqsOff", "crossCalls", "name"), fc.jsonValue(), (key, value) => {
      try {
        decodeWorkload(changed([key], value), "w.json");
      } catch (error) {
        expect(error).toBeInstanceOf(BadInput);
      }
    }),
  );
});

it("every number of a shipped profile names its source", () => {
  for (const { schema, name, title, sources, ipiNs, stackReader, ...numbers } of profiles) {
    const inner = Object.entries({ ipiNs, stackReader }).flatMap(([name, of]) => Object.keys(of).map((key) => `${name}.${key}`));
    const all = [...Object.keys(numbers), ...inner];
    expect(Object.keys(sources).sort(), `${schema} ${name} ${title}`).toEqual(all.sort());
  }
});

it("a profile with a misspelt key is refused", () => {
  const { tickNs, ...rest } = profiles[0] as (typeof profiles)[0];
  expect(() => decodeProfile(JSON.stringify({ ...rest, tikNs: tickNs }), "p.json")).toThrow(
    'p.json: tikNs: unknown key (did you mean "tickNs"?)',
  );
});

/** Runs a statement that uses the readers, as the command line does, and hands back what it prints. */
const reading = (statement: string): string =>
  execFileSync(
    process.execPath,
    [
      "--input-type=module",
      "-e",
      `import * as inputs from "./services/input/inputs.ts"; try { console.log(${statement}); } catch (error) { console.log(error.name, error.message); }`,
    ],
    { cwd: root, encoding: "utf8" },
  ).trim();

it.each([
  ['inputs.readWorkload("database").name', "database"],
  ['inputs.readWorkload("loadtests/workloads/compile.json").name', "compile"],
  ["inputs.workloadNames().join()", "web,compile,database"],
  ['inputs.readProfile("default").ipiNs.near', "1460"],
  ['inputs.readWorkload("databse")', 'BadInput unknown workload "databse" (did you mean "database"?)'],
  ['inputs.readProfile("defualt")', 'BadInput unknown profile "defualt" (did you mean "default"?)'],
  ['inputs.readWorkload("./no.json")', "BadInput ./no.json: there is no such file"],
  ['inputs.readWorkload("test/")', "BadInput test/: it is a directory"],
])("%s", (statement, printed) => {
  expect(reading(statement)).toContain(printed);
});
