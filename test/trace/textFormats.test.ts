// What people read: lines by Lamport's clock, a log with vector clocks, a sequence diagram.
import { assert, describe, it } from "vitest";
import { hybrid } from "../../shared/consistency/hybrid.ts";
import { fromCpus } from "../../shared/machine/cpuSet.ts";
import { traceLimits } from "../../shared/trace/format.ts";
import { smallSetup } from "../fixtures/setup.ts";
import { hastened } from "../virtual/matrix.ts";
import { draw, type Run, runOf } from "./drawn.ts";

const lossy = runOf(smallSetup({ cpus: 4, seed: 3 }), ["drop 20% of any", "crash cpu 2 at prepare restart after 5ms"]);
const gradual = runOf(smallSetup({ cpus: 3, seed: 5, model: hastened(hybrid) }), ["drop 20% of any"]);
/** Nobody is asked again who only takes its time. */
const patient = smallSetup({ cpus: 300, resend: { firstNs: 1_000_000, capNs: 2_000_000 } });
const large = runOf(patient);

describe("text by Lamport's clock", () => {
  const linesOf = (run: Run) =>
    draw(run, "lamport")
      .lines.slice(1)
      .map((line) => {
        const [, clock, text] = /^ +(\d+) +\d+\.\d{6} +(\S.*)$/.exec(line) ?? assert.fail(line);
        return { clock: Number(clock), text: text as string, column: line.indexOf(text as string) };
      });

  it("never has a clock below one that stands higher, and gets nothing that was not sent at a lower clock", () => {
    for (const run of [lossy, gradual]) {
      const sent = new Map<string, number>();
      let last = 0;
      let got = 0;
      for (const { clock, text } of linesOf(run)) {
        assert.isAtLeast(clock, last);
        last = clock;
        const [, id = ""] = /\(message (\d+)\)$/.exec(text) ?? [];
        if (text.startsWith("sends ")) sent.set(id, clock);
        if (!text.startsWith("gets ")) continue;
        got++;
        assert.isBelow(sent.get(id) ?? Number.POSITIVE_INFINITY, clock, text);
      }
      assert.isAbove(got, 20);
    }
  });

  it("has a column for each of few actors, and names each of many", () => {
    assert.strictEqual(new Set(linesOf(lossy).map(({ column }) => column)).size, 5);
    assert.match(draw(lossy, "lamport").lines[0] ?? "", /coordinator0 +cpu0 +cpu1 +cpu2 +cpu3$/);
    const named = linesOf(large).map(({ text }) => text);
    assert.isTrue(named.every((text) => /^(cpu\d+|coordinator0) /.test(text)));
    assert.match(draw(large, "lamport", { cpus: fromCpus([7]) }).lines[0] ?? "", /coordinator0 +cpu7$/);
  });
});

interface ShivizEvent {
  readonly event: string;
  readonly host: string;
  readonly clock: Readonly<Record<string, number>>;
}

/** As ShiViz reads a file: by the expression of its first line. */
const shivizEvents = (text: string): readonly ShivizEvent[] => {
  const [parser = "", delimiter] = text.split("\n", 2);
  assert.strictEqual(delimiter, "");
  const log = text.slice(parser.length + 2);
  const matches = [...log.matchAll(new RegExp(`^${parser}$`, "gm"))];
  assert.strictEqual(matches.map(([lines]) => `${lines}\n`).join(""), log, "every line is read");
  return matches.map(({ groups = {} }) => ({ event: groups.event ?? "", host: groups.host ?? "", clock: JSON.parse(groups.clock ?? "") }));
};

describe("a log for ShiViz", () => {
  const events = shivizEvents(draw(lossy, "shiviz").text);

  it("numbers each host's events from 1, and no host forgets what it knew", () => {
    for (const part of [events, shivizEvents(draw(lossy, "shiviz", { cpus: fromCpus([1, 2]), fromNs: 50_000 }).text)]) {
      const known = new Map<string, Readonly<Record<string, number>>>();
      for (const { host, clock } of part) {
        const before = known.get(host) ?? {};
        assert.strictEqual(clock[host], (before[host] ?? 0) + 1);
        for (const [other, count] of Object.entries(before)) assert.isAtLeast(clock[other] ?? 0, count);
        known.set(host, clock);
      }
      assert.isAbove(known.size, 2);
    }
  });

  it("lets whoever gets a message know all that its sender knew, and nobody anything else", () => {
    const sent = new Map<string, Readonly<Record<string, number>>>();
    const last = new Map<string, Readonly<Record<string, number>>>();
    for (const { event, host, clock } of events) {
      const [, verb, id = ""] = /^(sends|gets) .*\(message (\d+)\)$/.exec(event) ?? [];
      if (verb === "sends") sent.set(id, clock);
      const heard = verb === "gets" ? (sent.get(id) ?? assert.fail(event)) : {};
      for (const [other, count] of Object.entries(clock)) {
        if (other === host) continue;
        assert.strictEqual(count, Math.max(heard[other] ?? 0, last.get(host)?.[other] ?? 0));
      }
      last.set(host, clock);
    }
  });

  it("ends where it is too long, and counts what it leaves out", () => {
    const { text, leftOut } = draw(large, "shiviz");
    assert.isAbove(leftOut, 0);
    assert.isBelow(text.length, traceLimits.shivizCharacters + 10_000);
  });
});

describe("a sequence diagram", () => {
  const line = /^(?:sequenceDiagram| {2}participant (\w+)| {2}Note over (\w+): \S.*| {2}(\w+)(-?-(?:>>|x))(\w+): \S.*)$/;

  it("is one that Mermaid can read: every line is of its grammar, every lane is declared, and nothing means what it should not", () => {
    for (const run of [lossy, gradual, large]) {
      const { lines, text } = draw(run, "mermaid");
      const lanes = new Set<string>();
      for (const each of lines) {
        const [, declared, noted, from, , to] = line.exec(each) ?? assert.fail(each);
        if (declared !== undefined) lanes.add(declared);
        for (const lane of [noted, from, to]) if (lane !== undefined) assert.isTrue(lanes.has(lane), each);
        assert.notMatch(each.replaceAll(/#\d+;/g, ""), /[#;]/);
      }
      assert.isBelow(text.length, 50_000);
    }
  });

  it("has a cross for every packet that never arrived", () => {
    for (const run of [gradual, runOf(smallSetup({ cpus: 4, seed: 4 }), ["drop 20% of any"])]) {
      const crosses = draw(run, "mermaid").lines.filter((each) => /-x\w+: /.test(each)).length;
      const truth = run.packets.filter(({ fate, arrivesAt }) => fate.kind === "lost" || arrivesAt > run.end.at).length;
      assert.strictEqual(crosses, truth);
      assert.isAbove(crosses, 3);
    }
  });

  it("draws what 300 CPUs are asked and answer as two arrows, and a lost one by itself", () => {
    const { lines } = draw(large, "mermaid");
    assert.include(lines, "  coordinator0->>cpus: 300 x gather #35;1, cpu 0-299");
    assert.include(lines, "  cpus-->>coordinator0: 300 x ack #35;1, cpu 0-299");
    assert.isBelow(lines.length, 200);
    const one = draw(runOf(patient, ["drop 1st stop to cpu 17 during gather"]), "mermaid").lines;
    assert.include(one, "  coordinator0-xcpu17: gather #35;1 (lost)");
    assert.include(one, "  coordinator0->>cpus: 299 x gather #35;1, cpu 0-16,18-299");
    assert.include(one, "  coordinator0->>cpu17: gather #35;1 again");
  });
});
