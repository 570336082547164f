// The verb `run` and its flags.
import * as Command from "effect/cli/Command";
import { commonFlags, type Finish, flagsOf, given, later, metricsPort, onOff, settingFlagsOf } from "../flags.ts";
import { settingNames } from "../settings/table.ts";

export const runVerb = (finish: Finish) =>
  Command.make(
    "run",
    {
      settings: settingFlagsOf(settingNames),
      checkDeterminism: onOff("check-determinism", "run twice and compare the journals byte by byte (virtual)"),
      ...commonFlags("the summary document", "the verdict"),
      metricsPort,
    },
    ({ settings: texts, scenario, metricsPort: port, ...rest }) =>
      later(async () => {
        const { run } = await import("../run.ts");
        finish(await run({ ...rest, ...given({ scenario, metricsPort: port }), flags: flagsOf(settingNames, texts) }));
      }),
  ).pipe(
    Command.withDescription("Patch one machine once: live over NATS, or in virtual time"),
    Command.withExamples([
      { command: "quiesce run", description: "8 CPUs as 8 processes over NATS" },
      { command: "quiesce run --engine virtual --cpus 100000 --seed 7", description: "a large machine in virtual time" },
      { command: "quiesce run --fault 'drop 20% of any' --then unpatch", description: "patch and unpatch while packets are lost" },
    ]),
  );
