// The verb `load` and its flags.
import * as Argument from "effect/cli/Argument";
import * as Command from "effect/cli/Command";
import * as Flag from "effect/cli/Flag";
import * as Option from "effect/Option";
import { commonFlags, comparedSettings, type Finish, flagsOf, later, metricsPort, onOff, optionalText, settingFlagsOf } from "../flags.ts";
import type { OwnFlags } from "../load/texts.ts";

/** Which operations there are and when is for the study to say, and how long it may take follows from that. */
const loadSettings = comparedSettings.filter((name) => !["then", "journal"].includes(name));

const { scenario: _, ...studyFlags } = commonFlags("the study's document", "verdicts and crossed thresholds");

const own = {
  models: optionalText("models", "LIST", "models, like simple,hybrid,kernel+task [simple]"),
  rate: optionalText("rate", "RATE", "requests a second of the whole machine, or a sweep: 2k/s..50k/s, 2k/s..50k/s in 8 [20k/s]"),
  arrivals: optionalText(
    "arrivals",
    "PLAN",
    "constant, poisson, 'bursts on 100ms off 900ms', 'diurnal swing 50% every 10s', 'recorded FILE' [poisson]",
  ),
  patches: optionalText("patches", "COUNT", "operations, patch and unpatch in turn [5]"),
  patchEvery: optionalText("patch-every", "DURATION", "from the beginning of one operation to that of the next [2s]"),
  warmUp: optionalText("warm-up", "DURATION", "load before the first operation [as --patch-every]"),
  coolDown: optionalText("cool-down", "DURATION", "load after the last operation [as --patch-every]"),
  breakOver: optionalText("break-over", "DURATION", "keep the journal about the first request that took longer"),
  precision: optionalText("precision", "SHARE", "how closely --find-limit is to know the rate [5%]"),
};

const textsOf = (texts: Readonly<Record<string, Option.Option<string>>>): OwnFlags =>
  Object.fromEntries(
    Object.entries(texts).flatMap(([name, text]) =>
      Option.isSome(text) ? [[name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`), [text.value]]] : [],
    ),
  );

export const loadVerb = (finish: Finish) =>
  Command.make(
    "load",
    {
      file: Argument.String("FILE").pipe(Argument.optional),
      settings: settingFlagsOf(loadSettings),
      own,
      threshold: Flag.String("threshold").pipe(
        Flag.withMetavar("THRESHOLD"),
        Flag.withDescription(
          "what must hold, like latencyUs:during:p99<500 or achieved>0.99 (repeatable; see `quiesce list thresholds`) [nothing]",
        ),
        Flag.atLeast(0),
      ),
      findLimit: onOff("find-limit", "look for the highest rate within --rate that holds every threshold"),
      ...studyFlags,
      metricsPort,
    },
    ({ file, settings: texts, own: ownTexts, threshold, findLimit, metricsPort: port, ...rest }) =>
      later(async () => {
        const { load } = await import("../load.ts");
        const ownFlags: OwnFlags = {
          ...textsOf(ownTexts),
          ...(threshold.length > 0 && { threshold }),
          ...(findLimit && { "find-limit": ["true"] }),
        };
        const optional = { file: Option.getOrUndefined(file), metricsPort: Option.getOrUndefined(port) };
        finish(await load({ ...rest, ...optional, own: ownFlags, flags: flagsOf(loadSettings, texts) }));
      }),
  ).pipe(
    Command.withDescription(
      "Serve requests that arrive by plan while the machine is patched again and again: latencies from the intended start before, during and " +
        "after operations, the dip in service and why requests were slow. Ends with 99 if a threshold is crossed",
    ),
    Command.withExamples([
      {
        command: "quiesce load --rate 2k/s..50k/s --models simple,hybrid,kpatch",
        description: "three models at five rates",
      },
      {
        command: "quiesce load --engine live --rate 5k/s --patches 3",
        description: "processes over NATS, by the clock on the wall",
      },
      {
        command: "quiesce load --threshold 'latencyUs:during:p99<500' --break-over 2ms",
        description: "and what lies about an outlier",
      },
      {
        command: "quiesce load --find-limit --rate 10k/s..200k/s --threshold 'latencyUs:all:p99<2000'",
        description: "how much it can take",
      },
    ]),
  );
