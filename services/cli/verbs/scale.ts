// The verbs of sweeps: the one that drives them, and the one that makes runs for others.
import * as Argument from "effect/cli/Argument";
import * as Command from "effect/cli/Command";
import * as Option from "effect/Option";
import { commonFlags, type Finish, flagsOf, given, later, metricsPort, natsFlags, onOff, optionalText, settingFlagsOf } from "../flags.ts";
import { sweptNames } from "../scale/axes.ts";

const { scenario: _, ...sweepFlags } = commonFlags("the sweep's document", "whether the sweep is complete");

/** Settings that mean something else here than in a run. */
const otherwise = {
  engine: optionalText("engine", "live|virtual", "virtual time, or real processes over NATS, one run at a time [virtual]"),
  seed: optionalText("seed", "COUNT", "the first seed of every cell [1]"),
  nats: optionalText("nats", "URL", "a NATS server: runs are then made by quiesce worker processes; live, the server of the runs [none]"),
};

const asInRuns = sweptNames.filter((name) => !Object.hasOwn(otherwise, name));

export const scaleVerb = (finish: Finish) =>
  Command.make(
    "scale",
    {
      file: Argument.String("FILE").pipe(Argument.optional),
      settings: settingFlagsOf(asInRuns),
      otherwise,
      models: optionalText("models", "LIST", "models, like simple,hybrid,kernel+task [simple, or the mutant's]"),
      repeat: optionalText("repeat", "COUNT", "runs of each cell, on the same seeds: the first and those after it [5]"),
      untilCi: optionalText("until-ci", "SHARE", "repeat until half the 95 % interval of the median completion is below this, like 5%"),
      maxRepeat: optionalText("max-repeat", "COUNT", "runs of a cell whose interval does not get so tight [40]"),
      memory: optionalText("memory", "SIZE", "for all runs that are under way together, like 8GB [half of what there is, up to 7GB]"),
      dryRun: onOff("dry-run", "print the plan and run nothing"),
      ...sweepFlags,
    },
    ({ file, settings: texts, otherwise: others, models, repeat, untilCi, maxRepeat, memory, ...rest }) =>
      later(async () => {
        const { scale } = await import("../scale.ts");
        const own = given({ models, repeat, "until-ci": untilCi, "max-repeat": maxRepeat, memory });
        const { engine, seed, nats } = others;
        const all = { ...texts, engine: Option.toArray(engine), seed: Option.toArray(seed), nats: Option.toArray(nats) };
        finish(await scale({ ...rest, own, file: Option.getOrUndefined(file), flags: flagsOf(sweptNames, all) }));
      }),
  ).pipe(
    Command.withDescription(
      "Sweep machines: any setting may have several values (2,8,64 or 2..1048576x8 for every factor of 8), and every combination is a cell. " +
        "Of settings that may repeat, bars part values: --fault 'none | drop 10% of any'. In virtual time unless --engine live; " +
        "with --nats URL runs are made by quiesce worker processes. The same command goes on where it was left",
    ),
    Command.withExamples([
      { command: "quiesce scale --cpus 2..65536x8 --models simple,hybrid", description: "how two models grow" },
      { command: "quiesce scale loadtests/scaling.yaml --dry-run", description: "the plan of a sweep from a file" },
      { command: "quiesce scale --cpus 8..512x4 --fault 'none | drop 5% of any' --until-ci 5%", description: "with and without loss" },
      { command: "quiesce scale --engine live --cpus 8,64,512 --hosts 1,2,4", description: "real processes, one run at a time" },
    ]),
  );

export const workerVerb = (finish: Finish) =>
  Command.make(
    "worker",
    {
      ...natsFlags,
      metricsPort,
      name: optionalText("name", "NAME", "what it is called in results [made up]"),
      maxRuns: optionalText("max-runs", "COUNT", "end after so many runs [none]"),
      maxTime: optionalText("max-time", "DURATION", "what a run may take by the clock on the wall; one that takes longer fails [6h]"),
      memory: optionalText("memory", "SIZE", "what a run may take, like 2GB; one that takes more fails [three quarters of what there is]"),
    },
    ({ nats, keys, nkey, tlsCa, ...texts }) =>
      later(async () => {
        const { worker } = await import("../worker.ts");
        const { serverNamed } = await import("../settings/server.ts");
        finish(await worker({ nats: serverNamed({ nats, keys, nkey, tlsCa }), ...given(texts) }));
      }),
  ).pipe(
    Command.withDescription(
      "Make runs for sweeps that were started with the same --nats URL, one at a time: start one for each core. " +
        "SIGTERM lets it finish its run, or hand it back after 10 seconds; one that is killed loses nothing. " +
        "It answers requests on quiesce.worker.health",
    ),
    Command.withExamples([{ command: "quiesce worker --nats nats://host:4222", description: "until it is told to stop" }]),
  );
