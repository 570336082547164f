// What the page computes before it draws: recordings, the dots of a picture, moving about in it, and what clicks and lines mean.
import { assert, describe, it } from "vitest";
import { JournalReader } from "../../shared/journal/decode.ts";
import { type Header, journalSchema } from "../../shared/journal/entry.ts";
import { isProblem, parseFault, printFault } from "../../shared/nemesis/grammar.ts";
import { readCommand } from "../../shared/page/commandLine.ts";
import { faultClicks } from "../../shared/page/faultClicks.ts";
import { moved, ticksOf, timeText, wholeOf, zoomed } from "../../shared/page/frame.ts";
import { carryOut } from "../../shared/page/laboratory.ts";
import { leftOutText } from "../../shared/page/leftOut.ts";
import { codeOf } from "../../shared/page/pageStates.ts";
import { nothing, raster } from "../../shared/page/raster.ts";
import { Recorder } from "../../shared/page/recorder.ts";
import { census, fates, type Recording, type Spans, spanAt, stepFrom, tripsWithin } from "../../shared/page/recording.ts";
import { type CpuState, cpuStates } from "../../shared/report/cpuStates.ts";
import { smallSetup } from "../fixtures/setup.ts";
import { record } from "../journal/recorded.ts";

const recordedFrom = (text: string): Recording => {
  let recorder: Recorder | undefined;
  new JournalReader("journal", (line) => {
    if (line.is === "header") recorder = new Recorder(line.header);
    else if (line.is === "entry") recorder?.take(line.entry);
  }).push(new TextEncoder().encode(text));
  if (recorder === undefined) throw new Error("no header");
  return recorder.finish([]);
};

const headerOf = (cpus: number, seed: number, faults: readonly string[]): Header => ({
  ...{ schema: journalSchema, code: "test", engine: "virtual", mode: "full", seed, timeLimitNs: 1e9, eventLimit: 1e6 },
  ...{ plan: { seed, faults }, setup: smallSetup({ cpus, seed }) },
});

const faults = ["drop 30% of ack", "crash cpu 2 at prepare restart after 1ms"];

describe("recordings", () => {
  const watched = carryOut(headerOf(4, 3, faults)).recording;

  it("a run that was watched and its journal that was read are the same recording", () =>
    assert.deepStrictEqual(recordedFrom(record(4, 3, faults).text), watched));

  it("every lost packet of the engine's count is a trip that never arrives", () => {
    const { recording, end } = carryOut(headerOf(4, 3, ["drop 30% of any"]));
    const lost = recording.trips.fate.filter((fate) => fate === fates.indexOf("lost")).length;
    assert.strictEqual(lost, end.packets.dropped);
    assert.isAbove(lost, 0);
  });

  it("what is more than a page holds is left out from some time on, counted by its kind, and said; what CPUs are at is unknown from there", () => {
    const struck = ["drop 30% of any", "nmi cpu 0-3 at prepare"];
    const { text } = record(4, 3, struck);
    const whole = recordedFrom(text);
    const limits = { states: 20, messages: 30, lines: 40, texts: 10, marks: 2, rounds: 2 };
    const recorder = new Recorder(headerOf(4, 3, struck), limits);
    new JournalReader("journal", (line) => {
      if (line.is === "entry") recorder.take(line.entry);
    }).push(new TextEncoder().encode(text));
    const { spans, trips, lines, texts, marks, bands, leftOut, endNs } = recorder.finish([]);
    const kept = {
      states: spans.at.length - 4,
      messages: trips.at.length,
      lines: lines.at.length,
      texts: texts.length - 1,
      marks: marks.length,
      rounds: bands.length,
    };
    assert.deepStrictEqual(kept, limits);
    const { counts, fromNs } = leftOut;
    assert.deepStrictEqual(
      [counts.states, counts.messages, counts.lines, counts.marks, counts.rounds],
      [
        whole.spans.at.length - limits.states,
        whole.trips.at.length - limits.messages,
        whole.lines.at.length - limits.lines,
        whole.marks.length - limits.marks,
        whole.bands.length - limits.rounds,
      ],
    );
    assert.strictEqual(census({ spans, cpus: 4 }, endNs)[codeOf("unknown")], 4);
    assert.match(leftOutText(leftOut), /^More than a page can hold: \d+ changes of states, .+ and \d+ rounds left out, from .+ on\.$/);
    assert.isBelow(fromNs, endNs);
    assert.strictEqual(leftOutText(whole.leftOut), "");
  });

  it("finds a CPU's state at any time, as one that looks at every span does", () => {
    const { spans, endNs, cpus } = watched;
    for (let cpu = 0; cpu < cpus; cpu++) {
      for (let i = 0; i <= 200; i++) {
        const at = (endNs * i) / 200;
        let expected = -1;
        for (let span = spans.first[cpu] as number; span < (spans.first[cpu + 1] as number); span++)
          if ((spans.at[span] as number) <= at) expected = span;
        assert.strictEqual(spanAt(spans, cpu, at), expected);
      }
    }
  });

  it("counts every CPU once at any time", () => {
    for (const at of [0, watched.endNs / 2, watched.endNs])
      assert.strictEqual(
        census(watched, at).reduce((sum, count) => sum + count, 0),
        4,
      );
  });

  it("steps to each moment once, and back by the same moments", () => {
    const { lines } = watched;
    const moments = [...new Set(lines.at)];
    const forward: number[] = [];
    for (let at: number | undefined = -1; ; ) {
      at = stepFrom(lines, at, 1);
      if (at === undefined) break;
      forward.push(at);
    }
    assert.deepStrictEqual(forward, moments);
    const back: number[] = [];
    for (let at: number | undefined = Infinity; ; ) {
      at = stepFrom(lines, at === Infinity ? 1e15 : at, -1);
      if (at === undefined) break;
      back.unshift(at);
    }
    assert.deepStrictEqual(back, moments);
  });

  it("finds the messages under way in a stretch of time, and says how many there are beyond those that it gives", () => {
    const { trips, endNs } = watched;
    const [from, to] = [endNs / 4, endNs / 2];
    const expected = [...trips.at.keys()].filter((i) => {
      const arrives = trips.arrivesAt[i] as number;
      const left = trips.at[i] as number;
      return left <= to && (Number.isNaN(arrives) ? left : arrives) >= from;
    });
    const all = tripsWithin(trips, from, to, 1e6, () => true);
    assert.deepStrictEqual(all.shown, expected);
    const some = tripsWithin(trips, from, to, 3, () => true);
    assert.deepStrictEqual(some, { shown: expected.slice(0, 3), of: expected.length });
  });
});

describe("dots", () => {
  const code = (state: CpuState): number => cpuStates.indexOf(state);
  const spansOf = (...lanes: ReadonlyArray<ReadonlyArray<readonly [at: number, state: CpuState]>>): Spans => {
    const flat = lanes.flat();
    const first = Uint32Array.from({ length: lanes.length + 1 }, (_, i) => lanes.slice(0, i).flat().length);
    return {
      first,
      at: Float64Array.from(flat, ([at]) => at),
      state: Uint8Array.from(flat, ([, state]) => code(state)),
      text: new Uint32Array(flat.length),
      before: codeOf("off"),
    };
  };
  const drawn = (spans: Spans, frame: Parameters<typeof raster>[1], width: number, height: number): string[][] => {
    const dots = new Uint8Array(width * height);
    raster(spans, frame, width, height, dots);
    return Array.from({ length: height }, (_, y) =>
      Array.from(dots.subarray(y * width, (y + 1) * width), (dot) => (dot === nothing ? "" : (cpuStates[dot] as string))),
    );
  };

  it("each dot shows what its CPU is at, and a CPU of which nothing is known yet is off", () =>
    assert.deepStrictEqual(
      drawn(
        spansOf(
          [
            [10, "running"],
            [30, "held"],
          ],
          [[20, "stopped"]],
        ),
        { fromNs: 0, toNs: 40, firstCpu: 0, cpus: 2 },
        4,
        4,
      ),
      [
        ["off", "running", "running", "held"],
        ["off", "running", "running", "held"],
        ["off", "off", "stopped", "stopped"],
        ["off", "off", "stopped", "stopped"],
      ],
    ));

  it("a stop that is shorter than a dot shows all the same", () =>
    assert.deepStrictEqual(
      drawn(
        spansOf([
          [0, "running"],
          [101, "irqs off"],
          [102, "resumed"],
        ]),
        { fromNs: 0, toNs: 400, firstCpu: 0, cpus: 1 },
        4,
        1,
      ),
      [["running", "irqs off", "resumed", "resumed"]],
    ));

  it("of several CPUs in one dot the least advanced one shows", () =>
    assert.deepStrictEqual(
      drawn(spansOf([[0, "stopped"]], [[0, "held"]], [[0, "stopped"]]), { fromNs: 0, toNs: 10, firstCpu: 0, cpus: 3 }, 1, 1),
      [["held"]],
    ));

  it("a dot that many spans of one CPU share shows the weightiest of them, whatever comes after", () =>
    assert.deepStrictEqual(
      drawn(
        spansOf([
          [0, "running"],
          [110, "held"],
          [120, "stopped"],
          [130, "irqs off"],
          [140, "running"],
          [250, "held"],
          [299, "running"],
        ]),
        { fromNs: 0, toNs: 400, firstCpu: 0, cpus: 1 },
        4,
        1,
      ),
      [["running", "irqs off", "held", "running"]],
    ));

  it("a frame that begins in the middle of a span shows that span", () =>
    assert.deepStrictEqual(
      drawn(
        spansOf([
          [0, "running"],
          [100, "held"],
        ]),
        { fromNs: 50, toNs: 150, firstCpu: 0, cpus: 1 },
        2,
        1,
      ),
      [["running", "held"]],
    ));
});

describe("moving about", () => {
  const bounds = { endNs: 1e6, cpus: 64 };

  it("comes nearer at the place that is pointed at, and goes out again to the whole", () => {
    const near = zoomed(wholeOf(bounds), bounds, { x: 0.25, y: 0.5, time: 0.5, cpus: 0.5 });
    assert.deepStrictEqual(near, { fromNs: 125_000, toNs: 625_000, firstCpu: 16, cpus: 32 });
    assert.deepStrictEqual(zoomed(near, bounds, { x: 0, y: 0, time: 8, cpus: 8 }), wholeOf(bounds));
  });

  it("never leaves the run", () => {
    const near = zoomed(wholeOf(bounds), bounds, { x: 0, y: 0, time: 0.1, cpus: 0.25 });
    assert.deepStrictEqual(moved(near, bounds, -5, -5), near);
    const far = moved(near, bounds, 100, 100);
    assert.deepStrictEqual([far.toNs, far.firstCpu + far.cpus], [1e6, 64]);
  });

  it("labels round times with as many digits as tell them apart", () => {
    const { at, label } = ticksOf({ fromNs: 1_200_000, toNs: 1_206_000 }, 6);
    assert.deepStrictEqual(at.map(label), ["1.200 ms", "1.201 ms", "1.202 ms", "1.203 ms", "1.204 ms", "1.205 ms", "1.206 ms"]);
    assert.strictEqual(timeText(1_234_567), "1.235 ms");
  });
});

describe("clicks and lines", () => {
  it("every click of the palette is a line of the grammar that is printed as it was written, and strikes in its place", () => {
    for (const { textOf } of faultClicks) {
      const text = textOf(1_200_000, 3);
      const fault = parseFault(text);
      assert.isFalse(isProblem(fault), text);
      if (!isProblem(fault)) assert.strictEqual(printFault(fault), text);
      assert.include(text, "from 1200us");
    }
  });

  it("a run under a fault from some time on is up to then the run without it", () => {
    const without = carryOut(headerOf(4, 3, [])).recording;
    const atNs = without.endNs / 2;
    for (const { textOf } of faultClicks) {
      const { recording } = carryOut(headerOf(4, 3, [textOf(atNs, 1)]));
      for (let cpu = 0; cpu < 4; cpu++) {
        const before = ({ spans }: Recording): number[] =>
          [...spans.at.subarray(spans.first[cpu], spans.first[cpu + 1])].filter((at) => at < Math.round(atNs));
        assert.deepStrictEqual(before(recording), before(without));
      }
    }
  });

  it("a printed line is read back with its quotes", () =>
    assert.deepStrictEqual(readCommand("./quiesce run --cpus 8 --fault 'drop 10% of ack' --check-determinism --set 'a='\\''b'\\'''"), {
      verb: "run",
      flags: [
        ["cpus", "8"],
        ["fault", "drop 10% of ack"],
        ["check-determinism", ""],
        ["set", "a='b'"],
      ],
    }));
});
