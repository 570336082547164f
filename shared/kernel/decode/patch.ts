// Checks a patch that was written or changed by hand: whatever it says becomes a `Patch`, or one message.
import { functionsOf, type Patch } from "../patch.ts";
import { json, list, type Member, object, text, word } from "./checks.ts";

const name = text(256);

const patched: Member<Patch["objects"][number]> = (value, place) =>
  object<Patch["objects"][number]>(value, place, { object: name, functions: list(name, 1, 1_000) });

const members = {
  id: text(64),
  title: text(500),
  kind: word(["function", "call", "data"]),
  objects: list(patched, 1, 100),
  forced: list(name, 0, 1_000),
} as const;

const optional = ["forced"];

/** Only functions of the patch itself can be marked as forced. */
const withOwnForced = (patch: Patch, file: string): Patch => {
  for (const [i, forced] of (patch.forced ?? []).entries()) word(functionsOf(patch))(forced, { file, path: `forced[${i}]` });
  return patch;
};

/** The patch that `source` (JSON) describes; `file` is what a message names. */
export const decodePatch = (source: string, file: string): Patch =>
  withOwnForced(object<Patch>(json(source, file), { file, path: "" }, members, optional), file);

const patchSchema = "quiesce.patch/1";

/** A patch in a file of its own, which says what it is. */
export const decodePatchFile = (source: string, file: string): Patch => {
  const place = { file, path: "" };
  const { schema: _, ...patch } = object<Patch & { readonly schema: typeof patchSchema }>(
    json(source, file),
    place,
    { schema: word([patchSchema]), ...members },
    optional,
  );
  return withOwnForced(patch, file);
};
