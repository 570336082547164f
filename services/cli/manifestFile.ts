// `manifest.json`: what determined a run, where each value came from, and what surrounded it.
import { surroundings } from "../recorder/manifest.ts";
import type { RunFolder } from "../recorder/runFolder.ts";
import { headerOf } from "./engines/virtual.ts";
import type { Configuration } from "./settings/configuration.ts";
import { givenTexts } from "./settings/repro.ts";

export const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/** `more` stands beside what one run is configured by, for a verb that makes several of it. */
export const writeManifest = (folder: RunFolder, verb: string, configuration: Configuration, more: object = {}): void => {
  const { engine, hosts, setup, origins } = configuration;
  const given = givenTexts(configuration);
  const settings = Object.entries(origins).map(([name, origin]) => [
    name,
    { origin, given: given.get(name as keyof typeof origins) ?? null },
  ]);
  const { mode, timeLimitNs, eventLimit, plan } = headerOf(configuration);
  folder.write(
    "manifest.json",
    json({
      schema: "quiesce.manifest/1",
      run: folder.name,
      verb,
      startedAt: new Date().toISOString(),
      engine,
      transport: engine === "live" ? "nats" : "none",
      seed: setup.seed,
      settings: Object.fromEntries(settings),
      configuration: { hosts, journal: configuration.journal === "off" ? "off" : mode, timeLimitNs, eventLimit, plan, setup, ...more },
      ...surroundings(),
    }),
  );
};
