// Lines of an strace log are read for what they are, and halves of calls become whole ones.
import fc from "fast-check";
import { expect, it } from "vitest";
import { type Call, Follower } from "../../../shared/kernel/recording/follow.ts";
import { type Line, readLine } from "../../../shared/kernel/recording/strace.ts";

const lineOf = (text: string): Line => {
  const line = readLine(text);
  if (line.kind === "malformed") throw new Error(line.why);
  return line;
};

const follow = (...lines: readonly string[]): { readonly calls: readonly Call[]; readonly follower: Follower } => {
  const follower = new Follower();
  const calls = lines.map((line) => follower.next(lineOf(line))).filter((call) => call !== undefined);
  return { calls, follower };
};

it.each([
  [
    '7 100.000001 read(3, "a) = 7 <0.5>", 32) = 12 <0.000025>',
    { kind: "call", pid: 7, name: "read", descriptor: "unknown", tookNs: 25_000 },
  ],
  ["[pid    7] 100.000001 getpid() = 7 <0.000009>", { kind: "call", pid: 7, name: "getpid" }],
  ["100.000001000 getpid() = 7 <0.000009123>", { kind: "call", pid: 0, atNs: 100_000_001_000, tookNs: 9_123 }],
  ["7 100.000001 read(3</var/lib/data>, 0x7f, 32) = 12 <0.000025>", { descriptor: "file" }],
  ["7 100.000001 read(3<socket:[77]>, 0x7f, 32) = 12 <0.000025>", { descriptor: "stream" }],
  ["7 100.000001 read(3</dev/pts/1>, 0x7f, 32) = 12 <0.000025>", { descriptor: "stream" }],
  ["7 100.000001 pause() = ? ERESTARTNOHAND (To be restarted if no handler) <1.000000>", { kind: "call", tookNs: 1_000_000_000 }],
  ["7 100.000001 exit_group(0) = ?", { kind: "call", name: "exit_group", tookNs: undefined }],
  ["7 100.000001 epoll_wait(8,  <unfinished ...>", { kind: "unfinished", name: "epoll_wait" }],
  ["7 100.000001 read(3, <unfinished ...>) = ?", { kind: "unfinished", name: "read" }],
  [
    "7 100.000001 <... epoll_wait resumed>[{events=EPOLLIN}], 512, -1) = 1 <0.002000>",
    { kind: "resumed", name: "epoll_wait", tookNs: 2_000_000 },
  ],
  ["7 100.000001 --- SIGCHLD {si_signo=SIGCHLD, si_status=0} ---", { kind: "signal" }],
  ["7 100.000001 +++ killed by SIGKILL +++", { kind: "exit" }],
])("%s", (text, expected) => {
  expect(lineOf(text)).toMatchObject(expected);
});

it.each([
  ["7 12:30:01.000001 getpid() = 7 <0.000009>", "record with -ttt"],
  ["getpid() = 7", "no time stamp"],
  ["7 100.000001 getpid() = ", "neither a call"],
  ['7 100.000001 read(3, "abc', "neither a call"],
  [`7 100.000001 read(3, "${"x".repeat(70_000)}", 1) = 1 <0.000001>`, "longer than"],
])("a malformed line says why: %.60s", (text, why) => {
  expect(readLine(text)).toMatchObject({ kind: "malformed", why: expect.stringContaining(why) });
});

it("reads any text without failing", () => {
  fc.assert(
    fc.property(fc.string(), fc.nat(), (text, pid) =>
      ["malformed", "call", "resumed", "unfinished", "signal", "exit"].includes(readLine(`${pid} 1.000000 ${text}`).kind),
    ),
  );
});

it("a call that another thread's line cuts in two counts once, with the time that strace gives it", () => {
  const { calls } = follow(
    "1 100.000000 read(3<pipe:[5]>,  <unfinished ...>",
    '2 100.000010 write(4<pipe:[5]>, "x", 1) = 1 <0.000005>',
    '1 100.000020 <... read resumed>"x", 1) = 1 <0.000015>',
  );
  expect(calls).toEqual([
    { name: "write", descriptor: "stream", tookNs: 5_000, gapNs: undefined },
    { name: "read", descriptor: "stream", tookNs: 15_000, gapNs: undefined },
  ]);
});

it("the gap between two calls belongs to the thread that makes them", () => {
  const { calls } = follow(
    "1 100.000000 getpid() = 1 <0.000010>",
    "2 100.000020 getpid() = 2 <0.000010>",
    "1 100.000050 getpid() = 1 <0.000010>",
    "2 100.000040 getpid() = 2 <0.000010>",
  );
  expect(calls.map((call) => call.gapNs)).toEqual([undefined, undefined, 40_000, 10_000]);
});

it("a gap with a signal in it is not user time", () => {
  const { calls } = follow(
    "1 100.000000 getpid() = 1 <0.000010>",
    "1 100.000020 --- SIGALRM {} ---",
    "1 100.000050 getpid() = 1 <0.000010>",
  );
  expect(calls[1]?.gapNs).toBeUndefined();
});

it("a call that its thread never comes back from counts without a duration: at an exit, and at the end of the log", () => {
  const { calls, follower } = follow(
    "1 100.000000 read(3,  <unfinished ...>",
    "1 100.000020 +++ killed by SIGKILL +++",
    "2 100.000030 pause( <unfinished ...>",
  );
  expect([...calls, ...follower.rest()].map((call) => [call.name, call.tookNs])).toEqual([
    ["read", undefined],
    ["pause", undefined],
  ]);
});

it("the threads that live at a time are counted by how long they live", () => {
  const { follower } = follow(
    "1 100.000000 getpid() = 1 <0.000001>",
    "2 100.000000 getpid() = 2 <0.000001>",
    "2 100.000050 +++ exited with 0 +++",
    "1 100.000100 getpid() = 1 <0.000001>",
  );
  expect(follower.threads).toBe(2);
  expect(follower.meanThreads()).toBeCloseTo(1.5);
});

it("however the lines of several threads are interleaved, every call counts once", () => {
  const thread = fc.array(fc.boolean(), { maxLength: 20 });
  fc.assert(
    fc.property(fc.array(thread, { minLength: 1, maxLength: 4 }), fc.infiniteStream(fc.nat()), (threads, order) => {
      const queues = threads.map((cuts, pid) => cuts.flatMap((cut) => (cut ? [`${pid} open(`, `${pid} close`] : [`${pid} whole`])));
      const lines: string[] = [];
      for (const pick of order) {
        const waiting = queues.filter((queue) => queue.length > 0);
        const next = waiting[pick % Math.max(1, waiting.length)]?.shift();
        if (next === undefined) break;
        const [pid, what] = next.split(" ") as [string, string];
        const at = `${pid} 100.${String(lines.length).padStart(6, "0")}`;
        if (what === "whole") lines.push(`${at} getpid() = 1 <0.000000>`);
        else lines.push(what === "close" ? `${at} <... read resumed>) = 0 <0.000001>` : `${at} read(3,  <unfinished ...>`);
      }
      const total = threads.reduce((sum, cuts) => sum + cuts.length, 0);
      expect(follow(...lines).calls.length).toBe(total);
    }),
  );
});
