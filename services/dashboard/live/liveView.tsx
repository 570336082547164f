// The view of the machine that the server runs: its picture as it goes on, who holds it up, what can be done to it, what came of it.
import "./live.css";
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { Film } from "../../../shared/page/film.ts";
import type { LiveRun } from "../../serve/api.ts";
import { addressOf, type Route } from "../route.ts";
import { CopyLine, Verdict } from "../runs/verdict.tsx";
import { News, Waiting } from "./news.tsx";
import { Palette } from "./palette.tsx";
import { begin, carriedOut, film, isServerGone, run, token, trouble, whyNot } from "./session.ts";
import { StartForm } from "./startForm.tsx";
import { SteerButtons } from "./steerButtons.tsx";
import { Watch } from "./watch.tsx";

/** How often words and charts are renewed: nobody reads faster. */
const renewMs = 100;

/** Counts on while something may change. */
const useBeat = (isOn: boolean): number => {
  const beat = useSignal(0);
  useEffect(() => {
    if (!isOn) return;
    const timer = setInterval(() => {
      beat.value++;
    }, renewMs);
    return () => clearInterval(timer);
  }, [isOn]);
  return beat.value;
};

const phases = { starting: "starting", running: "on", ending: "ending when all is done", ended: "off" } as const;

const Title = ({ shown, shownFilm }: { readonly shown: LiveRun; readonly shownFilm: Film }) => {
  const { settled, present } = shownFilm;
  const { round } = present;
  const doing = round === null || settled ? "" : `epoch ${round.epoch}: ${round.phase}, ${round.acks} of ${round.of} answered`;
  return (
    <section class="panel row" aria-label="The machine">
      <h2 data-testid="machine">
        {shown.model.name} on {shown.cpus} CPUs
      </h2>
      <span class={`state ${shown.phase}`} data-testid="machine-phase">
        {phases[shown.phase]}
      </span>
      <span class="number" data-testid="round">
        {shown.phase === "ended" ? "" : settled ? "all operations done" : doing}
      </span>
      <span class="quiet">
        {shown.patch} · {shown.workload} · seed {shown.seed} · {shown.hosts} {shown.hosts === 1 ? "process" : "processes"} · {shown.run}
      </span>
    </section>
  );
};

const Steering = ({ shown }: { readonly shown: LiveRun | null }) => {
  const why = whyNot();
  return (
    <section class="panel steering" aria-labelledby="steering-title">
      <h2 id="steering-title">Steer</h2>
      {why !== "" && (
        <p class="doubt" data-testid="why-not">
          {why}
        </p>
      )}
      {trouble.value !== "" && (
        <p class="bad" role="alert" data-testid="trouble">
          {trouble.value}
        </p>
      )}
      <p class="quiet" role="status" data-testid="carried-out">
        {carriedOut.value}
      </p>
      {shown === null || shown.phase === "ended" ? <StartForm canSteer={why === ""} /> : <SteerButtons run={shown} canSteer={why === ""} />}
      <Palette run={shown} canSteer={why === ""} />
    </section>
  );
};

const Again = ({ shown }: { readonly shown: LiveRun }) => (
  <section class="panel" aria-labelledby="again-title">
    <h2 id="again-title">The same from the command line</h2>
    <CopyLine name="Command" line={shown.command} />
    {shown.orders.length > 0 && <p class="quiet">By hand: {shown.orders.join(", ")}.</p>}
    <details>
      <summary>As a scenario file</summary>
      <pre data-testid="scenario">{shown.scenario}</pre>
    </details>
    <p class="quiet">A live run is not the same twice: this gives the same machine and the same faults, not the same timing.</p>
  </section>
);

const Outcome = ({ shown: { summary, error, run: name } }: { readonly shown: LiveRun }) => (
  <>
    {error !== null && (
      <p class="panel bad" role="alert">
        {error}
      </p>
    )}
    {summary !== null && <Verdict summary={summary} />}
    {summary !== null && (
      <p class="panel">
        <a href={addressOf("runs", [name])} data-testid="to-run">
          Go through this run message by message
        </a>
      </p>
    )}
  </>
);

const Machine = ({ shown, shownFilm }: { readonly shown: LiveRun; readonly shownFilm: Film }) => {
  const isOver = shown.phase === "ended";
  const beat = useBeat(!isOver);
  return (
    <>
      <Title shown={shown} shownFilm={shownFilm} />
      {isOver && <Outcome shown={shown} />}
      {shown.phase === "running" && shown.join === null && (
        <p class="panel doubt" data-testid="no-viewers">
          This machine runs on a NATS server that was there before it (QUIESCE_NATS, or <code>nats</code> of the scenario): pages join only
          servers that runs start for themselves, so there is no picture of it while it is on. It can be steered, its verdict comes here,
          and its recording has all.
        </p>
      )}
      {isOver && shownFilm.changes === 0 ? (
        <p class="panel quiet" data-testid="not-there">
          This page was opened when the run was over, and has no picture of it. Its recording has.
        </p>
      ) : (
        <Watch key={shown.run} run={shown} film={shownFilm} beat={beat} />
      )}
      <div class="two">
        <Waiting film={shownFilm} isOver={isOver} />
        <News film={shownFilm} notices={shown.notices} />
      </div>
    </>
  );
};

export const LiveView = (_: { readonly route: Route }) => {
  const started = useRef(false);
  useEffect(() => {
    if (!started.current) begin();
    started.current = true;
  }, []);
  const shown = run.value;
  const shownFilm = film.value;
  return (
    <div class="live" data-steers={token.value !== null}>
      <Steering shown={shown} />
      <div class="live-main">
        {isServerGone.value && (
          <p class="panel doubt" data-testid="server-gone">
            quiesce serve does not answer any more. What was heard of the run stays here.
          </p>
        )}
        {shown === null || shownFilm === null ? (
          <p class="panel" data-testid="nothing-yet">
            No machine has been started yet. Start one here, or look at what has been recorded under Runs.
          </p>
        ) : (
          <>
            <Machine shown={shown} shownFilm={shownFilm} />
            <Again shown={shown} />
          </>
        )}
      </div>
    </div>
  );
};
