// What happens around the time that is looked at, line by line.
import { actorName, isCoordinator } from "../../../shared/machine/machine.ts";
import { timeText } from "../../../shared/page/frame.ts";
import { countUpTo } from "../../../shared/page/recording.ts";
import { useDerived } from "../canvas/derived.ts";
import type { Playback } from "../canvas/playback.ts";

/** Lines before and after the one that is looked at. */
const around = 9;

const nameOf = (actor: number): string => (isCoordinator(actor) ? actorName(actor) : `cpu ${actor}`);

export const Happenings = ({ playback }: { readonly playback: Playback }) => {
  const { recording, at } = playback;
  const { lines, texts } = recording;
  const place = useDerived(playback, () => countUpTo(lines.at, at.value) - 1);
  const from = Math.max(0, Math.min(place.value - around, lines.at.length - 2 * around - 1));
  const count = Math.min(lines.at.length - from, 2 * around + 1);
  return (
    <section class="panel" aria-labelledby="happenings-title">
      <h2 id="happenings-title">What happens</h2>
      <ol class="happenings" data-testid="happenings">
        {Array.from({ length: count }, (_, i) => {
          const line = from + i;
          const time = lines.at[line] as number;
          return (
            <li key={line} aria-current={line === place.value ? "step" : undefined} class={line > place.value ? "later" : ""}>
              <button type="button" onClick={() => playback.seek(time)}>
                <span class="number">{timeText(time)}</span> <b>{nameOf(lines.actor[line] as number)}</b>{" "}
                {texts[lines.text[line] as number]}
              </button>
            </li>
          );
        })}
      </ol>
    </section>
  );
};
