// Mutants of combiners, which bring what others have said (R11, C3): one that counts, one that speaks for the silent, one that answers by
// way of a combiner whoever asks.
import { simple } from "../consistency/simple.ts";
import { size, slice } from "../machine/cpuSet.ts";
import { byOneCombiner, withoutLimit } from "./grounds.ts";
import type { Mutant } from "./mutant.ts";

export const combiners: readonly Mutant[] = [
  {
    name: "combiner-counts",
    rule: "R11: a combiner speaks for those whom it has heard, CPU by CPU",
    instead: "it counts acks, copies too, and speaks for all when as many have come as there are CPUs below it",
    variant: {
      cpu: {
        stillMissing: ({ missing }, { cpus }) => slice(missing, size(cpus), size(missing)),
        speaksFor: ({ missing, relay }, said) => (missing.length === 0 ? relay.subtree : said),
      },
    },
    model: simple,
    ground: byOneCombiner,
    faults: ["duplicate 40% of ack after 1us..20us", "delay 30us..100us of ack from cpu 3"],
    caughtBy: ["rounds", "all-acked"],
  },
  {
    name: "combiner-speaks-for-silent",
    rule: "R11: a combiner speaks for those whom it has heard",
    instead: "it speaks for all below it, as soon as it speaks for one of them",
    variant: { cpu: { speaksFor: ({ relay }) => relay.subtree } },
    model: simple,
    ground: byOneCombiner,
    faults: ["drop 30% of stop to cpu 3"],
    caughtBy: ["rounds", "all-acked"],
  },
  {
    name: "answers-by-its-combiner",
    rule: "C3: what is asked straight is answered straight",
    instead: "it is answered by way of the combiner that asked first, who may be gone",
    variant: { cpu: { isStraight: () => false } },
    model: simple,
    ground: (setup) => byOneCombiner(withoutLimit(setup)),
    faults: ["crash cpu 0 at run"],
    caughtBy: ["converges"],
    ignoresLate: true,
  },
];
