// Breakpoint patching: how many broadcasts a patch of so many functions needs.
import type { Patch } from "../../../shared/kernel/patch.ts";
import { type Chapter, exactly, type Line } from "../line.ts";
import { modelOf, runMachine } from "../machine.ts";
import { overSeeds } from "../sample.ts";
import { idle } from "../workloads.ts";

const seeds = 5;

const patchOf = (functions: number): Patch => ({
  id: `of-${functions}`,
  title: `${functions} functions that nobody calls`,
  kind: "function",
  objects: [{ object: "vmlinux", functions: Array.from({ length: functions }, (_, nth) => `function_${nth}`) }],
});

const line = (functions: number, batches: number): Line => ({
  quantity: `broadcasts, ${functions} ${functions === 1 ? "function" : "functions"}`,
  unit: "broadcasts",
  simulated: overSeeds(seeds, (seed) => {
    const { rounds } = runMachine({ model: modelOf("hybrid"), cpus: 8, workload: idle, patch: patchOf(functions) }, seed);
    return rounds.filter(({ phase }) => phase === "poke").length;
  }),
  published: exactly(3 * batches),
  source: "3 a batch of at most 256 sites (arch/x86/kernel/alternative.c, text_poke_bp_batch, Linux 6.12)",
  given: true,
  why: "A batch costs three broadcasts, not each site in it, and the 257th site opens another.",
});

export const textBatches = (): Chapter => ({
  title: "Breakpoint patching",
  method: "`hybrid` on 8 idle CPUs with made-up patches: `poke` rounds are counted.",
  lines: [line(1, 1), line(256, 1), line(257, 2)],
});
