// What the command line itself says: help and version on stdout, and one message on stderr for what it cannot make sense of.
//
// Effect's command line reads the arguments because it gives help, completions and sub-commands from one definition. Its own
// report of a mistake is the whole help page on stdout with the message elsewhere; here it is one line on stderr and nothing else.

import type * as CliError from "effect/cli/CliError";
import * as CliOutput from "effect/cli/CliOutput";
import type { HelpDoc } from "effect/cli/HelpDoc";
import * as Effect from "effect/Effect";
import { nearest } from "../../shared/machine/spelling.ts";

/** What a command has, by its help: sub-commands, and flags with their dashes. */
const verbsOf = ({ subcommands = [] }: HelpDoc): readonly string[] =>
  subcommands.flatMap(({ commands }) => commands.map(({ name }) => name));
const flagsOf = ({ flags, globalFlags = [] }: HelpDoc): readonly string[] => [...flags, ...globalFlags].map(({ name }) => `--${name}`);

const question = (meant: string | undefined): string => (meant === undefined ? "" : ` (did you mean "${meant}"?)`);

const unknownVerb = (word: string, verbs: readonly string[]): string =>
  `unknown verb "${word}"${question(nearest(word, verbs))}; known: ${verbs.join(", ")}`;

/** The message of one mistake, with the nearest valid spelling by the same measure as everywhere else. */
const messageOf = (error: CliError.CliError, verb: string, help: HelpDoc): string => {
  switch (error._tag) {
    case "UnknownSubcommand":
      return unknownVerb(error.subcommand, verbsOf(help));
    case "UnrecognizedOption":
      if (error.command?.length === 1) return `${error.option} stands before the verb: write quiesce VERB ${error.option}`;
      return `unknown flag ${error.option} of ${verb}${question(nearest(error.option, flagsOf(help)))}; see quiesce ${verb} --help`;
    case "UnexpectedArgument":
      return `${verb} does not take "${error.arguments.join(" ")}"; see quiesce ${verb} --help`;
    case "MissingArgument":
      return `${verb} needs ${error.argument.toUpperCase()}; see quiesce ${verb} --help`;
    case "InvalidValue": {
      if (error.kind === "flag") {
        const times = /^(\d+) occurrences$/.exec(error.value)?.[1];
        if (times !== undefined) return `--${error.option}: given ${times} times, but it has one value`;
        if (error.value === "") return `--${error.option}: its value is missing`;
        return `--${error.option}: "${error.value}" is not ${error.expected}`;
      }
      const words = [...error.expected.matchAll(/"([^"]+)"/g)].map((match) => match[1] as string);
      return `${verb}: "${error.value}" is not one of ${words.join(", ")}${question(nearest(error.value, words))}`;
    }
    default:
      return error.message;
  }
};

const presenter = (write: (text: string) => void): CliOutput.Presenter => ({
  present: (output) => {
    if (output._tag === "Version" || (output._tag === "Help" && output.reason === "Requested"))
      return CliOutput.defaultPresenter.present(output);
    const verb = output.commandPath.slice(1).join(" ");
    const error = output._tag === "Help" ? undefined : output.errors[0];
    const expected = `${verb === "" ? "expected a verb" : `${verb} needs one of`}: ${verbsOf(output.helpDoc).join(", ")}`;
    return Effect.sync(() =>
      write(`quiesce: ${error === undefined ? `${expected}; see quiesce --help` : messageOf(error, verb, output.helpDoc)}\n`),
    );
  },
});

export const layerPresenter = CliOutput.layerPresenter(presenter((text) => process.stderr.write(text)));
