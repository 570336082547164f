// Checks a patch that was changed by hand: whatever it says becomes a `Patch`, or one message.
import type { Patch } from "../patch.ts";
import { json, list, type Member, object, text, word } from "./checks.ts";

const name = text(256);

const patched: Member<Patch["objects"][number]> = (value, place) =>
  object<Patch["objects"][number]>(value, place, { object: name, functions: list(name, 1, 1_000) });

/** The patch that `source` (JSON) describes; `file` is what a message names. */
export const decodePatch = (source: string, file: string): Patch =>
  object<Patch>(
    json(source, file),
    { file, path: "" },
    { id: text(64), title: text(500), kind: word(["function", "call", "data"]), objects: list(patched, 1, 100) },
  );
