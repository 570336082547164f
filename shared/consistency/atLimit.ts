// What a model can do when its limit is reached: it depends on how it switches.
import type { Model, OnLimit } from "./model.ts";

/** Why a model cannot do this at its limit; undefined if it can. A transition that is aborted goes back, task by task. */
export const whyNotAtLimit = ({ name, gradual }: Pick<Model, "name" | "gradual">, onLimit: OnLimit): string | undefined => {
  if (gradual === null) return onLimit === "abort" ? undefined : `${name} stops the machine: before its decision it can only abort`;
  if (gradual.reversible || onLimit === "force") return undefined;
  return `${name} cannot go back once it is under way: it can only force`;
};
