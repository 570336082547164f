// Any cell of the grid: a model with another leave or switch, and with the policies that this cell needs.
import { hybrid } from "./hybrid.ts";
import { immediate } from "./immediate.ts";
import { kgraft } from "./kgraft.ts";
import { kpatch } from "./kpatch.ts";
import type { Leave, Model, Switch } from "./model.ts";
import { models } from "./registry.ts";
import { simple } from "./simple.ts";

/** Whose policies a cell takes for what the chosen model does not say. Without a condition to check, a stop is nearest to kpatch's. */
const nearest: { readonly stop: Readonly<Record<Leave, Model>>; readonly gradual: Readonly<Record<Leave, Model>> } = {
  stop: { function: kpatch, "patched-set": kpatch, kernel: simple },
  gradual: { function: immediate, "patched-set": hybrid, kernel: kgraft },
};

const paceOf = ({ limitNs, onLimit, holdLimitNs, attempts, retryNs }: Model): Partial<Model> => ({
  limitNs,
  onLimit,
  holdLimitNs,
  attempts,
  retryNs,
});

/** What a model does, and not what it is called. */
const policiesOf = ({ name: _, title: __, source: ___, ...policies }: Model): Omit<Model, "name" | "title" | "source"> => policies;

/** Same members in the same order: all of these are made of the registry's own objects. */
const does = (model: Model): string => JSON.stringify(Object.entries(policiesOf(model)).toSorted(([a], [b]) => (a < b ? -1 : 1)));

/**
 * The model that stands in another cell of the grid: what the chosen one says where it applies there, and what is missing from the
 * nearest model of the registry. Limits and attempts are those of a way to switch: a stop's do not fit a transition.
 */
export const cellOf = (model: Model, leave: Leave = model.leave, switches: Switch = model.switch): Model => {
  if (leave === model.leave && switches === model.switch) return model;
  const donor = nearest[switches === "kernel" ? "stop" : "gradual"][leave];
  const cell: Model = {
    ...model,
    ...((model.switch === "kernel") === (switches === "kernel") ? {} : paceOf(donor)),
    name: `${leave}+${switches}`,
    title: `${model.name}, but leave ${leave} and switch ${switches}`,
    leave,
    switch: switches,
    gather: leave === "kernel" && switches === "kernel" ? (model.gather ?? simple.gather) : null,
    check: leave === "patched-set" ? (model.check ?? donor.check) : null,
    gradual: switches === "kernel" ? null : (model.gradual ?? donor.gradual),
    source: `the policies of ${[...new Set([model.name, donor.name])].join(" and ")}`,
  };
  return models.find((known) => does(known) === does(cell)) ?? cell;
};
