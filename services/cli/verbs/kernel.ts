// The verbs of what is recorded of kernels: their tests, and workloads.
import * as Command from "effect/cli/Command";
import * as Flag from "effect/cli/Flag";
import * as Option from "effect/Option";
import { type Finish, file, given, later, onOff, optionalText } from "../flags.ts";

export const conformanceVerb = (finish: Finish) =>
  Command.make(
    "conformance",
    {
      file,
      only: optionalText("case", "ID", "run this case only [all]"),
      json: onOff("json", "print exactly the results document on stdout"),
    },
    ({ file: path, only, json }) =>
      later(async () => {
        const { conformance } = await import("../conformance.ts");
        finish(conformance({ file: path, ...given({ only }), json }));
      }),
  ).pipe(
    Command.withDescription("Run kernel selftest cases of a file on a simulated kernel: its log must be what they expect, line by line"),
  );

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
      const { importWorkload } = await import("../workload.ts");
      const given = Object.entries<Option.Option<string | number>>(options).flatMap(([name, value]) =>
        Option.isSome(value) ? [[name, value.value]] : [],
      );
      await importWorkload({ file: path, ...Object.fromEntries(given) });
    }),
).pipe(Command.withDescription("Make a workload from a log of strace -f -ttt -T"));

export const workloadVerb = Command.make("workload").pipe(
  Command.withDescription("Work on workloads"),
  Command.withSubcommands([importVerb]),
);
