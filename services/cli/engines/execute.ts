// The engine that a run asks for, at work behind the one interface that all have; only its own code is loaded.
import * as Effect from "effect/Effect";
import type { EngineOptions, Ran } from "./engine.ts";

export const execute = async (options: EngineOptions): Promise<Ran> => {
  if (options.configuration.engine === "virtual") {
    const { runVirtually } = await import("./virtual.ts");
    return runVirtually(options);
  }
  const { runLively } = await import("./live.ts");
  return Effect.runPromise(runLively(options));
};
