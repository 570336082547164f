// Steps through a path that a search has written down: every step must be what it was.
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { replayPath } from "../../../shared/explore/explore.ts";
import { readSetup } from "../../../shared/explore/machines/setup.ts";
import { BadInput } from "../../../shared/machine/badInput.ts";
import { version } from "../../recorder/manifest.ts";
import { exitCodes } from "../exit.ts";
import { json } from "../manifestFile.ts";
import { readText } from "../settings/scenario.ts";
import { decodePath, pathSchema } from "./path.ts";
import { stepsText } from "./text.ts";

/** The path that is meant: a file of its own, or in the folder of the search that found it, or in `runs/NAME`. Undefined if there is none. */
export const pathFileIn = (given: string): string | undefined => {
  const found = existsSync(given) || given.includes("/") ? given : join("runs", given);
  const file = statSync(found, { throwIfNoEntry: false })?.isDirectory() === true ? join(found, "path.json") : found;
  return file.endsWith(".json") && existsSync(file) ? file : undefined;
};

/** A path can be long, but not longer than a machine of a few CPUs has ways. */
const longestPathBytes = 64 << 20;

/** The machine that a path is of. What was written by hand may be none. */
const setupOf = (file: string, setup: Parameters<typeof readSetup>[0]): ReturnType<typeof readSetup> => {
  try {
    return readSetup(setup);
  } catch (error) {
    throw new BadInput(file, "setup", `is no machine that can be explored: ${(error as Error).message}`);
  }
};

export const replaySearch = (given: string, asJson: boolean): number => {
  const file = pathFileIn(given) ?? given;
  const written = decodePath(file, readText(file, longestPathBytes));
  if (written.code !== version) process.stderr.write(`quiesce: written by version ${written.code}, this is ${version}\n`);
  const { steps, finding } = replayPath(
    setupOf(file, written.setup),
    written.steps.map(({ action }) => action),
  );
  const differs = steps.findIndex(({ text }, i) => text !== written.steps[i]?.text);
  const whole = steps.length === written.steps.length && differs < 0;
  if (asJson) process.stdout.write(json({ schema: pathSchema, property: written.property, steps, finding, same: whole }));
  else
    process.stdout.write(
      `${stepsText(steps)}${finding === null ? `${written.property}: ${written.reason}` : `${finding.monitor}: ${finding.reason}`}\n`,
    );
  if (whole) return exitCodes.holds;
  process.stderr.write(`replay: DIVERGED at step ${(differs < 0 ? steps.length : differs) + 1}\n`);
  return exitCodes.notDeterministic;
};
