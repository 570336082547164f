// The `quiesce` command as a function: from its arguments to its exit code, while what it says goes to stdout and stderr.
import * as NodeServices from "@effect/platform-node/NodeServices";
import * as Cause from "effect/Cause";
import * as CliError from "effect/cli/CliError";
import * as Command from "effect/cli/Command";
import * as Effect from "effect/Effect";
import * as Exit from "effect/Exit";
import * as Layer from "effect/Layer";
import { LogToStderr } from "effect/Logger";
import { version } from "../recorder/manifest.ts";
import { errorText, exitCodeOf, exitCodes } from "./exit.ts";
import type { Finish } from "./flags.ts";
import { layerPresenter } from "./presenter.ts";
import { commandFor } from "./verbs.ts";

/** `finish` is told how to end as soon as that is known. */
export const command = async (args: readonly string[], finish: Finish): Promise<void> => {
  const exit = await Effect.runPromiseExit(
    Command.runWith(commandFor(finish), { version })(args).pipe(
      Effect.provide(Layer.mergeAll(NodeServices.layer, layerPresenter)),
      // stdout belongs to results.
      Effect.provideService(LogToStderr, true),
    ),
  );
  if (Exit.isSuccess(exit)) return;
  const error = Cause.squash(exit.cause);
  if (CliError.isCliError(error)) return finish(exitCodes.badInput);
  process.stderr.write(errorText(error));
  finish(exitCodeOf(error));
};
