#!/usr/bin/env node
// The `quiesce` command.
import * as NodeServices from "@effect/platform-node/NodeServices";
import * as Cause from "effect/Cause";
import * as CliError from "effect/cli/CliError";
import * as Command from "effect/cli/Command";
import * as Effect from "effect/Effect";
import * as Exit from "effect/Exit";
import * as Layer from "effect/Layer";
import { LogToStderr } from "effect/Logger";
import { version } from "../recorder/manifest.ts";
import { watchForCrashes } from "./crash.ts";
import { errorText, exitCodeOf, exitCodes } from "./exit.ts";
import { layerPresenter } from "./presenter.ts";
import { commandFor } from "./verbs.ts";

const finish = (code: number): void => {
  process.exitCode = code;
};

watchForCrashes();

// Whoever reads our output may stop reading: that is no error of ours, and nobody is left to be told.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit();
});

const exit = await Effect.runPromiseExit(
  Command.runWith(commandFor(finish), { version })(process.argv.slice(2)).pipe(
    Effect.provide(Layer.mergeAll(NodeServices.layer, layerPresenter)),
    // stdout belongs to results.
    Effect.provideService(LogToStderr, true),
  ),
);

if (Exit.isFailure(exit)) {
  const error = Cause.squash(exit.cause);
  if (CliError.isCliError(error)) finish(exitCodes.badInput);
  else {
    process.stderr.write(errorText(error));
    finish(exitCodeOf(error));
  }
}
