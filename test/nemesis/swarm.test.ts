// Swarms: plans drawn from a seed, each with few kinds of faults, that the grammar can write down and read back.
import { assert, describe, it } from "vitest";
import { hybrid } from "../../shared/consistency/hybrid.ts";
import { simple } from "../../shared/consistency/simple.ts";
import { printFault } from "../../shared/nemesis/grammar.ts";
import { planOf } from "../../shared/nemesis/plan.ts";
import { swarmPlan } from "../../shared/nemesis/swarm.ts";

const seeds = Array.from({ length: 3000 }, (_, seed) => seed);
const target = { cpus: 4, model: simple };
const textsOf = (seed: number, of = target): readonly string[] => swarmPlan(seed, of).map(printFault);

describe("a swarm", () => {
  it("draws the same plan from the same seed, and each fault can be written down and read back", () => {
    for (const seed of seeds) {
      const { plan, problems } = planOf(textsOf(seed), seed);
      assert.deepEqual(problems, []);
      assert.deepEqual(plan.faults, swarmPlan(seed, target));
    }
  });

  it("leaves most kinds out of any one run, and none out of all", () => {
    const kindsOf = (seed: number) => new Set(swarmPlan(seed, target).map(({ fault }) => fault));
    const all = new Set(seeds.flatMap((seed) => [...kindsOf(seed)]));
    const mean = seeds.reduce((sum, seed) => sum + kindsOf(seed).size, 0) / seeds.length;
    assert.isAbove(all.size, 10);
    assert.isBelow(mean, all.size / 4);
    assert.isTrue(seeds.some((seed) => kindsOf(seed).size === 0));
  });

  it("speaks of CPUs that are there, and of phases that the model has", () => {
    const texts = seeds.flatMap((seed) => [...textsOf(seed, { cpus: 2, model: simple })]).join("\n");
    assert.notMatch(texts, /cpu [2-9]/);
    assert.match(texts, /(at|during) disable-irq/);
    assert.notMatch(texts, /(at|during) (start|check|complete|poke)/);
    const gradual = seeds.flatMap((seed) => [...textsOf(seed, { cpus: 2, model: hybrid })]).join("\n");
    assert.match(gradual, /(at|during) complete/);
    assert.notMatch(gradual, /(at|during) (gather|prepare|run|exit)/);
  });
});
