// `npm run calibrate`: runs every experiment, prints the table and rewrites docs/calibration.md.
import { writeFileSync } from "node:fs";
import { chapters } from "./chapters.ts";
import { documentOf, overviewOf } from "./document.ts";

const made = chapters();
writeFileSync(new URL("../../docs/calibration.md", import.meta.url), documentOf(made));
console.log(overviewOf(made));
