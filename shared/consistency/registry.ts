// Every consistency model by name: a new one is a file beside this and a line here.
import type { Model } from "./model.ts";
import { simple } from "./simple.ts";

export const models: readonly Model[] = [simple];

export const defaultModel = simple;

export const findModel = (name: string): Model | undefined => models.find((model) => model.name === name);
