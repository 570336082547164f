// `npm run soak`: live runs of many patches each while real faults wear the machine down, one run after the other until the time is up.
//
//   npm run soak -- --minutes 5 --patches 200 --cpus 8 --seed 1 --model simple --loss 10
//
// Each run must end valid and leave no process behind. The first that does not ends the soak with code 1 and names its run folder.
import { parseArgs } from "node:util";
import { models as every } from "../../shared/consistency/registry.ts";
import { attrition, wearOf } from "../../shared/nemesis/attrition.ts";
import { printFault } from "../../shared/nemesis/grammar.ts";
import { type Outcome, soakRun } from "./run.ts";

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "5" },
    runs: { type: "string", default: "1000" },
    patches: { type: "string", default: "200" },
    cpus: { type: "string", default: "8" },
    seed: { type: "string", default: "1" },
    model: { type: "string", default: "simple" },
    loss: { type: "string", default: "10" },
    /** Seconds of each run over which the faults are spread: about as long as its patches take under them. */
    span: { type: "string" },
  },
});

const numberOf = (name: keyof typeof values): number => {
  const value = Number(values[name]);
  if (!Number.isFinite(value) || value < 0) throw new Error(`--${name} ${values[name]} is no number from 0 on`);
  return value;
};

const patches = numberOf("patches");
const spanNs = 1e9 * (values.span === undefined ? patches / 4 : numberOf("span"));
const cpus = numberOf("cpus");

const plan = (seed: number): readonly string[] => [
  ...(numberOf("loss") > 0 ? [`drop ${numberOf("loss")}% of any`] : []),
  ...attrition(seed, wearOf(cpus, patches, spanNs)).map(printFault),
];

const tell = (seed: number, model: string, outcome: Outcome): void => {
  const { summary, processes, left, problems } = outcome;
  const applied = (word: string): number =>
    summary?.faults.filter(({ text }) => text.startsWith(word)).reduce((sum, each) => sum + Math.min(1, each.applied), 0) ?? 0;
  const done =
    summary === null ? "no summary" : `${summary.verdict}, ${summary.operations.committed} of ${summary.operations.asked} patches`;
  const kills = `killed: ${applied("kill cpu")} CPUs, ${applied("kill coordinator")} coordinators, ${summary?.wire?.serverRestarts ?? 0} servers`;
  const rest = `stood still: ${applied("suspend")}, packets lost: ${summary?.ipis.dropped ?? 0}, refused: ${summary?.wire?.refused ?? 0}`;
  console.log(
    `seed ${seed} ${model}: ${done} in ${outcome.seconds.toFixed(1)} s; ${kills}; ${rest}; ${processes} processes, ${left.length} left`,
  );
  for (const problem of problems) console.log(`  ${problem}`);
};

const started = performance.now();
const models = values.model === "all" ? every.map(({ name }) => name) : values.model.split(",");
let runs = 0;
for (let seed = numberOf("seed"); runs < numberOf("runs") && performance.now() - started < numberOf("minutes") * 60_000; seed++) {
  const model = models[runs++ % models.length] as string;
  const outcome = await soakRun({ seed, model, cpus, patches, faults: plan(seed) });
  tell(seed, model, outcome);
  if (outcome.problems.length === 0) continue;
  process.exitCode = 1;
  break;
}
console.log(`${runs} runs in ${((performance.now() - started) / 60_000).toFixed(1)} min`);
