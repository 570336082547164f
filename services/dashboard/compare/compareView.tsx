// Every model on the same machine, seed and faults, side by side: the table that `compare` prints, and a small picture of each run.
import { useMemo } from "preact/hooks";
import { timeText } from "../../../shared/page/frame.ts";
import { compareOf } from "../../../shared/report/compareRows.ts";
import type { Row } from "../../../shared/report/compareSummary.ts";
import { modelColumns, notesOf } from "../../../shared/report/compareText.ts";
import type { Choices, Comparison } from "../../serve/api.ts";
import { askJson } from "../background/ask.ts";
import { useLoaded } from "../background/loaded.ts";
import type { Simulated } from "../background/orders.ts";
import { Thread } from "../background/thread.ts";
import { SmallCpuTime } from "../canvas/cpuTime.tsx";
import { Playback } from "../canvas/playback.ts";
import { addressWith, queryOf, type Settings, settingsIn, withSetting } from "../experiments/settings.ts";
import { FaultList, SettingsForm } from "../experiments/settingsForm.tsx";
import type { Route } from "../route.ts";
import { CopyLine } from "../runs/verdict.tsx";

interface Compared {
  readonly query: string;
  readonly comparison: Comparison;
  /** In the order of the headers. */
  readonly runs: readonly Simulated[];
}

/** Runs take turns on so many threads: more of them would take the processor from each other. */
const threads = 2;

const compare = async (query: string, signal: AbortSignal): Promise<Compared> => {
  const comparison = await askJson<Comparison>(`comparison?${query}`);
  signal.throwIfAborted();
  const crew = Array.from({ length: threads }, () => new Thread());
  signal.addEventListener("abort", () => {
    for (const thread of crew) thread.end();
  });
  try {
    const runs = await Promise.all(comparison.headers.map((header, i) => (crew[i % threads] as Thread).simulate(header)));
    return { query, comparison, runs };
  } finally {
    for (const thread of crew) thread.end();
  }
};

export const CompareView = ({ route }: { readonly route: Route }) => {
  const settings = settingsIn(route.query);
  const query = queryOf(settings);
  const choices = useLoaded("choices", () => askJson<Choices>("choices"));
  const compared = useLoaded(query, (signal) => compare(query, signal));
  if (choices.is === "failed") return <p class="bad">{choices.why}</p>;
  const isBehind = compared.is === "loading" || (compared.is === "there" && compared.value.query !== query);
  return (
    <>
      <section class="panel" aria-labelledby="machine-title">
        <h2 id="machine-title">The machine</h2>
        {choices.is === "there" && <SettingsForm settings={settings} choices={choices.value} hasModel={false} />}
        <FaultList settings={settings} />
        <p role="status" class="quiet" data-testid="state">
          {isBehind ? "Running …" : "The same machine, workload, seed and faults for every model."}
        </p>
      </section>
      {compared.is === "failed" && (
        <p class="bad panel" role="alert" data-testid="problem">
          {compared.why}
        </p>
      )}
      {compared.is === "there" && <Models compared={compared.value} settings={settings} />}
    </>
  );
};

const Models = ({ compared, settings }: { readonly compared: Compared; readonly settings: Settings }) => {
  const { comparison, runs } = compared;
  const { headers, shared, command } = comparison;
  const { rows } = useMemo(() => {
    const [first] = headers;
    if (first === undefined) throw new Error("a comparison of no models");
    return compareOf(
      shared,
      first.setup.patch,
      runs.map(({ summary }) => [summary]),
    );
  }, [compared]);
  return (
    <>
      <Table rows={rows} />
      <section class="panel" aria-labelledby="pictures-title">
        <h2 id="pictures-title">CPUs against time, each in its own time</h2>
        <div class="multiples">
          {runs.map((run) => (
            <Multiple key={run.summary.model.name} run={run} settings={settings} />
          ))}
        </div>
      </section>
      <section class="panel" aria-label="Lines to copy">
        <CopyLine name="Command" line={command} />
      </section>
    </>
  );
};

const Multiple = ({ run: { recording, summary }, settings }: { readonly run: Simulated; readonly settings: Settings }) => {
  const playback = useMemo(() => new Playback(recording, recording.endNs), [recording]);
  const { name } = summary.model;
  return (
    <figure style={{ margin: "0", minWidth: "0" }}>
      <figcaption>
        <a href={addressWith("experiments", withSetting(settings, "model", [name]))}>{name}</a>{" "}
        <span class="quiet">
          {summary.verdict}, {timeText(recording.endNs)}
        </span>
      </figcaption>
      <SmallCpuTime playback={playback} label={`${name}: CPUs against time, ${summary.verdict} after ${timeText(recording.endNs)}`} />
    </figure>
  );
};

const looks = { valid: "good", violated: "bad", unknown: "doubt" } as const;
const lookOf = ({ verdicts }: Row): string => looks[verdicts.violated > 0 ? "violated" : verdicts.unknown > 0 ? "unknown" : "valid"];

const Table = ({ rows }: { readonly rows: readonly Row[] }) => (
  // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys.
  <section class="panel scrolls" aria-label="Models side by side" tabIndex={0}>
    <table data-testid="models">
      <thead>
        <tr>
          {modelColumns.map(({ title }) => (
            <th key={title} scope="col">
              {title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.model}>
            {modelColumns.map(({ title, cell }) => {
              const shown = cell(row);
              const text = typeof shown === "string" ? shown : shown.text;
              return title === "MODEL" ? (
                <th key={title} scope="row">
                  {text}
                </th>
              ) : (
                <td key={title} class={title === "VERDICT" ? lookOf(row) : "number"}>
                  {text}
                </td>
              );
            })}
          </tr>
        ))}
      </tbody>
    </table>
    <dl class="notes" data-testid="notes">
      {notesOf(rows).map(({ word, model, text }) => (
        <div key={`${word} ${model}`}>
          <dt>
            {word.toLowerCase()} {model}
          </dt>
          <dd>{text}</dd>
        </div>
      ))}
    </dl>
  </section>
);
