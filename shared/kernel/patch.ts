// A patch as data: which functions of which objects it replaces, and what kind of change that is.

/** `function`: a local fix. `call`: a contract between patched functions changed. `data`: the meaning of shared data changed. */
export type PatchKind = "function" | "call" | "data";

/** A patch: what it replaces. */
export interface Patch {
  /** What `--patch` takes: `CVE-2024-26923`. */
  readonly id: string;
  readonly title: string;
  readonly kind: PatchKind;
  readonly objects: ReadonlyArray<{ readonly object: string; readonly functions: readonly string[] }>;
  /** Functions of the patch that a stack check passes over, where the model has a way to say so. */
  readonly forced?: readonly string[];
}

/** The patch set: every function that the patch replaces. */
export const functionsOf = (patch: Patch): readonly string[] => [...new Set(patch.objects.flatMap((object) => object.functions))];
