// Attrition strikes all along its span, brings everybody back, and draws each kind of fault by itself.
import fc from "fast-check";
import { assert, describe, it } from "vitest";
import { attrition, wearOf } from "../../shared/nemesis/attrition.ts";
import { isProblem, parseFault, printFault } from "../../shared/nemesis/grammar.ts";
import type { Fault } from "../../shared/nemesis/registry.ts";

const startOf = (fault: Fault): number => {
  if ("when" in fault && "atNs" in fault.when) return fault.when.atNs;
  if ("window" in fault && fault.window !== undefined) return fault.window.fromNs;
  throw new Error(`${printFault(fault)} does not begin at a time`);
};

const wear = fc.record({
  cpus: fc.integer({ min: 1, max: 64 }),
  spanNs: fc.integer({ min: 1_000_000, max: 100_000_000_000 }),
  cpuKills: fc.nat(40),
  coordinatorKills: fc.nat(10),
  suspensions: fc.nat(20),
  outages: fc.nat(5),
});

describe("attrition", () => {
  it("can be written, strikes within its span, and leaves nobody dead", () =>
    fc.assert(
      fc.property(fc.nat(), wear, (seed, what) => {
        const faults = attrition(seed, what);
        assert.lengthOf(faults, what.cpuKills + what.coordinatorKills + what.suspensions + what.outages);
        for (const fault of faults) {
          const back = parseFault(printFault(fault));
          assert.isFalse(isProblem(back), printFault(fault));
          assert.deepStrictEqual(back, fault);
          assert.isAtMost(startOf(fault), what.spanNs + 1_000);
          if (fault.fault === "kill") assert.isNumber(fault.restartAfterNs);
        }
      }),
    ));

  it("strikes once in each part of its span", () => {
    const kills = attrition(7, wearOf(8, 200, 40e9)).filter((fault) => fault.fault === "kill" && fault.actor !== "coordinator");
    assert.lengthOf(kills, 40);
    for (const [part, kill] of kills.entries()) assert.strictEqual(Math.floor(startOf(kill) / 1e9), part);
  });

  it("draws each kind by itself", () => {
    const few = attrition(3, { ...wearOf(8, 100, 20e9), outages: 0 });
    const more = attrition(3, wearOf(8, 100, 20e9));
    assert.deepStrictEqual(
      more.filter(({ fault }) => fault !== "outage"),
      few,
    );
  });
});
