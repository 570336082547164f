// The verb `explore` and its flags.
import * as Command from "effect/cli/Command";
import * as Flag from "effect/cli/Flag";
import * as Option from "effect/Option";
import { commonFlags, type Finish, flagsOf, given, later, onOff, optionalText, settingFlagsOf } from "../flags.ts";
import { settingNames } from "../settings/table.ts";

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

export const exploreVerb = (finish: Finish) =>
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
        const { explore } = await import("../explore.ts");
        const limits = given({ maxStates, memory, time, replay, scenario });
        finish(await explore({ ...rest, ...limits, budgets: given(budgets), flags: flagsOf(exploreSettings, texts) }));
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
