// A run to go through: its picture, its controls, its messages, what happens line by line. Space plays and pauses, arrows step.
import "./player.css";
import { leftOutText } from "../../../shared/page/leftOut.ts";
import { CpuTime } from "../canvas/cpuTime.tsx";
import { Legend } from "../canvas/legend.tsx";
import type { Playback } from "../canvas/playback.ts";
import { SpaceTime } from "../canvas/spaceTime.tsx";
import { Controls } from "./controls.tsx";
import { Happenings } from "./happenings.tsx";

/** Keys mean something else where something is typed or chosen, and space presses a button. */
const isTakenBy = (target: EventTarget | null, key: string): boolean => {
  if (!(target instanceof HTMLElement)) return false;
  if (target.matches("input, select, textarea")) return true;
  return key === " " && target.matches("button, a, summary");
};

const onKey = (playback: Playback, event: KeyboardEvent): void => {
  const { key, target } = event;
  if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey || isTakenBy(target, key)) return;
  if (key === " ") playback.toggle();
  else if (key === "ArrowLeft") playback.step(-1);
  else if (key === "ArrowRight") playback.step(1);
  else if (key === "Home") playback.seek(0);
  else if (key === "End") playback.seek(playback.recording.endNs);
  else return;
  event.preventDefault();
};

export const Player = ({ playback, title }: { readonly playback: Playback; readonly title: string }) => (
  // biome-ignore lint/a11y/noStaticElementInteractions: keys work wherever in the player the focus is; everything has its button too.
  <div class="player" onKeyDown={(event) => onKey(playback, event)} data-testid="player">
    <section class="panel" aria-labelledby="picture-title">
      <h2 id="picture-title">{title}</h2>
      <Legend playback={playback} />
      <CpuTime playback={playback} label={title} />
      <Controls playback={playback} />
      <p class="doubt" data-testid="left-out">
        {leftOutText(playback.recording.leftOut)}
      </p>
    </section>
    <div class="beside">
      <SpaceTime playback={playback} />
      <Happenings playback={playback} />
    </div>
  </div>
);
