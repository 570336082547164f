// The verbs and their flags, as Effect's command line takes them; what each does is in the file of its name.
import * as Argument from "effect/cli/Argument";
import * as Command from "effect/cli/Command";
import * as Flag from "effect/cli/Flag";
import * as Effect from "effect/Effect";
import * as Option from "effect/Option";
import { defaultFormat, formatNames } from "../../shared/trace/format.ts";
import { exitCodes } from "./exit.ts";
import {
  commonFlagNames,
  commonFlags,
  comparedSettings,
  type Finish,
  file,
  flagsOf,
  given,
  later,
  onOff,
  optionalText,
  settingFlag,
  settingFlagsOf,
} from "./flags.ts";
import { type ListName, list, listNames } from "./list.ts";
import { diffFlagNames, diffVerb, loadFlagNames, loadVerb } from "./loadVerb.ts";
import { scaleFlagNames, scaleVerb, workerFlagNames, workerVerb } from "./scaleVerbs.ts";
import { settingNames } from "./settings/table.ts";

const runVerb = (finish: Finish) =>
  Command.make(
    "run",
    {
      settings: settingFlagsOf(settingNames),
      checkDeterminism: onOff("check-determinism", "run twice and compare the journals byte by byte (virtual)"),
      ...commonFlags("the summary document", "the verdict"),
    },
    ({ settings: texts, scenario, ...rest }) =>
      later(async () => {
        const { run } = await import("./run.ts");
        finish(await run({ ...rest, ...given({ scenario }), flags: flagsOf(settingNames, texts) }));
      }),
  ).pipe(
    Command.withDescription("Patch one machine once: live over NATS, or in virtual time"),
    Command.withExamples([
      { command: "quiesce run", description: "8 CPUs as 8 processes over NATS" },
      { command: "quiesce run --engine virtual --cpus 100000 --seed 7", description: "a large machine in virtual time" },
      { command: "quiesce run --fault 'drop 20% of any' --then unpatch", description: "patch and unpatch while packets are lost" },
    ]),
  );

const compareVerb = (finish: Finish) =>
  Command.make(
    "compare",
    {
      settings: settingFlagsOf(comparedSettings),
      models: optionalText("models", "LIST", "models to compare, like simple,hybrid,kernel+function [all of the registry]"),
      repeat: optionalText("repeat", "COUNT", "seeds to run each model on: the seed and those after it [1]"),
      catalogue: onOff("catalogue", "every shipped patch under each model: which ones apply, how fast, what blocks the rest (virtual)"),
      ...commonFlags("the comparison's document", "the verdicts"),
    },
    ({ settings: texts, models, repeat, scenario, ...rest }) =>
      later(async () => {
        const { compare } = await import("./compare.ts");
        finish(await compare({ ...rest, ...given({ models, repeat, scenario }), flags: flagsOf(comparedSettings, texts) }));
      }),
  ).pipe(
    Command.withDescription(
      "Run every model on the same machine, workload, seed, faults and patch, and print one table. " +
        "--on-limit and --set model.* reach the models that have a use for them; journals are kept only if --journal asks for them",
    ),
    Command.withExamples([
      { command: "quiesce compare --engine virtual --cpus 16", description: "six models, one seed, in virtual time" },
      { command: "quiesce compare --engine virtual --repeat 30", description: "medians with intervals, and paired differences" },
      {
        command: "quiesce compare --models simple,hybrid --fault 'drop 10% of any'",
        description: "two of them over NATS, while packets are lost",
      },
      { command: "quiesce compare --engine virtual --catalogue", description: "50 shipped patches under each model" },
    ]),
  );

/** A study names its models and seeds in flags of its own, is in virtual time unless it is told to be live, and keeps no journals. */
const chaosSettings = comparedSettings.filter((name) => !["engine", "seed", "journal"].includes(name));

const chaosVerb = (finish: Finish) =>
  Command.make(
    "chaos",
    {
      settings: settingFlagsOf(chaosSettings),
      engine: optionalText(
        "engine",
        "live|virtual",
        "live: runs of many patches each while their processes and server are killed and stopped [virtual]",
      ),
      seeds: optionalText("seeds", "FIRST..LAST", "one run for each: it takes the models in turn, and draws faults and settings [1..1000]"),
      models: optionalText("models", "LIST", "models to take in turn, like simple,hybrid,kernel+task [all, or the mutant's]"),
      maxFailures: optionalText("max-failures", "COUNT", "stop after so many failed runs [100]"),
      minutes: optionalText("minutes", "COUNT", "stop after so long [as long as it takes]"),
      surface: onOff("surface", "survival of one model by loss and limit, each seed in each cell, beside the closed form"),
      resume: optionalText("resume", "RUN", "go on with this study, which the same command began"),
      ...commonFlags("the study's document", "the verdict"),
    },
    ({ settings: texts, engine, seeds, models, maxFailures, minutes, resume, scenario, ...rest }) =>
      later(async () => {
        const flags = flagsOf([...chaosSettings, "engine"], { ...texts, engine: Option.toArray(engine) });
        const { chaos } = await import("./chaos.ts");
        finish(await chaos({ ...rest, ...given({ seeds, models, maxFailures, minutes, resume, scenario }), flags }));
      }),
  ).pipe(
    Command.withDescription(
      "Run many seeds, each under a swarm of faults of its own: faults first, then healed. " +
        "Settings that are given hold for every run; all others are drawn",
    ),
    Command.withExamples([
      { command: "quiesce chaos --cpus 16 --seeds 1..100000", description: "every model, most faults off in any one run" },
      { command: "quiesce chaos --mutant majority-is-enough", description: "machines with one rule replaced: how soon is it seen?" },
      {
        command: "quiesce chaos --engine live --minutes 10",
        description: "real processes, killed, stopped and started again, for ten minutes",
      },
      { command: "quiesce chaos --surface --cpus 16", description: "loss by limit, numbers beside theory" },
    ]),
  );

const shrinkVerb = (finish: Finish) =>
  Command.make(
    "shrink",
    {
      run: Argument.String("RUN").pipe(Argument.optional),
      scenario: optionalText("scenario", "FILE", "shrink this scenario instead of a recorded run"),
      seed: Flag.Int("seed").pipe(
        Flag.withMetavar("COUNT"),
        Flag.withDescription("which run of a study, or the seed of the scenario [the first failure, or as it is]"),
        Flag.optional,
      ),
      monitor: optionalText("monitor", "NAME", "whose promise must stay broken [the one that is broken first]"),
      json: onOff("json", "print exactly the document of what was found on stdout"),
    },
    ({ run, scenario, seed, monitor, json }) =>
      later(async () => {
        const { shrink } = await import("./shrink.ts");
        finish(shrink({ ...given({ run, scenario, monitor }), ...given({ seed }), json }));
      }),
  ).pipe(
    Command.withDescription(
      "Look for the smallest scenario that breaks the same promise: fewer faults, CPUs, tasks and operations, simpler faults",
    ),
    Command.withExamples([
      { command: "quiesce shrink runs/latest", description: "the first failure of the study that ended last" },
      { command: "quiesce shrink --scenario found.yaml", description: "a scenario that fails" },
    ]),
  );

/** Of a run's settings those that are left where there is no time, no workload and no chance. */
const exploreSettings = settingNames.filter((name) =>
  ["model", "leave", "switch", "cpus", "topology", "then", "limit", "attempts", "on-limit", "mutant", "out", "set"].includes(name),
);

const exploreBudgets = {
  drops: optionalText("drops", "COUNT", "packets that may be lost [0]"),
  copies: optionalText("copies", "COUNT", "packets that may arrive twice [0]"),
  cpuCrashes: optionalText("cpu-crashes", "COUNT", "CPUs that may crash, and start anew [0]"),
  coordinatorCrashes: optionalText("coordinator-crashes", "COUNT", "coordinators that may crash, and are followed by another [0]"),
  secondCoordinator: onOff("second-coordinator", "another coordinator may start beside the one that lives").pipe(
    Flag.map((may) => (may ? Option.some("1") : Option.none<string>())),
  ),
  calls: optionalText("calls", "COUNT", "calls of one CPU on another [0]"),
  checks: optionalText("checks", "COUNT", "checks of a transition that may find tasks which have not switched [2]"),
};

const exploreFlags: readonly string[] = [
  ...["drops", "copies", "cpu-crashes", "coordinator-crashes", "second-coordinator", "calls", "checks"],
  ...["max-states", "memory", "time", "replay", "exact", ...commonFlagNames],
];

const exploreVerb = (finish: Finish) =>
  Command.make(
    "explore",
    {
      settings: settingFlagsOf(exploreSettings),
      budgets: exploreBudgets,
      maxStates: optionalText("max-states", "COUNT", "stop after so many states [200000000]"),
      memory: optionalText("memory", "MEGABYTES", "stop when the process has so much memory [8000]"),
      time: optionalText("time", "SECONDS", "stop after so long [600]"),
      replay: optionalText("replay", "FILE", "step through a path that was found"),
      exact: onOff("exact", "what monitors remember tells states apart too: nothing is missed, and many times as many states"),
      ...commonFlags("the document", "the verdict"),
    },
    ({ settings: texts, budgets, maxStates, memory, time, replay, scenario, ...rest }) =>
      later(async () => {
        const { explore } = await import("./explore.ts");
        const limits = given({ maxStates, memory, time, replay, scenario });
        finish(explore({ ...rest, ...limits, budgets: given(budgets), flags: flagsOf(exploreSettings, texts) }));
      }),
  ).pipe(
    Command.withDescription(
      "Try every interleaving of a small machine (2 CPUs and 2 attempts unless more are asked for) with only so many faults: " +
        "what must always hold, that a patch can be applied, and that a way to the end stays open",
    ),
    Command.withExamples([
      { command: "quiesce explore --drops 1 --coordinator-crashes 1", description: "simple on 2 CPUs" },
      { command: "quiesce explore --model hybrid --cpus 3 --drops 1", description: "a transition" },
      {
        command: "quiesce explore --mutant run-without-wrote --cpu-crashes 1",
        description: "the shortest way to what a missing rule breaks",
      },
    ]),
  );

const replayVerb = (finish: Finish) =>
  Command.make("replay", { run: Argument.String("RUN") }, ({ run }) =>
    later(async () => {
      const { replay } = await import("./replay.ts");
      finish(await replay(run));
    }),
  ).pipe(
    Command.withDescription(
      "Take a recorded run again: every output must be as recorded (RUN: a run folder or its journal; or of a search, its path)",
    ),
  );

const traceVerb = (finish: Finish) =>
  Command.make(
    "trace",
    {
      run: Argument.String("RUN").pipe(Argument.optional),
      format: optionalText("format", formatNames.join("|"), `what to write [${defaultFormat}]`),
      out: optionalText("out", "FILE", "where to write it [stdout]"),
      cpus: optionalText("cpus", "LIST", "show these CPUs only, like 0-3,8 [all]"),
      from: optionalText("from", "TIME", "show what happens from this time of the run on [0]"),
      to: optionalText("to", "TIME", "and until this one [the end]"),
    },
    (texts) =>
      later(async () => {
        const { trace } = await import("./trace.ts");
        finish(await trace(given(texts)));
      }),
  ).pipe(
    Command.withDescription(
      "Draw a recorded run (RUN: a run folder or its journal [runs/latest]) for viewers of traces, for kernel tools or as text",
    ),
    Command.withExamples([
      { command: "quiesce trace --out trace.json", description: "the run that ended last, for ui.perfetto.dev" },
      { command: "quiesce trace --format trace.dat --out trace.dat", description: "for trace-cmd report and KernelShark" },
      { command: "quiesce trace --format lamport --cpus 0-3 --from 1ms --to 2ms", description: "who said what, a column for each" },
    ]),
  );

const listVerb = Command.make("list", { what: Argument.Literals("what", listNames) }, ({ what }) =>
  Effect.sync(() => process.stdout.write(list(what as ListName))),
).pipe(Command.withDescription(`List what there is: ${listNames.join(", ")}`));

const validateVerb = Command.make("validate", { file }, ({ file: path }) =>
  later(async () => {
    const { validate } = await import("./validate.ts");
    process.stdout.write(validate(path));
  }),
).pipe(
  Command.withDescription("Say whether a scenario, sweep, workload, profile, patch, module or file of cases is one that would be taken"),
);

const doctorVerb = (finish: Finish) =>
  Command.make("doctor", { nats: settingFlag("nats") }, ({ nats }) =>
    Effect.gen(function* () {
      const { doctor } = yield* later(() => import("./doctor.ts"));
      const url = nats[0] ?? process.env.QUIESCE_NATS;
      const serves = yield* doctor(url, (text) => process.stdout.write(text));
      finish(serves ? exitCodes.holds : exitCodes.environment);
    }),
  ).pipe(Command.withDescription("Say what this machine has of what runs need, and how to get the rest"));

const importVerb = Command.make(
  "import",
  {
    file,
    name: optionalText("name", "NAME", "what the workload is called [the file's name]"),
    title: optionalText("title", "TEXT", "one line about it"),
    cpus: Flag.Int("cpus").pipe(Flag.withMetavar("COUNT"), Flag.withDescription("CPUs of the machine that was recorded"), Flag.optional),
    to: optionalText("to", "FILE", "where to write it [stdout]"),
  },
  ({ file: path, ...options }) =>
    later(async () => {
      const { importWorkload } = await import("./workload.ts");
      const given = Object.entries<Option.Option<string | number>>(options).flatMap(([name, value]) =>
        Option.isSome(value) ? [[name, value.value]] : [],
      );
      await importWorkload({ file: path, ...Object.fromEntries(given) });
    }),
).pipe(Command.withDescription("Make a workload from a log of strace -f -ttt -T"));

const conformanceVerb = (finish: Finish) =>
  Command.make(
    "conformance",
    {
      file,
      only: optionalText("case", "ID", "run this case only [all]"),
      json: onOff("json", "print exactly the results document on stdout"),
    },
    ({ file: path, only, json }) =>
      later(async () => {
        const { conformance } = await import("./conformance.ts");
        finish(conformance({ file: path, ...given({ only }), json }));
      }),
  ).pipe(
    Command.withDescription("Run kernel selftest cases of a file on a simulated kernel: its log must be what they expect, line by line"),
  );

const workloadVerb = Command.make("workload").pipe(Command.withDescription("Work on workloads"), Command.withSubcommands([importVerb]));

/** In the order of help. */
const verbsFor = (finish: Finish) =>
  [
    runVerb(finish),
    compareVerb(finish),
    scaleVerb(finish),
    chaosVerb(finish),
    loadVerb(finish),
    exploreVerb(finish),
    shrinkVerb(finish),
    replayVerb(finish),
    traceVerb(finish),
    diffVerb(finish),
    listVerb,
    validateVerb,
    doctorVerb(finish),
    workerVerb(finish),
    conformanceVerb(finish),
    workloadVerb,
  ] as const;

export const commandFor = (finish: Finish) =>
  Command.make("quiesce").pipe(
    Command.withDescription("Brings every CPU of a simulated machine to rest, patches its kernel and lets it run again"),
    Command.withSubcommands(verbsFor(finish)),
  );

/** For whoever explains a misspelt word: the verbs, and the flags of each. */
export const known = {
  verbs: verbsFor(() => {}).map(({ name }) => name),
  verbsOf: (verb: string): readonly string[] => (verb === "workload" ? ["import"] : []),
  flagsOf: (verb: string): readonly string[] => {
    const flags: Readonly<Record<string, readonly string[]>> = {
      run: [...settingNames, "check-determinism", ...commonFlagNames],
      compare: [...comparedSettings, "models", "repeat", "catalogue", ...commonFlagNames],
      scale: scaleFlagNames,
      load: loadFlagNames,
      diff: diffFlagNames,
      worker: workerFlagNames,
      chaos: [...chaosSettings, "engine", "seeds", "models", "max-failures", "minutes", "surface", "resume", ...commonFlagNames],
      shrink: ["scenario", "seed", "monitor", "json"],
      explore: [...exploreSettings, ...exploreFlags],
      trace: ["format", "out", "cpus", "from", "to"],
      doctor: ["nats"],
      conformance: ["case", "json"],
      "workload import": ["name", "title", "cpus", "to"],
    };
    return [...(flags[verb] ?? []), "help"].map((name) => `--${name}`);
  },
};
