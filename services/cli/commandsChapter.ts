// The commands as a chapter of docs/reference.md, from the help that each gives of itself.
import * as NodeServices from "@effect/platform-node/NodeServices";
import * as CliOutput from "effect/cli/CliOutput";
import * as Command from "effect/cli/Command";
import type { FlagDoc, HelpDoc } from "effect/cli/HelpDoc";
import * as Effect from "effect/Effect";
import * as Layer from "effect/Layer";
import * as Option from "effect/Option";
import { chapter, code, table } from "./markdown.ts";

/** The help of the command that these words name. */
const helpOf = async (root: Command.Command.Any, words: readonly string[]): Promise<HelpDoc> => {
  let help: HelpDoc | undefined;
  const presenter: CliOutput.Presenter = {
    present: (output) =>
      Effect.sync(() => {
        if (output._tag === "Help") help = output.helpDoc;
      }),
  };
  await Effect.runPromise(
    Command.runWith(root as Command.Command<string, unknown, unknown, unknown, never>, { version: "" })([...words, "--help"]).pipe(
      Effect.provide(Layer.mergeAll(NodeServices.layer, CliOutput.layerPresenter(presenter))),
    ) as Effect.Effect<void>,
  );
  if (help === undefined) throw new Error(`no help of ${words.join(" ")}`);
  return help;
};

const flagRow = ({ name, aliases, type, description }: FlagDoc): readonly string[] => [
  [`--${name}`, ...aliases].map(code).join(" "),
  type === "boolean" ? "" : type,
  Option.getOrElse(description, () => ""),
];

const section = ({ description, usage, flags, examples = [] }: HelpDoc): string =>
  [
    `### ${code(usage)}`,
    `${description}.`,
    ...(flags.length === 0 ? [] : [table(["flag", "value", "meaning"], flags.map(flagRow))]),
    ...(examples.length === 0
      ? []
      : [
          ["```", ...examples.map(({ command, description: why }) => `${command}${why === undefined ? "" : `   # ${why}`}`), "```"].join(
            "\n",
          ),
        ]),
  ].join("\n\n");

/** A section of each command that does something, in the order of help. */
const sectionsOf = async (root: Command.Command.Any, words: readonly string[]): Promise<readonly string[]> => {
  const help = await helpOf(root, words);
  const below = (help.subcommands ?? []).flatMap(({ commands }) => commands.map(({ name }) => name));
  if (below.length === 0) return [section(help)];
  const sections: string[] = [];
  for (const name of below) sections.push(...(await sectionsOf(root, [...words, name])));
  return sections;
};

export const commandsChapter = async (root: Command.Command.Any): Promise<string> => chapter("Commands", ...(await sectionsOf(root, [])));
