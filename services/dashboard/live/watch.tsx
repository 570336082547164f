// The picture with what belongs to it: follow or stand still, how much is in sight, charts over the same time. Space stands still and follows.
import { useSignal } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";
import type { Film } from "../../../shared/page/film.ts";
import { leftOutText } from "../../../shared/page/leftOut.ts";
import { lossesText } from "../../../shared/page/losses.ts";
import type { LiveRun } from "../../serve/api.ts";
import { CpuTime } from "../canvas/cpuTime.tsx";
import { goByKey, isTakenBy } from "../canvas/keys.ts";
import { Legend, StateCounts } from "../canvas/legend.tsx";
import { Playback } from "../canvas/playback.ts";
import { scheme } from "../canvas/scheme.ts";
import { Controls, NoSteps } from "../runs/controls.tsx";
import { Chart } from "./charts.tsx";
import { DrawingTimes, Picture } from "./picture.tsx";
import { frameOf, type Sight, sights } from "./window.ts";

/** Wherever on the page somebody is. Of a run that is over space means what it means in every other recording. */
const useSpace = (isOn: boolean, act: () => void): void => {
  const latest = useRef(act);
  latest.current = act;
  useEffect(() => {
    if (!isOn) return;
    const onKey = (event: KeyboardEvent): void => {
      if (event.key !== " " || event.altKey || event.ctrlKey || event.metaKey || isTakenBy(event.target, " ")) return;
      event.preventDefault();
      latest.current();
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, [isOn]);
};

/** The film so far, to look about in; what is in sight stays in sight. */
const stillOf = (film: Film, sight: Sight): Playback => {
  const recording = film.recording();
  const still = new Playback(recording, recording.endNs);
  still.frame.value = frameOf(sight, recording);
  still.at.value = Math.min(recording.endNs, still.frame.value.toNs);
  return still;
};

const Sights = ({ sight, choose }: { readonly sight: Sight; readonly choose: (sight: Sight) => void }) => (
  <fieldset class="row sights">
    <legend class="unseen">How much is in sight</legend>
    {Object.entries(sights).map(([name, title]) => (
      <label key={name}>
        <input type="radio" name="sight" checked={name === sight} onChange={() => choose(name as Sight)} data-testid={`sight-${name}`} />{" "}
        {title}
      </label>
    ))}
  </fieldset>
);

interface Props {
  readonly run: LiveRun;
  readonly film: Film;
  /** Counts on as time goes on. */
  readonly beat: number;
}

export const Watch = ({ run, film, beat }: Props) => {
  const sight = useSignal<Sight>("operation");
  const isPaused = useSignal(false);
  const times = useMemo(() => new DrawingTimes(), []);
  const stands = isPaused.value || run.phase === "ended";
  const still = useMemo(() => (stands ? stillOf(film, sight.value) : null), [stands, film, sight.value, run.phase === "ended"]);
  const toggle = (): void => {
    isPaused.value = !isPaused.value;
  };
  const isOver = run.phase === "ended";
  useSpace(!isOver, toggle);
  const onKey = (event: KeyboardEvent): void => {
    if (still !== null && (isOver || event.key !== " ") && goByKey(still, event)) event.preventDefault();
  };
  const label = `${run.cpus} CPUs against time, ${run.model.name}`;
  const frame = still?.frame.value ?? frameOf(sight.value, film);
  return (
    <section class="panel watch" aria-label="Picture" data-beat={beat} onKeyDown={onKey}>
      <div class="row">
        <button type="button" class="first" disabled={isOver} onClick={toggle} aria-keyshortcuts="Space" data-testid="pause">
          {stands ? "Follow" : "Stand still"}
        </button>
        <Sights
          sight={sight.value}
          choose={(next) => {
            sight.value = next;
          }}
        />
        <span class="quiet number" data-testid="drawing-time">
          {stands ? "" : `drawn in ${times.usualMost.toFixed(1)} ms`}
        </span>
        <span class="quiet" data-testid="losses">
          {lossesText(film.losses)}
        </span>
        <span class="doubt">{leftOutText(film.leftOut)}</span>
      </div>
      {still === null ? (
        <>
          <StateCounts counts={film.present.counts.slice()} hasUnknown />
          <Picture film={film} sight={sight.value} times={times} label={label} />
          <NoSteps why="The run goes on: stand still to step through what has been." />
        </>
      ) : (
        <>
          <Legend playback={still} />
          <CpuTime playback={still} label={label} />
          <Controls playback={still} />
        </>
      )}
      <div class="two">
        <Chart what="census" title="CPUs in each state" film={film} frame={frame} scheme={scheme.value} />
        <Chart what="traffic" title="Messages each millisecond" film={film} frame={frame} scheme={scheme.value} />
      </div>
    </section>
  );
};
