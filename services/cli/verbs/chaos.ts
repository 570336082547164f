// The verbs of chaos and their flags: the study, and what makes a failure of it small.
import * as Argument from "effect/cli/Argument";
import * as Command from "effect/cli/Command";
import * as Flag from "effect/cli/Flag";
import * as Option from "effect/Option";
import {
  commonFlags,
  comparedSettings,
  type Finish,
  flagsOf,
  given,
  later,
  metricsPort,
  onOff,
  optionalText,
  settingFlagsOf,
} from "../flags.ts";

/** A study names its models and seeds in flags of its own, is in virtual time unless it is told to be live, and keeps no journals. */
const chaosSettings = comparedSettings.filter((name) => !["engine", "seed", "journal"].includes(name));

export const chaosVerb = (finish: Finish) =>
  Command.make(
    "chaos",
    {
      file: Argument.String("FILE").pipe(Argument.optional),
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
      metricsPort,
    },
    ({ file, settings: texts, engine, seeds, models, maxFailures, minutes, resume, scenario, metricsPort: port, ...rest }) =>
      later(async () => {
        const flags = flagsOf([...chaosSettings, "engine"], { ...texts, engine: Option.toArray(engine) });
        const { chaos } = await import("../chaos.ts");
        finish(
          await chaos({ ...rest, ...given({ file, seeds, models, maxFailures, minutes, resume, scenario, metricsPort: port }), flags }),
        );
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
      { command: "quiesce chaos loadtests/chaos.yaml", description: "a study from a file" },
    ]),
  );

export const shrinkVerb = (finish: Finish) =>
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
        const { shrink } = await import("../shrink.ts");
        finish(await shrink({ ...given({ run, scenario, monitor }), ...given({ seed }), json }));
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
