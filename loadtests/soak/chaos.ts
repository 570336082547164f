// Live runs of many patches each while real faults wear the machine down, one run after the other until the time is up.
import { models as every } from "../../shared/consistency/registry.ts";
import { attrition, wearOf } from "../../shared/nemesis/attrition.ts";
import { printFault } from "../../shared/nemesis/grammar.ts";
import { type Outcome, soakRun } from "./run.ts";

export interface Wear {
  readonly minutes: number;
  readonly runs: number;
  readonly cpus: number;
  readonly patches: number;
  /** Of the first run; each further one takes the next. */
  readonly seed: number;
  /** One, several with commas, or `all`, in turn. */
  readonly model: string;
  /** Of all packets, in percent. */
  readonly loss: number;
  readonly spanNs: number;
}

const plan = ({ cpus, patches, spanNs, loss }: Wear, seed: number): readonly string[] => [
  ...(loss > 0 ? [`drop ${loss}% of any`] : []),
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

/** Gives the exit code: 1 at the first run that does not end valid or leaves a process behind. */
export const wearDown = async (wear: Wear): Promise<number> => {
  const { cpus, patches } = wear;
  const started = performance.now();
  const models = wear.model === "all" ? every.map(({ name }) => name) : wear.model.split(",");
  let failed = false;
  let runs = 0;
  for (let seed = wear.seed; !failed && runs < wear.runs && performance.now() - started < wear.minutes * 60_000; seed++) {
    const model = models[runs++ % models.length] as string;
    const outcome = await soakRun({ seed, model, cpus, patches, faults: plan(wear, seed) });
    tell(seed, model, outcome);
    failed = outcome.problems.length > 0;
  }
  console.log(`${runs} runs in ${((performance.now() - started) / 60_000).toFixed(1)} min`);
  return failed ? 1 : 0;
};
