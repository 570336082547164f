// A consistency model of your own: kGraft with an impatient coordinator, beside the original on the same machines and seeds.
import { defineModel, findModel, type Model, run } from "quiesce";

const kgraft = findModel("kgraft") as Model;
if (kgraft.gradual === null) throw new Error("kGraft brings tasks over one by one");

const impatient = defineModel({
  ...kgraft,
  name: "impatient",
  title: "kGraft that looks every 50 ms and sends fake signals at every other look",
  gradual: { ...kgraft.gradual, checkNs: 50_000_000, signalEvery: 2 },
  source: "an example",
});

for (const model of [kgraft, impatient])
  for (const seed of [1, 2, 3]) {
    const { verdict, end } = run({ model, seed, cpus: 16, patch: "study-sleepers" });
    console.log(`${model.name.padEnd(9)}  seed ${seed}  ${verdict}  ${(end.at / 1e6).toFixed(1)} ms`);
  }
