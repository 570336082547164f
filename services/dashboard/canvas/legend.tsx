// What the colours mean, and how many CPUs are at what.
import { colourOf, hatchOf, type StateShown, shownOf, statesShown, unknown } from "../../../shared/page/look.ts";
import { census } from "../../../shared/page/recording.ts";
import { useDerived } from "./derived.ts";
import type { Playback } from "./playback.ts";
import { scheme } from "./scheme.ts";

/** Adds up what is shown as the same; `counts` are in the order of `pageStates`. */
const shownCounts = (counts: Uint32Array): ReadonlyMap<StateShown, number> => {
  const shown = new Map(statesShown.map((state) => [state, 0]));
  for (const [code, count] of counts.entries()) shown.set(shownOf(code), (shown.get(shownOf(code)) ?? 0) + count);
  return shown;
};

const swatchOf = (state: StateShown): string => {
  const colour = colourOf(state, scheme.value);
  return state === unknown ? `repeating-linear-gradient(-45deg, ${colour} 0 2px, ${hatchOf(scheme.value)} 2px 4px)` : colour;
};

interface Props {
  readonly counts: Uint32Array;
  /** Only a page that was opened late, or that had to leave something out, has CPUs of which it knows nothing. */
  readonly hasUnknown: boolean;
}

export const StateCounts = ({ counts, hasUnknown }: Props) => {
  const shown = shownCounts(counts);
  return (
    <ul class="legend" aria-label="States, and how many CPUs are in each" data-testid="legend">
      {statesShown
        .filter((state) => state !== unknown || hasUnknown)
        .map((state) => (
          <li key={state} class={shown.get(state) === 0 ? "none" : ""}>
            <span class="swatch" style={{ background: swatchOf(state) }} />
            {state} <b class="number">{shown.get(state)}</b>
          </li>
        ))}
    </ul>
  );
};

/** At the time that is looked at. */
export const Legend = ({ playback }: { readonly playback: Playback }) => {
  const { recording, at } = playback;
  const counts = useDerived(playback, () => census(recording, at.value));
  return (
    <StateCounts counts={counts.value} hasUnknown={shownOf(recording.spans.before) === unknown || recording.leftOut.counts.states > 0} />
  );
};
