// The runs of a live sweep, one after the other: each of them wants all of this machine. Those that are not valid are kept: none repeats them.
import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { recordOf } from "../../../shared/report/scaleMeasures.ts";
import { summarize } from "../../../shared/report/summarize.ts";
import { runInFolder, settle } from "../engines/folderRun.ts";
import { SweepFailed } from "./failed.ts";
import type { UnderWay } from "./underWay.ts";

/** So many runs are kept: more of them would not tell more. */
const mostKept = 8;

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
  let kept = 0;
  for (let slot = underWay.next(); slot !== undefined; slot = underWay.next()) {
    const { key } = underWay.cellAt(slot);
    const configuration = underWay.configurationAt(slot);
    const { engine, hosts, setup } = configuration;
    const before = cpuSeconds();
    const made = await runInFolder({
      configuration,
      path: join(ledger.folder.path, `run-${slot.cell}-${setup.seed}`),
      run: `scale-${ledger.queue}-${slot.cell}-${setup.seed}`,
      onNotice: (text) => onNotice(`${key} seed ${setup.seed}: ${text}`),
      signal,
    });
    const after = cpuSeconds();
    const { ran } = made;
    const summary = summarize({ run: key, engine, hosts, setup, ...ran, maxRssMb: 0 });
    const isKept = summary.verdict !== "valid" && ran.end.ended !== "interrupted" && kept < mostKept;
    await settle(made, isKept);
    if (ran.end.ended === "interrupted") return;
    if (isKept) {
      kept++;
      onNotice(`${key} seed ${setup.seed} is ${summary.verdict}: kept in ${made.folder.path}`);
    }
    if (ran.end.ended === "environment") throw new SweepFailed(`${key} seed ${setup.seed}: the environment failed`);
    const host = {
      host_wall_s: ran.wallMs / 1e3,
      host_cpu_s: before === null || after === null ? null : after - before,
      // Of many processes: not known here.
      host_peak_rss_bytes: null,
    };
    underWay.end(recordOf(summary, key, host, hostname()));
  }
};
