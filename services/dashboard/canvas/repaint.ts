// When a picture of what is played back is drawn: whenever anything of it changes, once a frame at most.
import { effect } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { Playback } from "./playback.ts";
import { scheme } from "./scheme.ts";

/** `painterOf` is asked once for each canvas and playback, and gives what draws the picture as it is then. */
export const useRepaint = (
  canvas: { readonly current: HTMLCanvasElement | null },
  playback: Playback,
  painterOf: (canvas: HTMLCanvasElement) => () => void,
): void => {
  useEffect(() => {
    const { current } = canvas;
    if (current === null) return;
    const painter = painterOf(current);
    let asked = 0;
    const paint = (): void => {
      asked = 0;
      painter();
    };
    const dirty = (): void => {
      asked ||= requestAnimationFrame(paint);
    };
    const stop = effect(() => {
      for (const each of [playback.frame, playback.at, playback.chosen, scheme]) each.value;
      dirty();
    });
    const size = new ResizeObserver(dirty);
    size.observe(current);
    return () => {
      stop();
      size.disconnect();
      cancelAnimationFrame(asked);
    };
  }, [playback]);
};
