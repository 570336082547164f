// The verbs that say what there is, and whether it will do.
import * as Argument from "effect/cli/Argument";
import * as Command from "effect/cli/Command";
import * as Effect from "effect/Effect";
import { exitCodes } from "../exit.ts";
import { type Finish, file, later, natsFlags, onOff } from "../flags.ts";
import { type Listed, listNames } from "../listNames.ts";

/** `root` is the whole command, whose help is a chapter of the reference. */
export const listVerb = (root: () => Command.Command.Any) =>
  Command.make(
    "list",
    {
      what: Argument.Literals("what", [...listNames, "all"]),
      markdown: onOff("markdown", "print tables in Markdown; all is docs/reference.md"),
    },
    ({ what, markdown }) =>
      later(async () => {
        const { list } = await import("../list.ts");
        const { commandsChapter } = await import("../commandsChapter.ts");
        const commands = () => commandsChapter(root());
        process.stdout.write(await list(what as Listed, markdown || what === "all", commands));
      }),
  ).pipe(Command.withDescription(`List what there is: ${listNames.join(", ")}, all`));

export const validateVerb = Command.make("validate", { file }, ({ file: path }) =>
  later(async () => {
    const { validate } = await import("../validate.ts");
    process.stdout.write(validate(path));
  }),
).pipe(
  Command.withDescription("Say whether a scenario, sweep, workload, profile, patch, module or file of cases is one that would be taken"),
);

export const doctorVerb = (finish: Finish) =>
  Command.make("doctor", natsFlags, (texts) =>
    Effect.gen(function* () {
      const { doctor } = yield* later(() => import("../doctor.ts"));
      const { serverNamed } = yield* later(() => import("../settings/server.ts"));
      const url = yield* Effect.try({ try: () => serverNamed(texts), catch: (error) => error });
      const serves = yield* doctor(url, (text) => process.stdout.write(text));
      finish(serves ? exitCodes.holds : exitCodes.environment);
    }),
  ).pipe(Command.withDescription("Say what this machine has of what runs need, and how to get the rest"));
