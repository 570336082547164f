// The model of a run: the one that was chosen, in the cell that was chosen, with the limits that were.
import { whyNotAtLimit } from "../../../shared/consistency/atLimit.ts";
import { cellOf } from "../../../shared/consistency/cell.ts";
import type { Model } from "../../../shared/consistency/model.ts";
import { defaultModel, findModel } from "../../../shared/consistency/registry.ts";
import type { Collected } from "./collect.ts";
import type { Given } from "./table.ts";

/** Where a model has no limit to take the proportion from. */
const usualHold = 1.25;

/** A CPU stays held for longer than the coordinator may take, in the proportion that the model has. */
const limitedTo = (limitNs: number, model: Model): Partial<Model> => ({
  limitNs,
  holdLimitNs: Math.round(limitNs * (model.limitNs === null ? usualHold : model.holdLimitNs / model.limitNs)),
});

/** The model with the limits that were given; what it does at its limit only where it can do that. */
export const withLimits = (model: Model, { limit, attempts, "on-limit": onLimit }: Given): Model => ({
  ...model,
  ...(attempts !== undefined && { attempts }),
  ...(limit !== undefined && limitedTo(limit, model)),
  ...(onLimit !== undefined && whyNotAtLimit(model, onLimit) === undefined && { onLimit }),
});

export const modelOf = ({ given, blame }: Collected): Model => {
  const chosen = (given.model === undefined ? undefined : findModel(given.model)) ?? defaultModel;
  const model = withLimits(cellOf(chosen, given.leave, given.switch), given);
  const onLimit = given["on-limit"];
  if (onLimit === undefined) return model;
  const refusal = whyNotAtLimit(model, onLimit);
  if (refusal !== undefined) throw blame("on-limit", refusal);
  if (model.limitNs === null) throw blame("on-limit", `${model.name} has no limit of its own: give it one with --limit`);
  return model;
};
