// One recorded run: its journal read and drawn, its summary beside it, and the ways on: replay, report, laboratory.
import { useEffect, useMemo } from "preact/hooks";
import { readCommand } from "../../../shared/page/commandLine.ts";
import type { Shrunk } from "../../../shared/report/shrinkSummary.ts";
import type { Summary } from "../../../shared/report/summary.ts";
import type { RunList } from "../../serve/api.ts";
import { addressOfFile, askJson, askText } from "../background/ask.ts";
import { useLoaded } from "../background/loaded.ts";
import type { Read } from "../background/orders.ts";
import { Thread } from "../background/thread.ts";
import { Playback } from "../canvas/playback.ts";
import { addressOf } from "../route.ts";
import { Player } from "./player.tsx";
import { CopyLine, Verdict } from "./verdict.tsx";

interface Recorded extends Read {
  readonly summary: Summary;
  readonly again: string;
  readonly hasReport: boolean;
}

const load = async (run: string, signal: AbortSignal): Promise<Recorded | { readonly shrunk: Shrunk }> => {
  const thread = new Thread();
  signal.addEventListener("abort", () => thread.end());
  try {
    const [summary, again, list] = await Promise.all([
      askJson<Summary | Shrunk | { readonly schema: "" }>(`runs/${run}/summary.json`),
      askText(`runs/${run}/repro.txt`),
      askJson<RunList>("runs"),
    ]);
    if (summary.schema === "quiesce.shrink/1") return { shrunk: summary };
    if (summary.schema !== "quiesce.summary/1") throw new Error(`${run} is no single run: its summary is a ${summary.schema}`);
    const read = await thread.read(addressOfFile(run, "journal.ndjson"), summary.violations);
    const files: readonly string[] = list.runs.find(({ id }) => id === run)?.files ?? [];
    return { ...read, summary, again: again.trim(), hasReport: files.includes("report.html") };
  } finally {
    thread.end();
  }
};

/** The experiment that is this run, if it was one in virtual time. */
const experimentOf = (again: string): string | undefined => {
  const { verb, flags } = readCommand(again);
  if (verb !== "run" || !flags.some(([name, value]) => name === "engine" && value === "virtual")) return undefined;
  const settings = flags.filter(([name, value]) => name !== "engine" && name !== "journal" && name !== "out" && value !== "");
  return `#/experiments?${new URLSearchParams(settings.map(([name, value]) => [name, value]))}`;
};

export const RunView = ({ run, query }: { readonly run: string; readonly query: URLSearchParams }) => {
  const loaded = useLoaded(run, (signal) => load(run, signal));
  if (loaded.is === "loading") return <p data-testid="reading">Reading the journal of {run} …</p>;
  if (loaded.is === "failed")
    return (
      <p class="bad" data-testid="problem">
        {loaded.why}
      </p>
    );
  const { value } = loaded;
  if ("shrunk" in value) return <Smallest run={run} shrunk={value.shrunk} />;
  return <Shown run={run} recorded={value} at={query.get("at")} />;
};

/** Addresses tell times in microseconds; what is no time is the start. */
const nsOf = (at: string): number => Math.round(1000 * Number(at)) || 0;

/** An address of the moment that is looked at. */
const Here = ({ run, playback }: { readonly run: string; readonly playback: Playback }) => (
  <a href={addressOf("runs", [run], { at: String(playback.at.value / 1000) })} data-testid="here">
    Link to this moment
  </a>
);

const Shown = ({ run, recorded, at }: { readonly run: string; readonly recorded: Recorded; readonly at: string | null }) => {
  const { recording, summary, again, header, ended, hasReport, model } = recorded;
  const playback = useMemo(() => new Playback(recording), [recording]);
  useEffect(() => {
    if (at !== null) playback.seek(nsOf(at));
  }, [playback, at]);
  const experiment = experimentOf(again);
  return (
    <>
      <section class="panel row" aria-label="This run">
        <h2 class="grows">{run}</h2>
        <Here run={run} playback={playback} />
        {experiment !== undefined && (
          <a href={experiment} data-testid="open-experiment">
            Open in the laboratory
          </a>
        )}
        {hasReport && <a href={addressOfFile(run, "report.html")}>Report</a>}
        <a href={addressOfFile(run, "trace.json")} download={`${run}.trace.json`}>
          Trace for Perfetto
        </a>
      </section>
      {!ended && <p class="doubt">The journal was cut off: its writer did not come to the end.</p>}
      {header.mode === "facts" && <p class="doubt">The journal holds facts only: no messages are drawn.</p>}
      <Player playback={playback} title={`${model} on ${summary.cpus} CPUs, engine ${header.engine}, seed ${header.seed}`} />
      <Verdict summary={summary} />
      <section class="panel" aria-label="Lines to copy">
        <CopyLine name="Replay" line={`./quiesce replay runs/${run}`} />
        <CopyLine name="Again" line={again} />
      </section>
    </>
  );
};

const sizeText = ({ faults, cpus, operations }: Shrunk["before"]): string => `faults ${faults}, CPUs ${cpus}, operations ${operations}`;

/** What shrinking came to: a scenario that the laboratory runs step by step. */
const Smallest = ({ run, shrunk }: { readonly run: string; readonly shrunk: Shrunk }) => {
  const { monitor, reason, before, after, faults, replay, scenario } = shrunk;
  return (
    <>
      <section class="panel" aria-labelledby="shrunk-title">
        <h2 id="shrunk-title" class="bad" data-testid="broken">
          ✗ {monitor}: {reason}
        </h2>
        <p>
          {run}: from {sizeText(before)} to {sizeText(after)}
        </p>
        <ul>
          {faults.map((fault) => (
            <li key={fault}>
              <code>{fault}</code>
            </li>
          ))}
        </ul>
        <p>
          <a href={experimentOf(replay) ?? "#/experiments"} data-testid="open-experiment">
            Go through it in the laboratory
          </a>{" "}
          <a href={addressOfFile(run, "report.html")}>Report</a>
        </p>
      </section>
      <section class="panel" aria-label="Lines to copy">
        <CopyLine name="Replay" line={replay} />
        <details>
          <summary>Scenario file</summary>
          <pre>{scenario}</pre>
        </details>
      </section>
    </>
  );
};
