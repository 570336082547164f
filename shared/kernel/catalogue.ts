// The catalogue of patches: 50 live patches that a distribution really shipped, each judged by what kind of change it is.
import { BadInput, didYouMean } from "../machine/badInput.ts";
import shipped from "./data/patches.json" with { type: "json" };
import type { Patch, PatchKind } from "./patch.ts";

const kinds: ReadonlySet<string> = new Set<PatchKind>(["function", "call", "data"]);
const isKind = (kind: string): kind is PatchKind => kinds.has(kind);

export const catalogue: readonly Patch[] = shipped.patches.map(({ id, title, kind, objects }) => {
  if (!isKind(kind)) throw new Error(`patch ${id} is of an unknown kind "${kind}"`);
  return { id, title, kind, objects };
});

/**
 * The default: two functions of vmlinux that run inside almost every send on a TCP socket, and in the softirq that takes the
 * acknowledgement, so that under the default workload there is always somebody in or near the patched code.
 */
export const defaultPatchId = "CVE-2024-47684";

/** The patch of this id, in either case of letters. */
export const findPatch = (id: string): Patch => {
  const found = catalogue.find((patch) => patch.id.toLowerCase() === id.toLowerCase());
  if (found !== undefined) return found;
  const known = catalogue.map((patch) => patch.id);
  throw new BadInput(
    "",
    "",
    `unknown patch "${id}"${didYouMean(id.toUpperCase(), known)}; the catalogue has ${known.length}, such as ${defaultPatchId}`,
  );
};
