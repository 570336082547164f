// What the command line itself says: help and version on stdout, and one message on stderr for what it cannot make sense of.
//
// Effect's command line reads the arguments because it gives help, completions and sub-commands from one definition. Its own
// report of a mistake is the whole help page on stdout with the message elsewhere; here it is one line on stderr and nothing else.

import type * as CliError from "effect/cli/CliError";
import * as CliOutput from "effect/cli/CliOutput";
import * as Effect from "effect/Effect";
import { nearest } from "../../shared/machine/spelling.ts";

export interface Known {
  readonly verbs: readonly string[];
  /** The verbs below a verb. */
  readonly verbsOf: (verb: string) => readonly string[];
  /** The flags of each verb, with their dashes. */
  readonly flagsOf: (verb: string) => readonly string[];
}

const question = (meant: string | undefined): string => (meant === undefined ? "" : ` (did you mean "${meant}"?)`);

const unknownVerb = (word: string, verbs: readonly string[]): string =>
  `unknown verb "${word}"${question(nearest(word, verbs))}; known: ${verbs.join(", ")}`;

/** The message of one mistake, with the nearest valid spelling by the same measure as everywhere else. */
const messageOf = (error: CliError.CliError, verb: string, known: Known): string => {
  switch (error._tag) {
    case "UnknownSubcommand":
      return unknownVerb(error.subcommand, verb === "" ? known.verbs : known.verbsOf(verb));
    case "UnrecognizedOption":
      if (error.command?.length === 1) return `${error.option} stands before the verb: write quiesce VERB ${error.option}`;
      return `unknown flag ${error.option} of ${verb}${question(nearest(error.option, known.flagsOf(verb)))}; see quiesce ${verb} --help`;
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

const presenter = (known: Known, write: (text: string) => void): CliOutput.Presenter => ({
  present: (output) => {
    if (output._tag === "Version" || (output._tag === "Help" && output.reason === "Requested"))
      return CliOutput.defaultPresenter.present(output);
    const verb = output.commandPath.slice(1).join(" ");
    const error = output._tag === "Help" ? undefined : output.errors[0];
    const expected = verb === "" ? `expected a verb: ${known.verbs.join(", ")}` : `${verb} needs one of: ${known.verbsOf(verb).join(", ")}`;
    return Effect.sync(() =>
      write(`quiesce: ${error === undefined ? `${expected}; see quiesce --help` : messageOf(error, verb, known)}\n`),
    );
  },
});

export const layerPresenter = (known: Known) => CliOutput.layerPresenter(presenter(known, (text) => process.stderr.write(text)));
