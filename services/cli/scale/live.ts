// The runs of a live sweep, one after the other: each of them wants all of this machine.
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { recordOf } from "../../../shared/report/scaleMeasures.ts";
import { summarize } from "../../../shared/report/summarize.ts";
import { execute } from "../engines/execute.ts";
import { SweepFailed } from "./failed.ts";
import type { UnderWay } from "./underWay.ts";

/** Linux counts in hundredths of a second. */
const ticksPerSecond = 100;

/** Of this process and of those that it has seen end, in seconds; null where there is no way to know. */
const cpuSeconds = (): number | null => {
  try {
    const stat = readFileSync("/proc/self/stat", "utf8");
    // The name of the program may have anything in it; after it comes field 3.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) / ticksPerSecond;
  } catch {
    return null;
  }
};

export const sweepLive = async (underWay: UnderWay): Promise<void> => {
  const { ledger, onNotice, signal } = underWay;
  for (let slot = underWay.next(); slot !== undefined; slot = underWay.next()) {
    const { key } = underWay.cellAt(slot);
    const configuration = underWay.configurationAt(slot);
    const { engine, hosts, setup } = configuration;
    const folder = join(ledger.folder.path, "live");
    // A sweep that was cut off may have left the beginning of one.
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder);
    const before = cpuSeconds();
    const ran = await execute({
      configuration,
      run: `scale-${ledger.queue}-${slot.cell}-${setup.seed}`,
      journal: join(folder, "journal.ndjson"),
      folder,
      progress: null,
      onNotice: (text) => onNotice(`${key} seed ${setup.seed}: ${text}`),
      signal,
    });
    const after = cpuSeconds();
    rmSync(folder, { recursive: true });
    if (ran.end.ended === "interrupted") return;
    if (ran.end.ended === "environment") throw new SweepFailed(`${key} seed ${setup.seed}: the environment failed`);
    const host = {
      host_wall_s: ran.wallMs / 1e3,
      host_cpu_s: before === null || after === null ? null : after - before,
      // Of many processes: not known here.
      host_peak_rss_bytes: null,
    };
    underWay.end(recordOf(summarize({ run: key, engine, hosts, setup, ...ran, maxRssMb: 0 }), key, host, hostname()));
  }
};
