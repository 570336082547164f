// The verbs that take what others have recorded, and their flags.
import * as Argument from "effect/cli/Argument";
import * as Command from "effect/cli/Command";
import * as Flag from "effect/cli/Flag";
import { defaultFormat, formatNames } from "../../../shared/trace/format.ts";
import { type Finish, given, later, onOff, optionalText } from "../flags.ts";
import { pictureFormats } from "../report/formats.ts";

export const replayVerb = (finish: Finish) =>
  Command.make("replay", { run: Argument.String("RUN") }, ({ run }) =>
    later(async () => {
      const { replay } = await import("../replay.ts");
      finish(await replay(run));
    }),
  ).pipe(
    Command.withDescription(
      "Take a recorded run again: every output must be as recorded (RUN: a run folder or its journal; or of a search, its path)",
    ),
  );

export const traceVerb = (finish: Finish) =>
  Command.make(
    "trace",
    {
      run: Argument.String("RUN").pipe(Argument.optional),
      format: optionalText("format", formatNames.join("|"), `what to write [${defaultFormat}]`),
      out: optionalText("out", "FILE", "where to write it [stdout]"),
      cpus: optionalText("cpus", "LIST", "show these CPUs only, like 0-3,8 [all]"),
      from: optionalText("from", "TIME", "show what happens from this time of the run on [0]"),
      to: optionalText("to", "TIME", "and until this one [the end]"),
    },
    (texts) =>
      later(async () => {
        const { trace } = await import("../trace.ts");
        finish(await trace(given(texts)));
      }),
  ).pipe(
    Command.withDescription(
      "Draw a recorded run (RUN: a run folder or its journal [runs/latest]) for viewers of traces, for kernel tools or as text",
    ),
    Command.withExamples([
      { command: "quiesce trace --out trace.json", description: "the run that ended last, for ui.perfetto.dev" },
      { command: "quiesce trace --format trace.dat --out trace.dat", description: "for trace-cmd report and KernelShark" },
      { command: "quiesce trace --format lamport --cpus 0-3 --from 1ms --to 2ms", description: "who said what, a column for each" },
    ]),
  );

export const reportVerb = (finish: Finish) =>
  Command.make(
    "report",
    {
      run: Argument.String("RUN").pipe(Argument.optional),
      out: optionalText("out", "FILE", "where to write the page [report.html in the run's folder]"),
      figures: optionalText("figures", "DIR", "also write each picture of it as a file of its own"),
      format: optionalText("format", pictureFormats.join("|"), "what these files are [svg]"),
      epoch: optionalText(
        "epoch",
        "NUMBER",
        "draw this epoch of a run [that of the first broken promise, or of most trouble, or the last]",
      ),
    },
    (texts) =>
      later(async () => {
        const { report } = await import("../report.ts");
        finish(await report(given(texts)));
      }),
  ).pipe(
    Command.withDescription(
      "Write one page about a run, comparison, sweep, study or shrunk failure (RUN: its folder [runs/latest]): verdict, numbers, who held it up, pictures. It asks nobody for anything",
    ),
    Command.withExamples([
      { command: "quiesce report", description: "the run that ended last" },
      { command: "quiesce report runs/latest --figures figures --format png", description: "its pictures for a paper" },
    ]),
  );

const repeatable = (name: string, metavar: string, help: string) =>
  Flag.String(name).pipe(Flag.withMetavar(metavar), Flag.withDescription(help), Flag.atLeast(0));

export const diffVerb = (finish: Finish) =>
  Command.make(
    "diff",
    {
      a: Argument.String("A"),
      b: Argument.String("B"),
      tolerance: repeatable("tolerance", "TOLERANCE", "how far values may be apart: 5%, an amount, or for some PATH=5% (repeatable) [0%]"),
      ignore: repeatable("ignore", "PATH", "not to be compared; * is one step of a path, ** any number (repeatable) [what names a run]"),
      markdown: onOff("markdown", "print a table in Markdown"),
      json: onOff("json", "print exactly the document of differences on stdout"),
    },
    ({ tolerance, ...rest }) =>
      later(async () => {
        const { diff } = await import("../diff.ts");
        finish(diff({ ...rest, tolerances: tolerance }));
      }),
  ).pipe(
    Command.withDescription(
      "Compare two results of one kind (run folders or their summaries) value by value. Ends with 99 if any is beyond its tolerance",
    ),
    Command.withExamples([
      { command: "quiesce diff runs/before runs/after --tolerance 5%", description: "is it still as fast?" },
      { command: "quiesce diff a.json b.json --tolerance 'cells.*.latencyUs=10%' --markdown", description: "for a review" },
    ]),
  );
