// A Chrome trace of any run can be read by a viewer, and shows what became of every message.
import fc from "fast-check";
import { assert, describe, it } from "vitest";
import { models } from "../../shared/consistency/registry.ts";
import { fromCpus } from "../../shared/machine/cpuSet.ts";
import { coordinatorActor } from "../../shared/machine/machine.ts";
import type { Setup } from "../../shared/protocol/setup.ts";
import type { Carried } from "../../shared/virtual/network.ts";
import { smallSetup } from "../fixtures/setup.ts";
import { hastened } from "../virtual/matrix.ts";
import { type ChromeEvent, chromeEvents, slicesOf } from "./chromeTrace.ts";
import { draw, type Run, runOf } from "./drawn.ts";

const firstCoordinator = 2_000_000;
const ofCpu = ({ tid }: { readonly tid: number }): boolean => tid < firstCoordinator;

const fault = fc.constantFrom(
  "drop 20% of any",
  "drop 60% of ack",
  "duplicate 30% of any after 1us..300us",
  "delay 1us..2ms of any",
  "reorder 20% within 50us",
  "corrupt 10% of any",
  "crash cpu 1 at prepare restart after 1ms",
  "crash cpu 2 at start",
  "crash coordinator at run restart after 1ms",
  "crash coordinator at check restart after 1ms",
  "second coordinator at exit",
  "pause cpu 0 at gather for 3ms",
  "unplug cpu 3 from 1ms replug after 1ms",
  "nmi cpu 1 at run",
);

const setups = fc
  .record({ model: fc.constantFrom(...models), seed: fc.nat(1e6), cpus: fc.integer({ min: 4, max: 8 }) })
  .map(({ model, ...rest }): Setup => ({ ...smallSetup(rest), model: hastened(model), operations: ["patch", "unpatch"] }));

/** More runs than a push needs are for a night: the number comes from outside. */
const numRuns = Number(process.env.QUIESCE_PROPERTY_RUNS ?? 25);

const anyRun = (check: (run: Run) => void): void =>
  fc.assert(
    fc.property(setups, fc.array(fault, { maxLength: 3 }), (setup, faults) => check(runOf(setup, faults))),
    { numRuns },
  );

/** Every arrow that arrives has left once, no later; and what left has arrived somewhere or is marked as never received. */
const checkArrows = (events: readonly ChromeEvent[]): void => {
  const left = new Map<number, ChromeEvent>();
  for (const event of events) {
    if (event.flow_out !== true) continue;
    assert.isFalse(left.has(event.bind_id ?? -1), `message ${event.bind_id} leaves twice`);
    left.set(event.bind_id ?? -1, event);
  }
  const told = new Set(events.flatMap(({ ph, args }) => (ph === "i" && "message" in args ? [args.message as number] : [])));
  for (const event of events) {
    if (event.flow_in !== true) continue;
    const from = left.get(event.bind_id ?? -1);
    if (from === undefined) return assert.fail(`message ${event.bind_id} arrives and has never left`);
    assert.isAtMost(from.ts, event.ts);
    told.add(event.bind_id ?? -1);
  }
  assert.deepStrictEqual(
    [...left.keys()].filter((id) => !told.has(id)),
    [],
  );
};

describe("a Chrome trace of any run of any model", () => {
  it("has slices that lie within each other and never overlap, one state at a time for each CPU", () => {
    anyRun((run) => {
      const slices = slicesOf(chromeEvents(draw(run, "perfetto").text));
      assert.isTrue(slices.filter(ofCpu).every(({ depth }) => depth === 0));
      assert.isTrue(slices.every(({ depth }) => depth <= 1));
      const cpus = new Set(slices.filter(ofCpu).map(({ tid }) => tid));
      assert.strictEqual(cpus.size, run.header.setup.cpus);
    });
  });

  it("has both ends of every arrow, or says that a message was never received", () => {
    anyRun((run) => checkArrows(chromeEvents(draw(run, "perfetto").text)));
  });

  it("counts no CPU as stopped and no ack as missing when the run has ended as it should", () => {
    anyRun((run) => {
      if (run.end.ended !== "finished") return;
      const last = new Map<string, unknown>();
      for (const { ph, name, args } of chromeEvents(draw(run, "perfetto").text)) if (ph === "C") last.set(name, args.value);
      assert.strictEqual(last.get("CPUs stopped"), 0);
      assert.strictEqual(last.get("acks missing"), 0);
    });
  });
});

/** What never arrived, as sender, receiver and time of sending in ns. */
const tripText = ({ from, to, at }: Pick<Carried, "from" | "to" | "at">): string => `${from} -> ${to} at ${at}`;

const neverArrived = ({ packets, end }: Run): readonly string[] =>
  packets.filter(({ fate, arrivesAt }) => fate.kind === "lost" || fate.kind === "corrupted" || arrivesAt > end.at).map(tripText);

const actorOfLane = (tid: number): number => (tid < firstCoordinator ? tid - 1 : coordinatorActor(tid - firstCoordinator));

/** As the marks of a trace tell it. */
const drawnAsLost = (run: Run): readonly string[] =>
  chromeEvents(draw(run, "perfetto").text).flatMap(({ ph, name, tid, ts, args }) => {
    const match = /^(?:lost|run over|receiver dead): .* to (coordinator\d+|cpu [\d,-]+)$/.exec(name);
    if (ph !== "i" || match === null || !("message" in args)) return [];
    const at = Math.round(ts * 1000);
    return receiversOf(match[1] as string).map((to) => tripText({ from: actorOfLane(tid), to, at }));
  });

const receiversOf = (text: string): readonly number[] => {
  if (text.startsWith("coordinator")) return [coordinatorActor(Number(text.slice("coordinator".length)))];
  return text
    .slice("cpu ".length)
    .split(",")
    .flatMap((range) => {
      const [first = 0, last = first] = range.split("-").map(Number);
      return Array.from({ length: last - first + 1 }, (_, i) => first + i);
    });
};

describe("what a trace says of packets", () => {
  it("is which of them got lost, each where it was sent, though a journal does not say so", () => {
    for (const model of models) {
      for (let seed = 1; seed <= 8; seed++) {
        const run = runOf({ ...smallSetup({ cpus: 6, seed }), model: hastened(model) }, ["drop 25% of any", "corrupt 5% of any"]);
        const truth = neverArrived(run);
        assert.isAbove(truth.length, 5);
        assert.sameMembers([...drawnAsLost(run)], [...truth], `${model.name}, seed ${seed}`);
      }
    }
  });

  it("is which of them got lost on their way through a tree of combiners", () => {
    for (let seed = 1; seed <= 8; seed++) {
      const run = runOf(smallSetup({ cpus: 20, seed, topology: { shape: "tree", fanout: 2 } }), ["drop 10% of any"]);
      assert.sameMembers([...drawnAsLost(run)], [...neverArrived(run)], `seed ${seed}`);
    }
  });

  it("is which of them came twice", () => {
    for (let seed = 1; seed <= 8; seed++) {
      const run = runOf(smallSetup({ cpus: 6, seed }), ["duplicate 25% of any after 1us..5us"]);
      const truth = run.packets.filter(({ fate, arrivesAt }) => fate.kind === "copied" && arrivesAt + fate.ns <= run.end.at).length;
      const copies = chromeEvents(draw(run, "perfetto").text).filter(({ ph, name }) => ph === "X" && name.endsWith(" (copy)")).length;
      assert.strictEqual(copies, truth);
      assert.isAbove(truth, 5);
    }
  });

  it("is that nobody was there, where the receiver was dead", () => {
    const run = runOf(smallSetup({ cpus: 4 }), ["crash cpu 2 at prepare"]);
    const marks = chromeEvents(draw(run, "perfetto").text).filter(({ ph, name }) => ph === "i" && name.startsWith("receiver dead"));
    assert.isAbove(marks.length, 0);
    assert.isTrue(marks.every(({ name }) => name.endsWith("to cpu 2")));
  });
});

describe("parts of a run", () => {
  const run = runOf(smallSetup({ cpus: 6 }), ["drop 10% of any"]);
  const whole = chromeEvents(draw(run, "perfetto").text);

  it("have lanes for the chosen CPUs only, with the same slices", () => {
    const some = chromeEvents(draw(run, "perfetto", { cpus: fromCpus([1, 4]) }).text);
    const lanes = (events: readonly ChromeEvent[]) => slicesOf(events).filter(({ tid }) => tid === 2 || tid === 5);
    assert.deepStrictEqual(slicesOf(some).filter(ofCpu), lanes(whole));
    checkArrows(some);
  });

  it("begin with what each CPU was at, and show nothing from outside", () => {
    const [fromNs, toNs] = [Math.floor(run.end.at / 3), Math.floor((run.end.at * 2) / 3)];
    const some = chromeEvents(draw(run, "perfetto", { fromNs, toNs }).text);
    const inside = (time: number): boolean => time * 1000 >= fromNs && time * 1000 <= toNs;
    assert.isTrue(some.every(({ ph, ts }) => ph === "M" || inside(ts)));
    const at = fromNs / 1000;
    const stateThen = (events: readonly ChromeEvent[]) =>
      slicesOf(events)
        .filter((slice) => ofCpu(slice) && slice.from <= at && slice.to > at)
        .map(({ tid, name }) => `${tid} ${name}`)
        .sort();
    assert.lengthOf(stateThen(whole), 6);
    assert.deepStrictEqual(stateThen(some), stateThen(whole));
    checkArrows(some);
  });

  it("of a journal with facts only have the states and no messages", () => {
    const setup = smallSetup({ cpus: 6 });
    const facts = chromeEvents(draw(runOf(setup, [], "facts"), "perfetto").text);
    const full = chromeEvents(draw(runOf(setup), "perfetto").text);
    assert.isFalse(facts.some(({ ph }) => ph === "X"));
    assert.deepStrictEqual(slicesOf(facts).filter(ofCpu), slicesOf(full).filter(ofCpu));
  });
});

describe("a large machine", () => {
  it("of 1,000 CPUs that lose packets has a lane for each, and both ends of every arrow", () => {
    const run = runOf(smallSetup({ cpus: 1000, tasksPerCpu: 1 }), ["drop 5% of any", "crash cpu 2 at prepare restart after 1ms"]);
    const events = chromeEvents(draw(run, "perfetto").text);
    checkArrows(events);
    assert.strictEqual(
      new Set(
        slicesOf(events)
          .filter(ofCpu)
          .map(({ tid }) => tid),
      ).size,
      1000,
    );
  });

  it("of 1,000 CPUs takes less than 8 MB", () => {
    const run = runOf(smallSetup({ cpus: 1000 }));
    assert.strictEqual(run.end.ended, "finished");
    const { bytes, leftOut } = draw(run, "perfetto");
    assert.strictEqual(leftOut, 0);
    assert.isBelow(bytes.length, 8e6);
  });
});
