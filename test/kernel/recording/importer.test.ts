// An strace log becomes a workload: the mix as made, the tracer's share taken off, sleeps only where a call can sleep and did.
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, it } from "vitest";
import { decodeWorkload } from "../../../shared/kernel/decode/workload.ts";
import { mean } from "../../../shared/kernel/distribution.ts";
import { importStrace } from "../../../shared/kernel/recording/importer.ts";
import { quantiles, Sample } from "../../../shared/kernel/recording/sample.ts";
import type { SystemCall } from "../../../shared/kernel/workload.ts";
import { BadInput } from "../../../shared/machine/badInput.ts";

/** A log of one thread: each call takes so many ns, the tracer's included, with 20 us between two. */
const logOf = (calls: ReadonlyArray<readonly [text: string, tookNs: number]>): string[] => {
  let at = 0;
  return calls.map(([text, tookNs]) => {
    const stamp = `${100 + Math.floor(at / 1e9)}.${String(at % 1e9).padStart(9, "0")}`;
    at += tookNs + 20_000;
    return `1 ${stamp} ${text} = 0 <${Math.floor(tookNs / 1e9)}.${String(tookNs % 1e9).padStart(9, "0")}>`;
  });
};

const times = <T>(count: number, make: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));
const yardsticks = times(100, () => ["getppid()", 7_170] as const);
const named = (calls: readonly SystemCall[], name: string): SystemCall => calls.find((call) => call.name === name) as SystemCall;
const importCalls = (calls: ReadonlyArray<readonly [string, number]>) => importStrace(logOf([...yardsticks, ...calls]), { name: "test" });

it("the mix is what was called, in proportion", () => {
  const { workload, report } = importCalls(times(300, () => ["read(3<pipe:[1]>)", 8_000] as const));
  expect(workload.calls.map((call) => [call.name, call.weight])).toEqual([
    ["read", 0.75],
    ["getppid", 0.25],
  ]);
  expect(report).toMatchObject({ calls: 400, threads: 1, malformed: 0, neverReturned: 0 });
});

it("calls that cost nothing natively show what the tracer adds", () => {
  expect(importCalls([]).report.overhead).toMatchObject({ callNs: 7_000, gapNs: 20_000, from: "log" });
});

it("the tracer's share that is given goes before the one found", () => {
  const { overhead } = importStrace(logOf(yardsticks), { name: "test", overheadNs: 6_000, gapOverheadNs: 1 }).report;
  expect(overhead).toMatchObject({ callNs: 6_000, gapNs: 1, from: "option" });
});

it("a log with too few such calls falls back on what was measured elsewhere", () => {
  expect(importStrace(logOf([["getppid()", 9_000]]), { name: "test" }).report.overhead.from).toBe("default");
});

it("a call that never slept gets no sleep", () => {
  expect(named(importCalls(times(100, () => ["epoll_wait(8)", 7_300] as const)).workload.calls, "epoll_wait").sleep).toBeUndefined();
});

it("a call that cannot sleep gets none, however long it took", () => {
  expect(named(importCalls(times(100, () => ["getcwd()", 5_000_000] as const)).workload.calls, "getcwd").sleep).toBeUndefined();
});

it("a call that blocked sleeps as often and as long as it did", () => {
  const { sleep } = named(
    importCalls(times(100, (i) => ["epoll_wait(8)", i % 2 === 0 ? 7_300 : 2_007_000] as const)).workload.calls,
    "epoll_wait",
  );
  expect(sleep?.kind).toBe("interruptible");
  expect(sleep?.probability).toBeCloseTo(0.5, 1);
  expect(mean(sleep?.ns ?? { kind: "constant", ns: 0 })).toBeCloseTo(2_000_000, -4);
});

it("a read that blocked waits for a disk if it is of a file, for an event if not", () => {
  const kindOf = (descriptor: string) =>
    named(importCalls(times(100, () => [`read(3<${descriptor}>)`, 2_000_000] as const)).workload.calls, "read").sleep?.kind;
  expect(kindOf("/srv/data")).toBe("uninterruptible");
  expect(kindOf("socket:[7]")).toBe("interruptible");
});

it("a call that is longer than the tracer's noise keeps its own time, a shorter one takes the untraced time", () => {
  const { workload, report } = importCalls([
    ...times(100, () => ["getcwd()", 507_000] as const),
    ...times(100, () => ["uname()", 7_500] as const),
  ]);
  expect(mean(named(workload.calls, "getcwd").cpuNs)).toBeCloseTo(500_000, -3);
  expect(mean(named(workload.calls, "getppid").cpuNs)).toBeLessThan(7_000);
  expect(report.native).toEqual(expect.arrayContaining(["getppid", "uname"]));
  expect(report.native).not.toContain("getcwd");
});

it("after a fake signal epoll_wait fails, poll and nanosleep are made again (signal(7), no handler having run)", () => {
  const { calls } = importCalls([
    ["epoll_wait(8)", 9_000],
    ["poll(8)", 9_000],
    ["nanosleep(8)", 9_000],
  ]).workload;
  expect(["epoll_wait", "poll", "nanosleep"].map((name) => named(calls, name).restarts)).toEqual([false, true, true]);
});

it("lines that make no sense are counted, named by number, and change nothing else", () => {
  const log = logOf(yardsticks);
  const noisy = [...log.slice(0, 3), "strace: Process 9 attached", ...log.slice(3), "1 100.9 getpp"];
  const { workload, report } = importStrace(noisy, { name: "test" });
  expect(report.malformed).toBe(2);
  expect(report.messages[0]).toMatch(/^line 4: no time stamp/);
  expect(report.messages[1]).toMatch(/^line 102: /);
  expect(workload).toEqual(importStrace(log, { name: "test" }).workload);
});

it.each([
  ["an empty log", []],
  ["another kind of file", ["<html>", "</html>"]],
  ["a log without -T", ["1 100.000001 getpid() = 1"]],
])("%s is bad input", (_, lines) => {
  expect(() => importStrace(lines, { name: "test" })).toThrow(BadInput);
});

it("the recorded sample: threads that come and go, halves of calls, exits", () => {
  const log = readFileSync(new URL("../../fixtures/compile.strace", import.meta.url), "utf8")
    .trimEnd()
    .split("\n");
  const { workload, report } = importStrace(log, { name: "sample", cpus: 2 });
  expect(report).toMatchObject({ lines: log.length, malformed: 0 });
  expect(report.threads).toBeGreaterThan(3);
  expect(named(workload.calls, "openat").weight).toBeGreaterThan(0);
  expect(decodeWorkload(JSON.stringify(workload), "sample")).toEqual(workload);
});

it("whatever is imported can be read back", () => {
  const call = fc.tuple(
    fc.constantFrom("read(3)", "epoll_wait(8)", "getppid()", "fsync(3)", "frob()"),
    fc.integer({ min: 0, max: 10_000_000_000 }),
  );
  fc.assert(
    fc.property(fc.array(call, { minLength: 1, maxLength: 60 }), (calls) => {
      const { workload } = importStrace(logOf(calls), { name: "any" });
      expect(decodeWorkload(JSON.stringify(workload), "any")).toEqual(workload);
    }),
  );
});

it("quantiles rise, stay within what was seen, and keep the mean of the tail", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 1e12 }), { minLength: 1, maxLength: 300 }),
      fc.integer({ min: 2, max: 40 }),
      (values, points) => {
        const sorted = values.toSorted((a, b) => a - b);
        const chosen = quantiles(sorted, points);
        expect(chosen.length).toBe(points);
        for (let i = 1; i < points; i++) expect(chosen[i]).toBeGreaterThanOrEqual(chosen[i - 1] as number);
        expect(chosen[0]).toBe(sorted[0]);
        expect(chosen.at(-1)).toBeLessThanOrEqual(sorted.at(-1) as number);
      },
    ),
  );
});

it("a sample that is full still stands for all that was added", () => {
  const sample = new Sample("test");
  for (let i = 0; i < 300_000; i++) sample.add(i);
  expect(sample.count).toBe(300_000);
  expect(sample.ascending().length).toBeLessThan(100_000);
  expect(quantiles(sample.ascending(), 3)[1]).toBeCloseTo(150_000, -4);
});
