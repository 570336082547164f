// The hybrid's transition on idle machines: how often it has to look again, and how long it takes until then.
import type { Model } from "../../../shared/consistency/model.ts";
import { type Chapter, exactly, type Line } from "../line.ts";
import { type Machine, modelOf, type Run, roundOf, runMachine, shipped } from "../machine.ts";
import { overSeeds, type Spread, scaled } from "../sample.ts";
import { idle, idleWithThreads, sleepers } from "../workloads.ts";

const seeds = 51;
const largeSeeds = 25;
const hybrid = modelOf("hybrid");

/** From opening the epoch to its end, in s. */
const lastsS = (machine: Omit<Machine, "model">, model = hybrid, runs = seeds): Spread =>
  overSeeds(runs, (seed) => (runMachine({ ...machine, model }, seed).epochsNs[0] as number) / 1e9);

/** The first look, and one for each retry. */
const passesOf = ({ rounds }: Run): number => rounds.filter(({ phase }) => phase === "start" || phase === "check").length;

const passes = (machine: Omit<Machine, "model">): Spread =>
  overSeeds(largeSeeds, (seed) => passesOf(runMachine({ ...machine, model: hybrid }, seed)));

/** As in the publication: the same but for the wait between two looks. */
const hurried: Model = { ...hybrid, gradual: hybrid.gradual && { ...hybrid.gradual, checkNs: 1_000_000 } };

const dobriyan = "idle machine, a patch of 2 functions, March 2023 (live-patching list, Alexey Dobriyan, 22 and 23 March 2023)";

const oneRetry = (): Line[] => [
  {
    quantity: "whole transition, 8 idle CPUs",
    unit: "s",
    simulated: lastsS({ cpus: 8, workload: idle }),
    published: exactly(1.36),
    source: dobriyan,
    why: "One look fails for the idle tasks that run, one retry follows on a grid of whole seconds: more than 0.75 s and at most 1.75 s later.",
  },
  {
    quantity: "tasks that fail the first look, 32 idle CPUs",
    unit: "tasks",
    simulated: overSeeds(seeds, (seed) => roundOf(runMachine({ model: hybrid, cpus: 32, workload: idle }, seed), "start").pending),
    published: exactly(30),
    source: `a debug run with 32 CPUs: no normal task and 30 idle tasks; ${dobriyan}`,
    why: "Every idle task but the caller's. On the real machine one more CPU was most likely not idle.",
  },
  {
    quantity: "whole transition, retry cut to 1 ms",
    unit: "ms",
    simulated: scaled(lastsS({ cpus: 8, workload: idle }, hurried), 1e3),
    published: exactly(25),
    source: dobriyan,
    why: "What is left without the wait: presumably loading the module, sysfs, registering with ftrace, waiting for RCU. None of it is simulated, so whatever takes less than some 20 ms is out of this simulation's reach. Beside the wait of a second it does not show.",
  },
];

const rare =
  "Three threads a CPU, as recorded beside the web server: that one of them runs at the moment of the look is too rare to make up the difference.";
const manyCpus =
  "a distribution's kernel, idle, April 2018; thought due to more kernel threads and idle tasks (dynup/kpatch pull request 841)";

const larger = (): Line[] => [
  {
    quantity: "whole transition, 112 idle CPUs",
    unit: "s",
    simulated: lastsS({ cpus: 112, workload: idle }, hybrid, largeSeeds),
    published: exactly(3.28),
    source: manyCpus,
    why: "Here, and on the real kernel 6.1 below with its 64 CPUs, one retry is enough: each look wakes the idle CPUs that it finds, so that the next one finds them switched. The kernel of 2018 did not do that yet (it came with Linux 5.16, commit 5de62ea84abd): an idle CPU switched when something else woke it. That is another kernel than the one simulated, and most likely the reason, although the author suspected kernel threads.",
  },
  {
    quantity: "the same with kernel threads that wake up",
    unit: "s",
    simulated: lastsS({ cpus: 112, workload: idleWithThreads }, hybrid, largeSeeds),
    published: exactly(3.28),
    source: manyCpus,
    why: rare,
  },
  {
    quantity: "passes, 112 idle CPUs with kernel threads",
    unit: "passes",
    simulated: passes({ cpus: 112, workload: idleWithThreads }),
    published: exactly(3),
    source: manyCpus,
    why: rare,
  },
];

const unreliable = (): Line[] => [
  {
    quantity: "whole transition, no stack reliable",
    unit: "s",
    simulated: lastsS(
      { cpus: 8, tasksPerCpu: 4, workload: sleepers, profile: { ...shipped, stackReader: { ...shipped.stackReader, fails: 1 } } },
      hybrid,
      largeSeeds,
    ),
    published: exactly(16),
    source:
      "LoongArch before its unwinder was fixed: 15 s to the fake signal, then the next retry (live-patching list, Tiezhu Yang, 16 September 2025)",
    why: "Sleepers whose stacks cannot be read (`fails` is 1 here) wait for the fake signal at the fifteenth failed retry, as klp_signals_cnt is looked at before it is incremented.",
  },
];

export const idleTransitions = (): Chapter => ({
  title: "The hybrid's transition where nothing is in its way",
  method:
    "`hybrid`, from opening the epoch to its end. The caller's idle task is looked at at once, every other CPU's is made to pass its loop, which shows at the next look. When that is depends on where the grid of seconds lies: one draw a seed.",
  lines: [...oneRetry(), ...larger(), ...unreliable()],
});
