// The laboratory: a virtual machine that runs in this browser, struck by clicks, and the line that does the same on a command line.
import { useRef } from "preact/hooks";
import type { Choices, Experiment } from "../../serve/api.ts";
import { askJson } from "../background/ask.ts";
import { useLoaded } from "../background/loaded.ts";
import type { Simulated } from "../background/orders.ts";
import { Thread } from "../background/thread.ts";
import { Playback } from "../canvas/playback.ts";
import type { Route } from "../route.ts";
import { Player } from "../runs/player.tsx";
import { CopyLine, Verdict } from "../runs/verdict.tsx";
import { Palette } from "./palette.tsx";
import { queryOf, type Settings, settingsIn } from "./settings.ts";
import { FaultList, SettingsForm } from "./settingsForm.tsx";

interface Ran extends Simulated {
  readonly query: string;
  readonly experiment: Experiment;
}

const run = async (query: string, signal: AbortSignal): Promise<Ran> => {
  const experiment = await askJson<Experiment>(`experiment?${query}`);
  signal.throwIfAborted();
  const thread = new Thread();
  signal.addEventListener("abort", () => thread.end());
  try {
    return { query, experiment, ...(await thread.simulate(experiment.header)) };
  } finally {
    thread.end();
  }
};

export const ExperimentsView = ({ route }: { readonly route: Route }) => {
  const settings = settingsIn(route.query);
  const query = queryOf(settings);
  const choices = useLoaded("choices", () => askJson<Choices>("choices"));
  const ran = useLoaded(query, (signal) => run(query, signal));
  if (choices.is === "failed") return <p class="bad">{choices.why}</p>;
  const isBehind = ran.is === "loading" || (ran.is === "there" && ran.value.query !== query);
  return (
    <>
      <section class="panel" aria-labelledby="machine-title">
        <h2 id="machine-title">The machine</h2>
        {choices.is === "there" && <SettingsForm settings={settings} choices={choices.value} hasModel />}
        <p role="status" class="quiet" data-testid="state">
          {isBehind ? "Running …" : "Virtual time, in this browser: the same settings give the same run, always."}
        </p>
      </section>
      {ran.is === "failed" && (
        <p class="bad panel" role="alert" data-testid="problem">
          {ran.why}
        </p>
      )}
      {ran.is === "there" && <Laboratory ran={ran.value} settings={settings} />}
      {ran.is !== "there" && (
        <section class="panel" aria-label="Faults">
          <FaultList settings={settings} />
        </section>
      )}
    </>
  );
};

/** Who strikes goes on looking at the same place of the run that comes of it. */
const usePlayback = ({ recording }: Ran): Playback => {
  const last = useRef<Playback | null>(null);
  if (last.current?.recording !== recording) last.current = new Playback(recording, last.current?.at.value, last.current ?? undefined);
  return last.current;
};

const Laboratory = ({ ran, settings }: { readonly ran: Ran; readonly settings: Settings }) => {
  const playback = usePlayback(ran);
  const { summary, experiment } = ran;
  const { model, cpus, seed, faults } = summary;
  return (
    <>
      <Player playback={playback} title={`${model.name} on ${cpus} CPUs, engine virtual, seed ${seed}`} />
      <div class="beside">
        <Palette playback={playback} settings={settings} />
        <section class="panel" aria-labelledby="faults-title">
          <h2 id="faults-title">Faults</h2>
          <FaultList settings={settings} />
          {faults
            .filter(({ applied }) => applied === 0)
            .map(({ text }) => (
              <p key={text} class="doubt">
                Never struck: {text}
              </p>
            ))}
        </section>
      </div>
      <Verdict summary={summary} />
      <section class="panel" aria-labelledby="lines-title">
        <h2 id="lines-title">The same on a command line</h2>
        <CopyLine name="Command" line={experiment.command} />
        <details>
          <summary>Scenario file</summary>
          <pre data-testid="scenario">{experiment.scenario}</pre>
        </details>
      </section>
    </>
  );
};
