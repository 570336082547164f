// `quiesce scale`: a sweep of machines, each run on the same seeds until its interval is tight; medians, and the laws by which they grow.
import { availableParallelism } from "node:os";
import { studyLine } from "../../shared/report/chaosProgress.ts";
import { cellsCsv, runsCsv } from "../../shared/report/scaleCsv.ts";
import { type CellRuns, scaleDocument } from "../../shared/report/scaleDocument.ts";
import type { Scale } from "../../shared/report/scaleSummary.ts";
import { planText, scaleText } from "../../shared/report/scaleText.ts";
import type { Schedule } from "../../shared/scale/schedule.ts";
import { onCrashSay } from "./crash.ts";
import { errorText, exitCodeOf, exitCodes } from "./exit.ts";
import { interruptible } from "./interrupt.ts";
import { json } from "./manifestFile.ts";
import { pageBeside } from "./report/beside.ts";
import { Ledger } from "./scale/ledger.ts";
import { sweepLive } from "./scale/live.ts";
import { type ScaleRequest, type Sweep, settle } from "./scale/sweep.ts";
import { sweepInThreads } from "./scale/threads.ts";
import { UnderWay } from "./scale/underWay.ts";
import { mostQueued, sweepOnWorkers } from "./scale/workers.ts";
import { coloursOn, columnsOf } from "./terminal.ts";

/** Often enough to look alive, seldom enough to cost nothing. */
const msBetweenLines = 200;

const atOnceFor = ({ engine, workers }: Sweep): number => (engine === "live" ? 1 : workers === null ? availableParallelism() : mostQueued);

const whereText = (sweep: Sweep): string => {
  if (sweep.engine === "live") return "live, one after the other";
  return sweep.workers === null ? `${atOnceFor(sweep)} threads` : `on workers, at most ${mostQueued} queued`;
};

const planOf = (sweep: Sweep, made: number): string => {
  const { axes, cells, policy, firstSeed, memoryBytes } = sweep;
  return planText({
    axes,
    cells: cells.length,
    policy,
    firstSeed,
    made,
    seconds: policy.least * cells.reduce((sum, { cost }) => sum + cost.seconds, 0),
    bytes: Math.max(...cells.map(({ cost }) => cost.bytes)),
    memoryBytes,
    where: whereText(sweep),
  });
};

const shows = ({ json: asJson, quiet, noProgress }: ScaleRequest): boolean => !asJson && !quiet && !noProgress && process.stderr.isTTY;

const progressOf = (request: ScaleRequest, before: number, startedAt: number): ((schedule: Schedule) => void) => {
  if (!shows(request)) return () => {};
  let drawnAt = 0;
  return ({ done, planned }) => {
    const now = performance.now();
    if (now - drawnAt < msBetweenLines) return;
    drawnAt = now;
    const line = studyLine({
      done,
      of: planned,
      doneNow: done - before,
      elapsedMs: now - startedAt,
      failed: 0,
      columns: columnsOf(process.stderr),
    });
    process.stderr.write(`\r\u001b[K${line}`);
  };
};

const cellRunsOf = ({ sweep, records, schedule }: UnderWay): readonly CellRuns[] => {
  const byCell = Map.groupBy(records, ({ cell }) => cell);
  return sweep.cells.map(({ key, point, cpus }, i) => ({
    key,
    point,
    cpus,
    runs: (byCell.get(key) ?? []).toSorted((a, b) => a.seed - b.seed),
    closed: schedule.isClosed(i),
  }));
};

const exitCodeFor = ({ cells, complete }: Scale): number => {
  if (!complete) return exitCodes.interrupted;
  return cells.some(({ verdicts }) => verdicts.violated > 0) ? exitCodes.violated : exitCodes.holds;
};

const conclude = async (request: ScaleRequest, underWay: UnderWay, startedAt: number, floorUs: number | null): Promise<number> => {
  const { sweep, ledger, records, schedule } = underWay;
  const { engine, code, axes, firstSeed, policy } = sweep;
  const cells = cellRunsOf(underWay);
  const resources = {
    wallMs: performance.now() - startedAt,
    runsNow: records.length - ledger.before.length,
    maxRssBytes: process.resourceUsage().maxRSS * 1024,
  };
  const document = scaleDocument(cells, {
    run: ledger.folder.name,
    engine,
    code,
    axes,
    firstSeed,
    policy,
    complete: schedule.isOver,
    floorUs,
    resources,
  });
  const names = axes.map(({ name }) => name);
  ledger.folder.write("results.csv", runsCsv(engine, names, cells));
  ledger.folder.write("cells.csv", cellsCsv(document));
  ledger.folder.write("summary.json", json(document));
  const { scaleFigures } = await import("../../shared/report/scaleFigure.ts");
  for (const [file, svg] of scaleFigures(document, cells)) ledger.folder.write(file, svg);
  await pageBeside(ledger.folder);
  if (request.json) process.stdout.write(json(document));
  else if (request.quiet) process.stdout.write(`${document.complete ? "complete" : "interrupted"}\n`);
  else {
    const columns = process.stdout.isTTY ? columnsOf(process.stdout) : Infinity;
    process.stdout.write(
      scaleText(document, { folder: ledger.folder.path, repro: sweep.repro, columns, colours: coloursOn(process.stdout) }),
    );
  }
  return exitCodeFor(document);
};

const carryOut = async (request: ScaleRequest, sweep: Sweep, ledger: Ledger, signal: AbortSignal): Promise<number> => {
  const startedAt = performance.now();
  const onNotice = (text: string): void => void process.stderr.write(`quiesce: ${text}\n`);
  const underWay = new UnderWay({
    sweep,
    ledger,
    atOnce: atOnceFor(sweep),
    onEnded: progressOf(request, ledger.before.length, startedAt),
    onNotice,
    signal,
  });
  const left = underWay.schedule.planned - underWay.schedule.done;
  if (left > 0 && sweep.engine === "live") await sweepLive(underWay);
  else if (left > 0 && sweep.workers !== null) await sweepOnWorkers(underWay, sweep.workers);
  else if (left > 0) await sweepInThreads(underWay, atOnceFor(sweep));
  if (shows(request)) process.stderr.write("\r\u001b[K");
  const floorUs = sweep.engine === "live" ? await (await import("./scale/floor.ts")).roundFloorUs(sweep.first.natsUrl, onNotice) : null;
  return conclude(request, underWay, startedAt, floorUs);
};

/** Gives the exit code. What is wrong with the request is thrown; what goes wrong later is told with the line that goes on. */
export const scale = async (request: ScaleRequest): Promise<number> => {
  const sweep = settle(request);
  for (const notice of sweep.notices) process.stderr.write(`quiesce: ${notice}\n`);
  if (request.dryRun) {
    process.stdout.write(`quiesce scale   again: ${sweep.repro}\n${planOf(sweep, 0)}`);
    return exitCodes.holds;
  }
  const ledger = Ledger.open(sweep, (text) => process.stderr.write(`quiesce: ${text}\n`));
  if (!request.quiet) process.stderr.write(`quiesce scale   again: ${sweep.repro}\n${planOf(sweep, ledger.before.length)}`);
  const lastWords = `quiesce: the same command goes on: ${sweep.repro}\n`;
  onCrashSay(lastWords);
  try {
    return await interruptible((signal) => carryOut(request, sweep, ledger, signal));
  } catch (error) {
    process.stderr.write(`${errorText(error)}${lastWords}`);
    return exitCodeOf(error);
  } finally {
    ledger.close();
  }
};
