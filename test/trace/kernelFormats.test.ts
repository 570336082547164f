// What kernel tools read: the tracer's text, the same as a binary file, and a kernel's log.
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assert, describe, it } from "vitest";
import { hybrid } from "../../shared/consistency/hybrid.ts";
import { smallSetup } from "../fixtures/setup.ts";
import { contract, quietWorkload } from "../virtual/matrix.ts";
import { draw, type Run, runOf } from "./drawn.ts";
import { bufferedEvents } from "./ringBuffers.ts";

/** As many CPUs as anybody records, with packets lost and a CPU that dies. */
const large = runOf(smallSetup({ cpus: 1_000, tasksPerCpu: 1, workload: quietWorkload }), [
  "drop 5% of any",
  "crash cpu 2 at prepare restart after 5ms",
]);
const lossy = runOf(smallSetup({ cpus: 8, seed: 3 }), ["drop 20% of any", "crash cpu 2 at prepare restart after 5ms"]);

/** Checks a second apart: more than the time between two events can hold, and what is said of many CPUs is long. */
const slow = runOf(
  smallSetup({ cpus: 70, seed: 2, model: hybrid, patch: contract, workload: quietWorkload, operations: ["patch", "unpatch"] }),
  [`drop 100% of transition to cpu ${Array.from({ length: 35 }, (_, i) => 2 * i).join(",")} during start from 0us for 3ms`],
);

interface TextLine {
  readonly task: string;
  readonly cpu: number;
  readonly flags: string;
  readonly us: number;
  readonly name: string;
  readonly text: string;
}

const textLinesOf = (run: Run): readonly TextLine[] =>
  draw(run, "ftrace")
    .lines.filter((line) => !line.startsWith("#"))
    .map((line) => {
      const match = /^ *(\S+) +\[(\d{3,})\] (\S{5}) +(\d+)\.(\d{6}): (\w+): (.*)$/.exec(line);
      if (match === null) return assert.fail(`not a line of a trace: ${line}`);
      const [, task = "", cpu, flags = "", s, us, name = "", text = ""] = match;
      return { task, cpu: Number(cpu), flags, us: Number(s) * 1e6 + Number(us), name, text };
    });

const textOf = new Map([lossy, slow, large].map((run) => [run, textLinesOf(run)]));
const textLines = (run: Run): readonly TextLine[] => textOf.get(run) ?? assert.fail("a run without its text");

const byCpu = <T extends { readonly cpu: number }>(events: readonly T[]): readonly T[] => events.toSorted((a, b) => a.cpu - b.cpu);

describe("the text of the tracer", () => {
  it("is in the order of time, and says of a CPU with interrupts off that they are", () => {
    for (const run of [lossy, slow]) {
      const times = textLines(run).map(({ us }) => us);
      assert.deepStrictEqual(
        times,
        times.toSorted((a, b) => a - b),
      );
    }
    const off = textLines(lossy).filter(({ flags }) => flags.startsWith("d"));
    assert.isAbove(off.length, 0);
    assert.isTrue(off.every(({ task }) => task.startsWith("irqs-off-")));
  });

  it("names every message that was lost", () => {
    const lost = textLines(lossy).filter(({ name, text }) => name === "ipi_lost" && text.endsWith(" lost"));
    assert.isAbove(lost.length, 5);
  });
});

describe("the binary trace", () => {
  it("holds the events of the text, each on its CPU and at its nanosecond, also after a long time and with a long text", () => {
    for (const run of [lossy, slow]) {
      const { cpus } = run.header.setup;
      const buffered = bufferedEvents(draw(run, "trace.dat").bytes, cpus + 1);
      const told = byCpu(textLines(run));
      assert.deepStrictEqual(
        buffered.map(({ cpu, at, text }) => `${cpu} ${Math.floor(at / 1000)} ${text}`),
        told.map(({ cpu, us, text }) => `${cpu} ${us} ${text}`),
      );
      assert.deepStrictEqual(
        buffered.map(({ irqsOff }) => irqsOff),
        told.map(({ flags }) => flags.startsWith("d")),
      );
    }
    const gaps = byCpu(textLines(slow)).map(({ cpu, us }, i, all) => (all[i - 1]?.cpu === cpu ? us - (all[i - 1]?.us ?? 0) : 0));
    assert.isAbove(Math.max(...gaps), 2 ** 27 / 1000, "no time is too long for its bits");
    assert.isAbove(Math.max(...textLines(slow).map(({ text }) => text.length)), 28 * 4, "no text is too long for its bits");
  });

  const tool = spawnSync("trace-cmd", ["--version"]).error === undefined;

  it.skipIf(!tool)(`is printed by trace-cmd report as the text has it${tool ? "" : " (trace-cmd is not here)"}`, () => {
    const directory = mkdtempSync(join(tmpdir(), "quiesce-trace-"));
    try {
      for (const run of [lossy, slow, large]) {
        const file = join(directory, "trace.dat");
        writeFileSync(file, draw(run, "trace.dat").bytes);
        const report = execFileSync("trace-cmd", ["report", "-t", "-i", file], { encoding: "utf8", maxBuffer: 1 << 26 });
        const [cpus, ...lines] = report.trimEnd().split("\n");
        assert.strictEqual(cpus, `cpus=${run.header.setup.cpus + 1}`);
        const read = lines.map((line) => {
          const [, task, cpu, s, us, name, text] =
            /^ *(\S+) +\[(\d+)\] +(\d+)\.(\d{6})\d{3}: (\w+): +(.*)$/.exec(line) ?? assert.fail(line);
          return `${task} ${Number(cpu)} ${Number(s) * 1e6 + Number(us)} ${name} ${text}`;
        });
        const expected = textLines(run).map(({ task, cpu, us, name, text }) => `${task} ${cpu} ${us} ${name} ${text}`);
        assert.deepStrictEqual(read.toSorted(), expected.toSorted());
      }
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});

const withoutTimes = (run: Run): readonly string[] =>
  draw(run, "klog").lines.map((line) => {
    assert.match(line, /^\[ {0,4}\d{1,5}\.\d{6}\] \S/);
    return line.replace(/^\[.*?\] /, "");
  });

describe("the kernel's log", () => {
  it("tells a transition in the words of kernel/livepatch, there and back", () => {
    const patch = `livepatch: '${contract.id}'`;
    assert.deepStrictEqual(
      withoutTimes(slow).filter((line) => line.startsWith("livepatch: ")),
      [
        `livepatch: enabling patch '${contract.id}'`,
        `${patch}: initializing patching transition`,
        `${patch}: starting patching transition`,
        `${patch}: completing patching transition`,
        `${patch}: patching complete`,
        `${patch}: initializing unpatching transition`,
        `${patch}: starting unpatching transition`,
        `${patch}: completing unpatching transition`,
        `${patch}: unpatching complete`,
      ],
    );
  });

  it("tells a stop in our own words: its rounds, its end, who died and what was injected", () => {
    const lines = withoutTimes(lossy);
    assert.isTrue(lines.every((line) => line.startsWith("quiesce: ")));
    for (const expected of [
      /^quiesce: epoch 1: patching 'small' on CPUs 0-7, attempt 1$/,
      /^quiesce: epoch 1: gather: 8 CPUs answered/,
      /^quiesce: fault at cpu2: crash cpu 2 at prepare/,
      /^quiesce: CPU 2 died$/,
      /^quiesce: epoch 1: aborted \(death: CPU 2\)$/,
      /^quiesce: epoch 2: committed$/,
      /^quiesce: finished on version 1$/,
    ])
      assert.isTrue(
        lines.some((line) => expected.test(line)),
        String(expected),
      );
  });
});
