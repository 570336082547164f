// What a run came to, written into its folder.
import { resultsCsv } from "../../shared/report/results.ts";
import { summarize } from "../../shared/report/summarize.ts";
import type { Summary } from "../../shared/report/summary.ts";
import type { RunFolder } from "../recorder/runFolder.ts";
import type { Ran } from "./engines/engine.ts";
import { json } from "./manifestFile.ts";
import type { Configuration } from "./settings/configuration.ts";

export const writeResults = (
  folder: RunFolder,
  { engine, hosts, setup }: Pick<Configuration, "engine" | "hosts" | "setup">,
  ran: Ran,
): Summary => {
  const maxRssMb = process.resourceUsage().maxRSS / 1024;
  const summary = summarize({ run: folder.name, engine, hosts, setup, ...ran, maxRssMb });
  folder.write("summary.json", json(summary));
  folder.write("results.csv", resultsCsv(summary));
  return summary;
};
