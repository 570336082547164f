// A chaos study as a file: settings, and what the verb has beside them. A flag goes before the file.
import { BadInput } from "../../../shared/machine/badInput.ts";
import { parseScenario, readText, type Study } from "../settings/scenario.ts";
import type { ChaosRequest } from "./settle.ts";

/** Flags of the verb that a file may have, and how the request names them. */
const own = { seeds: "seeds", models: "models", "max-failures": "maxFailures", minutes: "minutes", surface: "surface" } as const;

type OwnName = keyof typeof own;

const names = Object.keys(own) as readonly OwnName[];

const readStudy = (file: string): Study => parseScenario(file, readText(file), { schema: "quiesce.chaos-study/1", own: names });

/** The request with what the file says that no flag does; who is to be blamed for a value; and the file's settings. */
export interface Told {
  readonly request: ChaosRequest;
  readonly study: Study | undefined;
  readonly blame: (flag: string, message: string) => BadInput;
}

export const withFile = (asked: ChaosRequest): Told => {
  if (asked.file === undefined) return { request: asked, study: undefined, blame: (flag, message) => new BadInput("", flag, message) };
  if (asked.scenario !== undefined) throw new BadInput("", "--scenario", `the study ${asked.file} has settings itself`);
  const study = readStudy(asked.file);
  const blame = (flag: string, message: string): BadInput => {
    const name = names.find((known) => `--${known}` === flag);
    const written = name === undefined || isGiven(asked, name) ? undefined : study.own.get(name);
    return written === undefined ? new BadInput("", flag, message) : new BadInput(study.file, written.place, message);
  };
  const one = (name: OwnName): string | undefined => {
    const [text, ...more] = study.own.get(name)?.texts ?? [];
    if (more.length > 0) throw blame(`--${name}`, "expected one value, not a list");
    return text;
  };
  const from = (name: OwnName): string | undefined => (isGiven(asked, name) ? (asked[own[name]] as string) : one(name));
  const surface = one("surface");
  if (surface !== undefined && surface !== "yes" && surface !== "no") throw blame("--surface", `"${surface}" is not yes or no`);
  const request: ChaosRequest = {
    ...asked,
    seeds: from("seeds"),
    models: from("models"),
    maxFailures: from("max-failures"),
    minutes: from("minutes"),
    surface: asked.surface || surface === "yes",
  };
  return { request, study, blame };
};

const isGiven = (asked: ChaosRequest, name: OwnName): boolean => asked[own[name]] !== undefined && asked[own[name]] !== false;
