// A run to go through: its picture, its controls, its messages, what happens line by line. Space plays and pauses, arrows step.
import "./player.css";
import { leftOutText } from "../../../shared/page/leftOut.ts";
import { CpuTime } from "../canvas/cpuTime.tsx";
import { goByKey } from "../canvas/keys.ts";
import { Legend } from "../canvas/legend.tsx";
import type { Playback } from "../canvas/playback.ts";
import { SpaceTime } from "../canvas/spaceTime.tsx";
import { Controls } from "./controls.tsx";
import { Happenings } from "./happenings.tsx";

const onKey = (playback: Playback, event: KeyboardEvent): void => {
  if (goByKey(playback, event)) event.preventDefault();
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
