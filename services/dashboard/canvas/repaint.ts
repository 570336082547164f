// When a picture of what is played back is drawn: whenever anything of it changes, once a frame at most.
import { useSignalEffect } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { Playback } from "./playback.ts";
import { scheme } from "./scheme.ts";

/** `painterOf` is asked once for each canvas and playback, and gives what draws the picture as it is then. */
export const useRepaint = (
  canvas: { readonly current: HTMLCanvasElement | null },
  playback: Playback,
  painterOf: (canvas: HTMLCanvasElement) => () => void,
): void => {
  const dirty = useRef(() => {});
  useEffect(() => {
    const { current } = canvas;
    if (current === null) return;
    const painter = painterOf(current);
    let asked = 0;
    const paint = (): void => {
      asked = 0;
      painter();
    };
    dirty.current = () => {
      asked ||= requestAnimationFrame(paint);
    };
    dirty.current();
    const size = new ResizeObserver(dirty.current);
    size.observe(current);
    return () => {
      size.disconnect();
      cancelAnimationFrame(asked);
    };
  }, [playback]);
  useSignalEffect(() => {
    for (const each of [playback.frame, playback.at, playback.chosen, scheme]) each.value;
    dirty.current();
  });
};
