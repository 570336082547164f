// A configuration as a scenario file, as a person would write it: one value, or a list where a setting may repeat.
import { stringify } from "yaml";
import type { Configuration } from "./configuration.ts";
import { givenTexts } from "./repro.ts";
import { isRepeatable } from "./table.ts";

export const scenarioFile = (configuration: Configuration): string => {
  const entries = [...givenTexts(configuration)].filter(([name]) => name !== "out" && name !== "journal");
  const plain = (text: string): string | number =>
    Number.isSafeInteger(Number(text)) && String(Number(text)) === text ? Number(text) : text;
  const settings = entries.map(([name, texts]) => [name, isRepeatable(name) ? texts : plain(texts[0] ?? "")]);
  return stringify({ schema: "quiesce.scenario/1", ...Object.fromEntries(settings) }, { lineWidth: 0 });
};
