// Every mutant by name.
import { didYouMean } from "../machine/badInput.ts";
import { acks } from "./acks.ts";
import { combiners } from "./combiners.ts";
import { decisions } from "./decisions.ts";
import { lives } from "./lives.ts";
import { members } from "./members.ts";
import type { Mutant } from "./mutant.ts";
import { stops } from "./stops.ts";
import { transitions } from "./transitions.ts";

export const mutants: readonly Mutant[] = [...acks, ...combiners, ...stops, ...decisions, ...members, ...lives, ...transitions];

export const mutantNamed = (name: string): Mutant => {
  const found = mutants.find((mutant) => mutant.name === name);
  if (found !== undefined) return found;
  const names = mutants.map((mutant) => mutant.name);
  throw new Error(`there is no mutant "${name}"${didYouMean(name, names)}`);
};
