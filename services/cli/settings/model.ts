// The model of a run: the one that was chosen, in the cell that was chosen, with the limits that were.
import { whyNotAtLimit } from "../../../shared/consistency/atLimit.ts";
import { cellOf } from "../../../shared/consistency/cell.ts";
import type { Model } from "../../../shared/consistency/model.ts";
import { defaultModel, findModel } from "../../../shared/consistency/registry.ts";
import { mutantNamed } from "../../../shared/mutants/registry.ts";
import type { Collected } from "./collect.ts";
import type { Given } from "./table.ts";

/** Where a model has no limit to take the proportion from. */
const usualHold = 1.25;

/** A CPU stays held for longer than the coordinator may take, in the proportion that the model has. */
const limitedTo = (limitNs: number, model: Model): Partial<Model> => ({
  limitNs,
  holdLimitNs: Math.round(limitNs * (model.limitNs === null ? usualHold : model.holdLimitNs / model.limitNs)),
});

/** Nobody is forced who was not told to be: it breaks the model's promise. */
export const wouldForce = (model: Model, { "on-limit": onLimit }: Given): boolean => onLimit === undefined && model.onLimit === "force";

/** The model with the limits that were given, where it can keep them; what it does at its limit only where it can do that. */
export const withLimits = (model: Model, given: Given): Model => {
  const { limit, attempts, "on-limit": onLimit } = given;
  return {
    ...model,
    ...(attempts !== undefined && { attempts }),
    ...(limit !== undefined && !wouldForce(model, given) && limitedTo(limit, model)),
    ...(onLimit !== undefined && whyNotAtLimit(model, onLimit) === undefined && { onLimit }),
  };
};

export const modelOf = ({ given, blame }: Collected): Model => {
  const name = given.model ?? (given.mutant === undefined ? undefined : mutantNamed(given.mutant).model.name);
  const chosen = (name === undefined ? undefined : findModel(name)) ?? defaultModel;
  const model = withLimits(cellOf(chosen, given.leave, given.switch), given);
  const onLimit = given["on-limit"];
  if (given.limit !== undefined && wouldForce(model, given))
    throw blame("limit", `${whyNotAtLimit(model, "abort")}: say so with --on-limit force, or leave the limit out`);
  if (onLimit === undefined) return model;
  const refusal = whyNotAtLimit(model, onLimit);
  if (refusal !== undefined) throw blame("on-limit", refusal);
  if (model.limitNs === null) throw blame("on-limit", `${model.name} has no limit of its own: give it one with --limit`);
  return model;
};
