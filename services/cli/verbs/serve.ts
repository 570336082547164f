// The verb `serve` and its flags.
import * as Command from "effect/cli/Command";
import { type Finish, flagsOf, given, later, optionalText, settingFlagsOf } from "../flags.ts";
import { settingNames } from "../settings/table.ts";

/** A page starts live machines on a server of their own. */
const served = settingNames.filter((name) => name !== "engine" && name !== "nats");

export const serveVerb = (finish: Finish) =>
  Command.make(
    "serve",
    {
      settings: settingFlagsOf(served),
      scenario: optionalText("scenario", "FILE", "settings by name, in YAML or JSON; flags and QUIESCE_ variables go before it"),
      port: optionalText("port", "PORT", "where the page is to be had; 0 for any that is free [8080]"),
      host: optionalText("host", "ADDRESS", "whom to answer; live machines can be watched from this machine only [127.0.0.1]"),
    },
    ({ settings: texts, ...rest }) =>
      later(async () => {
        const { serve } = await import("../serve.ts");
        finish(await serve({ ...given(rest), flags: flagsOf(served, texts) }));
      }),
  ).pipe(
    Command.withDescription(
      "A page to watch and steer live machines and to look at recorded runs. It prints its address with a token, " +
        "which lets whoever has it steer; QUIESCE_TOKEN sets it",
    ),
    Command.withExamples([
      { command: "quiesce serve", description: "on port 8080 of this machine" },
      { command: "quiesce serve --port 0 --cpus 64 --hosts 4", description: "on any free port; machines start with these settings" },
    ]),
  );
