// What the colours mean, and how many CPUs are at what at the time that is looked at.
import { useComputed } from "@preact/signals";
import { colourOf, shownOf, statesShown } from "../../../shared/page/look.ts";
import { census } from "../../../shared/page/recording.ts";
import type { Playback } from "./playback.ts";
import { scheme } from "./scheme.ts";

export const Legend = ({ playback }: { readonly playback: Playback }) => {
  const counts = useComputed(() => {
    const shown = new Map(statesShown.map((state) => [state, 0]));
    for (const [code, count] of census(playback.recording, playback.at.value).entries())
      shown.set(shownOf(code), (shown.get(shownOf(code)) ?? 0) + count);
    return shown;
  });
  return (
    <ul class="legend" aria-label="States, and how many CPUs are in each" data-testid="legend">
      {statesShown.map((state) => (
        <li key={state} class={counts.value.get(state) === 0 ? "none" : ""}>
          <span class="swatch" style={{ background: colourOf(state, scheme.value) }} />
          {state} <b class="number">{counts.value.get(state)}</b>
        </li>
      ))}
    </ul>
  );
};
