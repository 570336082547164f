// How somebody goes through a run: play, step, speed, and a scrubber with marks where faults struck and promises broke.
import { timeText } from "../../../shared/page/frame.ts";
import { bandAt, type Mark } from "../../../shared/page/recording.ts";
import { type Playback, speeds } from "../canvas/playback.ts";

/** `10 us each second (1 : 100 000)`. */
const speedText = (nsASecond: number): string => {
  const ratio = 1e9 / nsASecond;
  return `${timeText(nsASecond)} each second (1 : ${ratio.toLocaleString("en-US").replaceAll(",", " ")})`;
};

const scrubberSteps = 10_000;

const MarkButton = ({ playback, mark }: { readonly playback: Playback; readonly mark: Mark }) => (
  <button
    type="button"
    class={`mark ${mark.is}`}
    style={{ left: `${(100 * mark.at) / Math.max(1, playback.recording.endNs)}%` }}
    title={`${mark.is} at ${timeText(mark.at)}: ${mark.text}`}
    aria-label={`Go to the ${mark.is} at ${timeText(mark.at)}: ${mark.text}`}
    data-testid={`mark-${mark.is}`}
    onClick={() => playback.seek(mark.at)}
  />
);

/** More would be a stripe. Violations come first: there are few of them, and they matter most. */
const mostMarks = 200;

const marksShown = ({ recording: { marks } }: Playback): readonly Mark[] =>
  [...marks.filter(({ is }) => is === "violation"), ...marks.filter(({ is }) => is === "fault")].slice(0, mostMarks);

const Scrubber = ({ playback }: { readonly playback: Playback }) => {
  const { recording, at } = playback;
  const { marks, endNs } = recording;
  const shown = marksShown(playback);
  return (
    <div class="scrubber">
      <input
        type="range"
        min={0}
        max={scrubberSteps}
        value={Math.round((scrubberSteps * at.value) / Math.max(1, endNs))}
        aria-label="Time in the run"
        aria-valuetext={timeText(at.value)}
        data-testid="scrubber"
        onInput={({ currentTarget }) => {
          playback.pause();
          playback.seek((Number(currentTarget.value) * endNs) / scrubberSteps);
        }}
      />
      <div class="marks">
        {shown.map((mark, i) => (
          <MarkButton key={i} playback={playback} mark={mark} />
        ))}
      </div>
      {shown.length < marks.length && (
        <p class="quiet">
          {shown.length} of {marks.length} marks shown
        </p>
      )}
    </div>
  );
};

export const Controls = ({ playback }: { readonly playback: Playback }) => {
  const { recording, at, isPlaying, speed } = playback;
  const band = bandAt(recording.bands, at.value);
  return (
    <div class="controls">
      <div class="row">
        <button type="button" onClick={() => playback.step(-1)} aria-keyshortcuts="ArrowLeft" data-testid="step-back">
          ◀ step
        </button>
        <button type="button" class="first" onClick={() => playback.toggle()} aria-keyshortcuts="Space" data-testid="play">
          {isPlaying.value ? "Pause" : "Play"}
        </button>
        <button type="button" onClick={() => playback.step(1)} aria-keyshortcuts="ArrowRight" data-testid="step">
          step ▶
        </button>
        <output class="number time" data-testid="time">
          {timeText(at.value)} of {timeText(recording.endNs)}
        </output>
        <span class="quiet" data-testid="phase">
          {band === undefined ? "between rounds" : `epoch ${band.epoch}: ${band.phase}`}
        </span>
        <label class="speed">
          <span class="quiet">Speed </span>
          <select
            value={String(speed.value)}
            data-testid="speed"
            onChange={({ currentTarget }) => {
              speed.value = Number(currentTarget.value);
            }}
          >
            {speeds.map((each) => (
              <option key={each} value={String(each)}>
                {speedText(each)}
              </option>
            ))}
          </select>
        </label>
      </div>
      <Scrubber playback={playback} />
    </div>
  );
};

/** In a run that is under way: what comes next is not known, and what was is not kept moment by moment. */
export const NoSteps = ({ why }: { readonly why: string }) => (
  <span class="row" data-testid="no-steps">
    <button type="button" disabled title={why}>
      ◀ step
    </button>
    <button type="button" disabled title={why}>
      step ▶
    </button>
    <span class="quiet">{why}</span>
  </span>
);
