// Keys that go through a run: space plays and pauses, arrows step, Home and End.
import type { Playback } from "./playback.ts";

/** Keys mean something else where something is typed or chosen, and space presses a button. */
export const isTakenBy = (target: EventTarget | null, key: string): boolean => {
  if (!(target instanceof HTMLElement)) return false;
  if (target.matches("input, select, textarea")) return true;
  return key === " " && target.matches("button, a, summary");
};

/** True if it was one that goes through the run. */
export const goByKey = (playback: Playback, { key, target, altKey, ctrlKey, metaKey, shiftKey }: KeyboardEvent): boolean => {
  if (altKey || ctrlKey || metaKey || shiftKey || isTakenBy(target, key)) return false;
  if (key === " ") playback.toggle();
  else if (key === "ArrowLeft") playback.step(-1);
  else if (key === "ArrowRight") playback.step(1);
  else if (key === "Home") playback.seek(0);
  else if (key === "End") playback.seek(playback.recording.endNs);
  else return false;
  return true;
};
