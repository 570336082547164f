// The verb `compare` and its flags.
import * as Command from "effect/cli/Command";
import { commonFlags, comparedSettings, type Finish, flagsOf, given, later, onOff, optionalText, settingFlagsOf } from "../flags.ts";

export const compareVerb = (finish: Finish) =>
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
        const { compare } = await import("../compare.ts");
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
