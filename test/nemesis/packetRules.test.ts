// Packet faults strike exactly the packets that they select, as often as they say, and no rule disturbs another.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { coordinatorActor } from "../../shared/machine/machine.ts";
import type { Fate, Packet } from "../../shared/nemesis/packet.ts";
import { type PacketRules, packetRules } from "../../shared/nemesis/packetRules.ts";
import { planOf } from "../../shared/nemesis/plan.ts";

const rules = (texts: readonly string[], seed = 1): PacketRules => {
  const { plan, problems } = planOf(texts, seed);
  expect(problems).toEqual([]);
  return packetRules(plan.faults, plan.seed);
};

const coordinator = coordinatorActor(0);
const stop = (to: number, more: Partial<Packet> = {}): Packet => ({ from: coordinator, to, kind: "stop", phase: "run", at: 0, ...more });
const ack = (from: number, more: Partial<Packet> = {}): Packet => ({ from, to: coordinator, kind: "ack", phase: "run", at: 0, ...more });
const fates = (of: PacketRules, packets: readonly Packet[]): Fate[] => packets.map((packet) => of.fate(packet));
const kinds = (of: PacketRules, packets: readonly Packet[]): string[] => fates(of, packets).map((fate) => fate.kind);
const times = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, index) => make(index));

describe("how often", () => {
  it("a fault set to 100% always applies", () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.integer({ min: -3, max: 1000 }), (seed, from) => {
        const packets = times(200, () => ack(from));
        expect(new Set(kinds(rules(["drop 100% of any"], seed), packets))).toEqual(new Set(["lost"]));
        expect(new Set(kinds(rules(["corrupt 100% of ack"], seed), packets))).toEqual(new Set(["corrupted"]));
      }),
    );
  });

  it("a fault set to 0% is exactly absent: no part of the plan, and others draw as they do without it", () => {
    const never = [
      "drop 0% of any",
      "duplicate 0% of ack",
      "reorder 0% within 1ms",
      "corrupt 0% of any",
      "burst 0% of any lasting 1 every 9",
    ];
    expect(rules(never).none).toBe(true);
    expect(rules(never).counts()).toEqual([]);
    const packets = times(200, () => ack(1));
    const texts = ["drop 30% of ack", "delay 1us..9us of 20% of any"];
    expect(fates(rules([...never, ...texts]), packets)).toEqual(fates(rules(texts), packets));
  });

  it("a share is met within four standard deviations", () => {
    const of = rules(["drop 10% of ack"]);
    fates(
      of,
      times(10_000, (index) => ack(index % 100)),
    );
    expect(of.counts()[0]?.matched).toBe(10_000);
    expect(Math.abs((of.counts()[0]?.applied ?? 0) - 1000)).toBeLessThan(4 * Math.sqrt(10_000 * 0.1 * 0.9));
  });

  it("delays and copies fall inside their span and reach both ends of it", () => {
    const of = rules(["delay 2ns..4ns of ack", "duplicate stop after 1ms"]);
    expect(
      new Set(
        fates(
          of,
          times(100, () => ack(1)),
        ).map((fate) => (fate.kind === "delayed" ? fate.ns : -1)),
      ),
    ).toEqual(new Set([2, 3, 4]));
    expect(of.fate(stop(1))).toEqual({ kind: "copied", ns: 1_000_000 });
  });

  it("a delay of nothing has not been applied", () => {
    const of = rules(["delay 0ns of any"]);
    expect(of.fate(ack(1))).toEqual({ kind: "pass" });
    expect(of.counts()).toEqual([{ text: "delay 0ns of any", matched: 1, applied: 0 }]);
  });
});

describe("a burst", () => {
  const lengths = (of: PacketRules, packets: readonly Packet[]): number[] =>
    kinds(of, packets)
      .join(" ")
      .split(/(?:pass ?)+/)
      .map((run) => run.split(" ").filter((kind) => kind === "lost").length)
      .filter((length) => length > 0);
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

  it("is as long and as rare on average as it says, within four standard errors", () => {
    const count = 100_000;
    const of = rules(["burst any lasting 5 every 100"]);
    const runs = lengths(
      of,
      times(count, () => ack(1)),
    );
    // Geometric lengths of mean 5 have a deviation of sqrt(20); of their number the gaps' deviation of 95 is most.
    expect(Math.abs(mean(runs) - 5)).toBeLessThan((4 * Math.sqrt(20)) / Math.sqrt(runs.length));
    expect(Math.abs(runs.length - count / 100)).toBeLessThan(4 * Math.sqrt(count / 100));
    expect(of.counts()[0]).toEqual({ text: "burst any lasting 5 every 100", matched: count, applied: runs.reduce((a, b) => a + b, 0) });
  });

  it("loses the share that it says of its packets, and none outside of it", () => {
    const packets = times(50_000, () => ack(1));
    const all = rules(["burst any lasting 10 every 50"]);
    const half = rules(["burst 50% of any lasting 10 every 50"]);
    const [lossy, partial] = [fates(all, packets), fates(half, packets)].map((of) => of.filter(({ kind }) => kind === "lost").length);
    expect(Math.abs((lossy as number) / packets.length - 0.2)).toBeLessThan(0.02);
    expect(Math.abs((partial as number) / packets.length - 0.1)).toBeLessThan(0.015);
  });

  it("is one link's own: that of another receiver, and of the other direction, has its bursts at other times", () => {
    const of = rules(["burst any lasting 20 every 40"]);
    const told = times(400, () => [of.fate(stop(1)), of.fate(stop(2)), of.fate(ack(1)), of.fate(ack(2))].map(({ kind }) => kind));
    const patterns = [0, 1, 2, 3].map((link) => told.map((kindsOf) => kindsOf[link]).join());
    expect(new Set(patterns).size).toBe(4);
  });
});

describe("a partition", () => {
  it("loses what either side says to the other, and nothing else", () => {
    const of = rules(["partition cpu 0-1 from cpu 2"]);
    const call = (from: number, to: number): Packet => ({ from, to, kind: "call", phase: undefined, at: 0 });
    expect(kinds(of, [call(0, 2), call(2, 1), call(0, 1), call(2, 3), call(3, 2)])).toEqual(["lost", "lost", "pass", "pass", "pass"]);
    expect(of.counts()).toEqual([{ text: "partition cpu 0-1 from cpu 2", matched: 2, applied: 2 }]);
  });

  it("one-way loses only what the first says to the second", () => {
    const of = rules(["partition coordinator from cpu 2 one-way"]);
    expect(kinds(of, [stop(2), ack(2), stop(1)])).toEqual(["lost", "pass", "pass"]);
  });

  it("ends with its window", () => {
    const of = rules(["partition coordinator from cpu 2 from 1ms for 5ms"]);
    expect(
      kinds(
        of,
        [999_999, 1_000_000, 5_999_999, 6_000_000].map((at) => ack(2, { at })),
      ),
    ).toEqual(["pass", "lost", "lost", "pass"]);
  });
});

describe("a reordered packet", () => {
  it("is held back for some time and no longer than within which it says", () => {
    const of = rules(["reorder 50% within 3ns"]);
    const held = fates(
      of,
      times(200, () => ack(1)),
    ).flatMap((fate) => (fate.kind === "delayed" ? [fate.ns] : []));
    expect(new Set(held)).toEqual(new Set([1, 2, 3]));
    expect(of.counts()[0]?.applied).toBe(held.length);
  });
});

describe("an n-th packet", () => {
  it("is counted over what the whole rule selects, resends included", () => {
    const of = rules(["drop 2nd stop to cpu 7 during run"]);
    const packets = [stop(7), stop(7, { phase: "prepare" }), stop(6), stop(7, { kind: "welcome" }), stop(7), stop(7)];
    expect(kinds(of, packets)).toEqual(["pass", "pass", "pass", "pass", "lost", "pass"]);
    expect(of.counts()).toEqual([{ text: "drop 2nd stop to cpu 7 during run", matched: 3, applied: 1 }]);
  });

  it("is counted for each receiver by itself, and for each sender", () => {
    const of = rules(["drop 2nd stop to cpu 3-5"]);
    expect(kinds(of, [stop(3), stop(4), stop(5), stop(4), stop(4), stop(3)])).toEqual(["pass", "pass", "pass", "lost", "pass", "lost"]);
    const second = { from: coordinatorActor(1) };
    expect(kinds(of, [stop(4, second), stop(4, second)])).toEqual(["pass", "lost"]);
  });
});

describe("which", () => {
  it("a time window holds its first instant and not its last", () => {
    const at = [999_999, 1_000_000, 5_999_999, 6_000_000];
    const packets = at.map((time) => ack(1, { at: time }));
    expect(kinds(rules(["drop any from 1ms for 5ms"]), packets)).toEqual(["pass", "lost", "lost", "pass"]);
    expect(kinds(rules(["drop any from 1ms"]), packets)).toEqual(["pass", "lost", "lost", "lost"]);
    expect(kinds(rules(["drop any from 1ms for 0ns"]), packets)).toEqual(["pass", "pass", "pass", "pass"]);
  });

  it("`coordinator` is every life of it, and `during` no packet outside a phase", () => {
    expect(rules(["drop any to coordinator"]).fate(ack(1, { to: coordinatorActor(5) })).kind).toBe("lost");
    expect(rules(["drop any from coordinator"]).fate(ack(1)).kind).toBe("pass");
    expect(rules(["drop any during run"]).fate(ack(1, { kind: "hello", phase: undefined })).kind).toBe("pass");
  });
});

describe("several rules", () => {
  it("the first that does not pass wins, and only it has been applied", () => {
    const of = rules(["drop 2nd ack", "delay 1ms of ack", "duplicate ack"]);
    expect(
      kinds(
        of,
        times(3, () => ack(1)),
      ),
    ).toEqual(["delayed", "lost", "delayed"]);
    expect(of.counts().map(({ matched, applied }) => [matched, applied])).toEqual([
      [3, 1],
      [3, 2],
      [3, 0],
    ]);
  });

  it("a rule counts what an earlier one took: `1st` and `2nd` take the first two", () => {
    expect(
      kinds(
        rules(["drop 1st ack", "drop 2nd ack"]),
        times(3, () => ack(1)),
      ),
    ).toEqual(["lost", "lost", "pass"]);
  });

  it("adding a rule for one sender does not change what another sender meets", () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 60 }), (seed, senders) => {
        const packets = senders.map((from) => ack(from));
        const before = fates(rules(["drop 30% of ack"], seed), packets);
        const after = fates(rules(["drop 30% of ack", "drop 50% of any from cpu 2", "delay 1us..9us of any from cpu 2"], seed), packets);
        for (const [index, from] of senders.entries()) if (from !== 2) expect(after[index]).toEqual(before[index]);
      }),
    );
  });

  it("each sender deciding for its own packets comes to the same as one deciding for all", () => {
    const texts = [
      "drop 30% of ack",
      "duplicate 3rd any",
      "burst 70% of any lasting 3 every 9",
      "reorder 20% within 9us",
      "corrupt 9% of any",
    ];
    const packets = times(300, (index) => ack((index * 7) % 4));
    const together = fates(rules(texts), packets);
    const apart = times(4, () => rules(texts));
    expect(packets.map((packet) => apart[packet.from]?.fate(packet))).toEqual(together);
  });

  it("taking one out leaves the draws of those of other words as they were", () => {
    const packets = times(100, () => ack(1));
    const both = rules(["drop 1st stop", "delay 1us..9us of 50% of ack"]);
    expect(fates(both, packets)).toEqual(fates(rules(["delay 1us..9us of 50% of ack"]), packets));
  });
});

describe("none", () => {
  it("is true of a plan without packet faults, and after healing", () => {
    expect(rules([]).none).toBe(true);
    expect(rules(["crash cpu 2 at run"]).none).toBe(true);
    const of = rules(["drop any"]);
    expect(of.none).toBe(false);
    of.fate(ack(1));
    of.heal();
    expect(of.none).toBe(true);
    expect(of.fate(ack(1)).kind).toBe("pass");
    expect(of.counts()).toEqual([{ text: "drop any", matched: 1, applied: 1 }]);
  });
});
