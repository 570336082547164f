// The functions of a patch in the batches in which their text is redirected.
import { functionsOf } from "../kernel/patch.ts";
import type { Setup } from "./setup.ts";

/** Sites of one batch: a page of 16-byte entries (arch/x86/kernel/alternative.c, TP_VEC_MAX). */
const sitesOfABatch = 256;

/** Where functions switch by themselves each is a batch of its own, as the kernel registers one after the other. */
export const batchesOf = ({ patch, model }: Pick<Setup, "patch" | "model">): ReadonlyArray<readonly string[]> => {
  const functions = functionsOf(patch);
  const each = model.switch === "function" ? 1 : sitesOfABatch;
  return Array.from({ length: Math.ceil(functions.length / each) }, (_, batch) => functions.slice(batch * each, (batch + 1) * each));
};
