// `npm run mutants`: hunts every mutant in virtual time and in every interleaving of a small machine, prints the table and rewrites
// docs/mutants.md. Ends with 1 if one got away.
import { writeFileSync } from "node:fs";
import { mutants } from "../../shared/mutants/registry.ts";
import { runsUntilCaught } from "../../shared/virtual/hunt.ts";
import { documentOf, tableOf } from "./document.ts";
import { exploredOf } from "./explored.ts";
import { hunt } from "./machine.ts";
import { shrunkOf } from "./shrunk.ts";

const hunted = mutants.map((mutant) => ({
  mutant,
  caught: runsUntilCaught(mutant, hunt),
  shrunk: shrunkOf(mutant, hunt),
  explored: mutant.onlyInTime ? null : exploredOf(mutant, hunt),
}));
writeFileSync(new URL("../../docs/mutants.md", import.meta.url), documentOf(hunted));
console.log(tableOf(hunted));
const isCaught = ({ mutant, caught, explored }: (typeof hunted)[number]) =>
  explored?.broken !== null && mutant.caughtBy.every((monitor) => caught.has(monitor));
process.exitCode = hunted.every(isCaught) ? 0 : 1;
