// The verbs that say what there is, and whether it will do.
import * as Argument from "effect/cli/Argument";
import * as Command from "effect/cli/Command";
import * as Effect from "effect/Effect";
import { exitCodes } from "../exit.ts";
import { type Finish, file, later, settingFlag } from "../flags.ts";
import { type ListName, list, listNames } from "../list.ts";

export const listVerb = Command.make("list", { what: Argument.Literals("what", listNames) }, ({ what }) =>
  Effect.sync(() => process.stdout.write(list(what as ListName))),
).pipe(Command.withDescription(`List what there is: ${listNames.join(", ")}`));

export const validateVerb = Command.make("validate", { file }, ({ file: path }) =>
  later(async () => {
    const { validate } = await import("../validate.ts");
    process.stdout.write(validate(path));
  }),
).pipe(
  Command.withDescription("Say whether a scenario, sweep, workload, profile, patch, module or file of cases is one that would be taken"),
);

export const doctorVerb = (finish: Finish) =>
  Command.make("doctor", { nats: settingFlag("nats") }, ({ nats }) =>
    Effect.gen(function* () {
      const { doctor } = yield* later(() => import("../doctor.ts"));
      const url = nats[0] ?? process.env.QUIESCE_NATS;
      const serves = yield* doctor(url, (text) => process.stdout.write(text));
      finish(serves ? exitCodes.holds : exitCodes.environment);
    }),
  ).pipe(Command.withDescription("Say what this machine has of what runs need, and how to get the rest"));
