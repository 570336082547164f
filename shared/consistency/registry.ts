// Every consistency model by name: a new one is a file beside this and a line here.
import { hybrid } from "./hybrid.ts";
import { immediate } from "./immediate.ts";
import { kgraft } from "./kgraft.ts";
import { kpatch } from "./kpatch.ts";
import { ksplice } from "./ksplice.ts";
import type { Model } from "./model.ts";
import { simple } from "./simple.ts";

/** The models that are shipped, in the order of the debate. */
export const models: readonly Model[] = [simple, kgraft, kpatch, ksplice, hybrid, immediate];

export const defaultModel = simple;

/** The shipped model of this name. */
export const findModel = (name: string): Model | undefined => models.find((model) => model.name === name);
