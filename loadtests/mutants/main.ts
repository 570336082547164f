// `npm run mutants`: hunts every mutant in virtual time, prints the table and rewrites docs/mutants.md. Ends with 1 if one got away.
import { writeFileSync } from "node:fs";
import { mutants } from "../../shared/mutants/registry.ts";
import { runsUntilCaught } from "../../shared/virtual/hunt.ts";
import { documentOf, tableOf } from "./document.ts";
import { hunt } from "./machine.ts";
import { shrunkOf } from "./shrunk.ts";

const hunted = mutants.map((mutant) => ({ mutant, caught: runsUntilCaught(mutant, hunt), shrunk: shrunkOf(mutant, hunt) }));
writeFileSync(new URL("../../docs/mutants.md", import.meta.url), documentOf(hunted));
console.log(tableOf(hunted));
process.exitCode = hunted.every(({ mutant, caught }) => mutant.caughtBy.every((monitor) => caught.has(monitor))) ? 0 : 1;
