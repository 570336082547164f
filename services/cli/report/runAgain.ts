// Runs what a folder's manifest describes once more in virtual time, for the pictures of it.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Header, journalSchema } from "../../../shared/journal/entry.ts";
import { BadInput } from "../../../shared/machine/badInput.ts";
import { planOf } from "../../../shared/nemesis/plan.ts";
import type { Film } from "../../../shared/report/html/film.ts";
import { summarize } from "../../../shared/report/summarize.ts";
import type { Summary } from "../../../shared/report/summary.ts";
import { version } from "../../recorder/manifest.ts";
import { executeVirtually } from "../engines/virtualRun.ts";
import { type Found, filmOf, textIn } from "./folder.ts";

/** Machines that break rules may go on for ever, and the smallest scenario breaks its promise soon. */
const mostEvents = 20_000;

interface Manifest {
  readonly configuration: Pick<Header, "setup" | "plan" | "timeLimitNs" | "eventLimit">;
}

export interface Again {
  readonly summary: Summary;
  readonly film: Film | null;
}

export const runAgain = async ({ path, document }: Found): Promise<Again> => {
  const text = textIn(path, "manifest.json");
  if (text === null) throw new BadInput(path, "", "has no manifest.json: nobody knows what was run");
  const { setup, plan, timeLimitNs, eventLimit } = (JSON.parse(text) as Manifest).configuration;
  const header: Header = {
    schema: journalSchema,
    code: version,
    engine: "virtual",
    mode: "full",
    seed: setup.seed,
    timeLimitNs,
    eventLimit: Math.min(eventLimit, mostEvents),
    plan,
    setup,
  };
  const directory = mkdtempSync(join(tmpdir(), "quiesce-report-"));
  try {
    const journal = { path: join(directory, "journal.ndjson"), compare: false, all: false };
    const stop = new Int32Array(new SharedArrayBuffer(4));
    const ran = executeVirtually({ header, plan: planOf(plan.faults, plan.seed).plan, journal, progress: null, stop });
    const summary = summarize({ run: path, engine: "virtual", hosts: 0, setup, ...ran, maxRssMb: 0 });
    return { summary, film: (await filmOf({ path: directory, document }, summary, null)).film };
  } finally {
    rmSync(directory, { recursive: true });
  }
};
