// What a person names on the command line, read: a workload, a profile or a patch, shipped under a name or their own in a file.
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { findPatch } from "../../shared/kernel/catalogue.ts";
import { decodePatchFile } from "../../shared/kernel/decode/patch.ts";
import { decodeProfile } from "../../shared/kernel/decode/profile.ts";
import { decodeWorkload, workloadLimits } from "../../shared/kernel/decode/workload.ts";
import type { Patch } from "../../shared/kernel/patch.ts";
import type { Profile } from "../../shared/kernel/profile.ts";
import { profiles } from "../../shared/kernel/profiles.ts";
import type { Workload } from "../../shared/kernel/workload.ts";
import { BadInput, didYouMean } from "../../shared/machine/badInput.ts";
import { readTextFile } from "./textFile.ts";

const recordings = fileURLToPath(new URL("../../loadtests/workloads", import.meta.url));

export const defaultWorkloadName = "web";

/** The names of the workloads that come with the program, the default first. */
export const workloadNames = (): readonly string[] => {
  const names = readdirSync(recordings).filter((name) => name.endsWith(".json"));
  const known = names.map((name) => name.slice(0, -".json".length)).sort();
  return [defaultWorkloadName, ...known.filter((name) => name !== defaultWorkloadName)];
};

/** A path rather than a name: it has a slash or ends like a file. */
const isPath = (nameOrPath: string): boolean => nameOrPath.includes("/") || nameOrPath.endsWith(".json");

const readText = (path: string): string => readTextFile(path, workloadLimits.bytes);

const unknown = (what: string, name: string, known: readonly string[]): BadInput =>
  new BadInput("", "", `unknown ${what} "${name}"${didYouMean(name, known)}; known: ${known.join(", ")}, or the path of a file`);

/** Those of the program's own that have been read: many runs of one study take the same. */
const shipped = new Map<string, Workload>();

/** A shipped workload by its name, or the one in a file. */
export const readWorkload = (nameOrPath: string): Workload => {
  if (isPath(nameOrPath)) return decodeWorkload(readText(nameOrPath), nameOrPath);
  const read = shipped.get(nameOrPath);
  if (read !== undefined) return read;
  const known = workloadNames();
  if (!known.includes(nameOrPath)) throw unknown("workload", nameOrPath, known);
  const path = `${recordings}/${nameOrPath}.json`;
  const workload = decodeWorkload(readText(path), path);
  shipped.set(nameOrPath, workload);
  return workload;
};

export const readProfile = (nameOrPath: string): Profile => {
  if (isPath(nameOrPath)) return decodeProfile(readText(nameOrPath), nameOrPath);
  const found = profiles.find((profile) => profile.name === nameOrPath);
  if (found !== undefined) return found;
  throw unknown(
    "profile",
    nameOrPath,
    profiles.map((profile) => profile.name),
  );
};

const studies = fileURLToPath(new URL("../../loadtests/patches", import.meta.url));

const readPatchFile = (path: string): Patch => decodePatchFile(readText(path), path);

let madeByHand: readonly Patch[] | undefined;

/** The patches that come with the program beside the catalogue: made by hand, for what no shipped patch shows often enough. */
export const studyPatches = (): readonly Patch[] => {
  madeByHand ??= readdirSync(studies)
    .filter((name) => name.endsWith(".json"))
    .sort()
    .map((name) => readPatchFile(`${studies}/${name}`));
  return madeByHand;
};

/** A patch of the catalogue or of the studies by its name, or the one in a file. */
export const readPatch = (idOrPath: string): Patch => {
  if (isPath(idOrPath)) return readPatchFile(idOrPath);
  const study = studyPatches().find(({ id }) => id === idOrPath);
  return study ?? findPatch(idOrPath);
};
