// The engine that a run asks for, at work behind the one interface that all have.
import * as Effect from "effect/Effect";
import type { EngineOptions, Ran } from "./engine.ts";
import { runLively } from "./live.ts";
import { runVirtually } from "./virtual.ts";

export const execute = (options: EngineOptions): Promise<Ran> =>
  options.configuration.engine === "virtual" ? runVirtually(options) : Effect.runPromise(runLively(options));
