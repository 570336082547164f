// Who says what to whom in the stretch of time that is in sight: arrows on a true axis of time, lost ones with a cross.
import { useRef } from "preact/hooks";
import { fates } from "../../../shared/page/recording.ts";
import { useDerived } from "./derived.ts";
import { heightOf, paintTrips, shownOf, type TripPicture } from "./paintTrips.ts";
import type { Playback } from "./playback.ts";
import { useRepaint } from "./repaint.ts";
import { scheme } from "./scheme.ts";

const pictureOf = ({ recording, frame, at, chosen }: Playback): TripPicture => ({
  recording,
  frame: frame.value,
  at: at.value,
  chosen: chosen.value,
  scheme: scheme.value,
});

/** By what became of them, those that did not simply arrive. */
const exceptionsIn = ({ recording }: Playback, trips: readonly number[]): string => {
  const counts = new Map<string, number>();
  for (const trip of trips) {
    const fate = fates[recording.trips.fate[trip] as number] as string;
    if (fate !== "arrived") counts.set(fate, (counts.get(fate) ?? 0) + 1);
  }
  return [...counts].map(([fate, count]) => `, ${count} ${fate === "again" ? "said again" : fate === "copy" ? "copies" : fate}`).join("");
};

export const SpaceTime = ({ playback }: { readonly playback: Playback }) => {
  const canvas = useRef<HTMLCanvasElement>(null);
  const shown = useDerived(playback, () => {
    const { recording, frame, chosen } = playback;
    // The time that is looked at moves a line, and chooses no message.
    return shownOf({ recording, frame: frame.value, at: 0, chosen: chosen.value, scheme: "light" });
  });
  useRepaint(canvas, playback, (current) => () => paintTrips(current, pictureOf(playback), shown.value));
  const { trips, of } = shown.value;
  const told = `${trips.length} of ${of} messages in sight${exceptionsIn(playback, trips)}`;
  return (
    <section class="panel" aria-labelledby="messages-title">
      <h2 id="messages-title">Messages</h2>
      <p class="quiet" data-testid="messages-shown">
        {told}. Dashed with a cross: never received; thick: said again; double: a copy.
      </p>
      <canvas ref={canvas} style={{ height: `${heightOf(shown.value)}px` }} role="img" aria-label={told} data-testid="space-time" />
    </section>
  );
};
