// The grammar says each fault in one way, reads what it prints, and names the place and the nearest spelling of what it cannot read.
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { faultWords, isProblem, parseFault, printFault } from "../../shared/nemesis/grammar.ts";
import type { Fault } from "../../shared/nemesis/registry.ts";
import { anyFault } from "./faultArbitraries.ts";

const parsed = (text: string): Fault => {
  const fault = parseFault(text);
  if (isProblem(fault)) throw new Error(fault.message);
  return fault;
};

const problem = (text: string): { at: number; message: string } => {
  const fault = parseFault(text);
  if (!isProblem(fault)) throw new Error(`"${text}" was read as ${printFault(fault)}`);
  expect(fault.text).toBe(text);
  return { at: fault.at, message: fault.message };
};

describe("what can be written", () => {
  const canonical = [
    "drop 10% of stop to cpu 3-5 during disable-irq",
    "drop 2nd stop to cpu 7 during run",
    "drop 20% of any",
    "drop any",
    "drop 0.5% of call-done from cpu 0-3,8 to cpu 4",
    "drop 11th ack to coordinator from 1ms for 5ms",
    "drop any from cpu 7 from 1ms",
    "delay 200us..1ms of ack from cpu 7",
    "delay 50us of any",
    "delay 50ns of 3rd stop",
    "delay 1500us of 10% of stop from coordinator",
    "duplicate 5% of any",
    "duplicate 5% of any to cpu 1 after 0ns..1s",
    "pause cpu 2 at prepare for 10ms",
    "pause cpu 2 from 3ms for 10ms",
    "crash cpu 2 at disable-irq restart after 5ms",
    "crash cpu 2 at prepare",
    "crash cpu 2 from 3ms",
    "kill cpu 2 from 3ms",
    "kill coordinator at run restart after 2ms",
    "suspend cpu 2 at prepare for 10ms",
    "outage from 3ms for 10ms",
    "crash coordinator at run restart after 2ms",
    "second coordinator at run",
    "second coordinator from 3ms",
    "reorder 10% within 50us",
    "reorder 10% of ack from cpu 3 to coordinator from 1ms for 5ms within 50us",
    "reorder 2nd ack within 1ms",
    "reorder any within 1ms",
    "corrupt 1% of ack",
    "burst 80% of any lasting 5 every 100",
    "burst ack to coordinator during run lasting 1 every 2",
    "partition cpu 0-3 from cpu 4-7",
    "partition cpu 0-3 from cpu 4-7 one-way from 1ms for 5ms",
    "partition coordinator from cpu 2 from 1ms",
    "nmi cpu 3 at run",
    "nmi cpu 3 from 1ms",
    "unplug cpu 2 at prepare",
    "unplug cpu 2 at prepare replug after 5ms",
    "slow cpu 4 x8",
    "slow coordinator x1.5 from 1ms for 5ms",
    "irqs-off cpu 1 every 2ms for 300us",
    "irqs-off cpu 1 every 2ms for 300us from 1ms for 50ms",
    "drift cpu 3 +200ppm",
    "drift cpu 3 -50ppm from 1ms",
  ];
  it.each(canonical)("%s", (text) => {
    expect(printFault(parsed(text))).toBe(text);
  });

  it.each(faultWords)("the example of $word is in canonical form", ({ word, example }) => {
    const fault = parsed(example);
    expect(fault.fault).toBe(word);
    expect(printFault(fault)).toBe(example);
  });

  const manual = readFileSync(new URL("../../docs/faults.md", import.meta.url), "utf8");
  const shown = [...manual.matchAll(/^```\n([^`]*)^```$/gm)].flatMap(([, block]) => (block as string).trim().split("\n"));

  it.each(shown)("the manual's `%s`", (text) => {
    expect(printFault(parsed(text))).toBe(text);
  });

  it("the manual shows what it is to show", () => {
    expect(shown.length).toBeGreaterThan(15);
  });

  it("tells the sender from the time by what follows `from`", () => {
    expect(parsed("drop any from cpu 7 from 1ms for 5ms")).toEqual({
      fault: "drop",
      kind: "any",
      from: [7, 7],
      window: { fromNs: 1_000_000, forNs: 5_000_000 },
    });
  });

  it.each([
    ["  drop   10.50%  of stop ", "drop 10.5% of stop"],
    ["drop stop from 1000us during run to cpu 3,2,1 from coordinator", "drop stop from coordinator to cpu 1-3 during run from 1ms"],
    ["drop 22th stop", "drop 22nd stop"],
    ["delay 0.2ms..0.2ms of any", "delay 200us of any"],
    ["crash cpu 2 restart after 0.005s at run", "crash cpu 2 at run restart after 5ms"],
    ["reorder 10% of any within 50us", "reorder 10% within 50us"],
    ["reorder 10% from cpu 3 within 50us", "reorder 10% from cpu 3 within 50us"],
    ["partition cpu 1 from cpu 2 from 1ms one-way", "partition cpu 1 from cpu 2 one-way from 1ms"],
    ["irqs-off cpu 1 from 5ms for 300us every 2ms for 0.2ms", "irqs-off cpu 1 every 2ms for 200us from 5ms for 300us"],
  ])("prints %j in its one way", (text, canon) => {
    expect(printFault(parsed(text))).toBe(canon);
  });

  it("reads any fault that it prints as the same fault", () => {
    fc.assert(
      fc.property(anyFault, (fault) => {
        expect(parsed(printFault(fault))).toEqual(fault);
      }),
      { numRuns: 2000 },
    );
  });
});

describe("what cannot", () => {
  it.each([
    ["drop 10% of stpo", 13, 'unknown message kind "stpo" at column 13: did you mean "stop"?'],
    ["dorp 10% of stop", 1, 'unknown fault "dorp" at column 1: did you mean "drop"?'],
    ["drop 10% stop", 10, 'unknown word "stop" at column 10: expected "of"'],
    ["drop any durring run", 10, 'unknown word "durring" at column 10: did you mean "during"?'],
    ["drop any during disable_irq", 17, 'unknown phase "disable_irq" at column 17: did you mean "disable-irq"?'],
    ["drop any to cpus 3", 13, 'unknown actor "cpus" at column 13: did you mean "cpu"?'],
    ["drop any to cpu 5-3", 17, '"5-3" at column 17 is not a list of CPUs below 1048576 (like 0-3,8)'],
    ["drop any to cpu 0-1048576", 17, '"0-1048576" at column 17 is not a list of CPUs below 1048576 (like 0-3,8)'],
    ["drop any from 7 for 1ms", 15, '"7" at column 15 is not a duration (like 200us, 5ms or 1s)'],
    ["drop any to cpu 1 to cpu 2", 19, '"to" at column 19 says again what was said before it'],
    ["crash cpu 2 at run from 3ms", 20, '"from" at column 20 says again what was said before it'],
    ["drop 101% of any", 6, '"101%" at column 6 is not a share from 0% to 100% or an ordinal (like 10% or 2nd)'],
    ["drop 0th stop", 6, '"0th" at column 6 is not a share from 0% to 100% or an ordinal (like 10% or 2nd)'],
    ["delay 1ms..200us of any", 7, '"1ms..200us" at column 7 begins above its end'],
    ["delay 1ms.. of any", 7, '"1ms.." at column 7 is not a duration or a span (like 50us or 200us..1ms)'],
    ["delay 1.5ns of any", 7, '"1.5ns" at column 7 is not a duration or a span (like 50us or 200us..1ms)'],
    ["crash cpu 2", 12, 'expected "at PHASE" or "from TIME" at column 12, where the text ends'],
    ["pause cpu 2 at run", 19, 'expected "for DURATION" at column 19, where the text ends'],
    ["crash cpu 2 at run restart 5ms", 28, 'unknown word "5ms" at column 28: expected "after"'],
    ["second cpu 2 at run", 8, 'unknown actor "cpu" at column 8: expected "coordinator"'],
    ["reorder 10% within 0us", 20, '"0us" at column 20 is not a duration above 0 (like 200us, 5ms or 1s)'],
    ["reorder 10%", 12, 'expected "within DURATION" at column 12, where the text ends'],
    ["burst 2nd any lasting 5 every 100", 7, '"2nd" at column 7 is not a share from 0% to 100%'],
    ["burst any lasting 5 every 5", 28, "bursts of 5 packets every 5 leave none between them"],
    ["partition cpu 0 to cpu 1", 17, 'unknown word "to" at column 17: expected "from"'],
    ["slow cpu 4 x1", 12, '"x1" at column 12 is not a factor above 1 and up to 1000 (like x8)'],
    ["irqs-off coordinator every 2ms for 1ms", 10, 'unknown actor "coordinator" at column 10: expected "cpu"'],
    ["irqs-off cpu 1 every 2ms for 2ms", 33, "2ms every 2ms leave no time with interrupts on"],
    ["drift cpu 3 0ppm", 13, '"0ppm" at column 13 is not a drift up to 900000ppm (like +200ppm or -50ppm)'],
    ["outage", 7, 'expected "from TIME" at column 7, where the text ends'],
    ["nmi cpu 3", 10, 'expected "at PHASE" or "from TIME" at column 10, where the text ends'],
    ["unplug cpu 2 at run restart after 5ms", 21, 'unknown word "restart" at column 21: expected one of "at", "from", "replug"'],
    ["", 1, /^expected one of "drop", .* at column 1, where the text ends$/],
  ])("%j", (text, at, message) => {
    expect(problem(text)).toEqual({ at, message: typeof message === "string" ? message : expect.stringMatching(message) });
  });

  it.each(["lose", "split", "constructor"])("`%s` is refused with the list of faults, as any unknown word", (word) => {
    expect(problem(`${word} 10% of any`).message).toMatch(new RegExp(`^unknown fault "${word}" at column 1: `));
  });

  it("answers any text with a fault or with a problem inside the text", () => {
    const words = fc.constantFrom(
      "drop",
      "delay",
      "crash",
      "of",
      "any",
      "stop",
      "from",
      "for",
      "at",
      "cpu",
      "coordinator",
      "1ms",
      "2nd",
      "10%",
      "0-3",
      "?",
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(words).map((list) => list.join(" ")),
        ),
        (text) => {
          const fault = parseFault(text);
          if (isProblem(fault)) expect(fault.at).toBeLessThanOrEqual(text.length + 1);
          else expect(parsed(printFault(fault))).toEqual(fault);
        },
      ),
      { numRuns: 2000 },
    );
  });
});
