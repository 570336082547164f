// The picture of a run that goes on: drawn again in each frame of the screen in which something has changed, and how long that takes.
import { useEffect, useRef } from "preact/hooks";
import type { Film } from "../../../shared/page/film.ts";
import { Painter } from "../canvas/paint.ts";
import { scheme } from "../canvas/scheme.ts";
import { frameOf, type Sight } from "./window.ts";

/** The last so many drawings, in ms. */
const kept = 240;

/** Between two frames of a screen: what takes less than a part of it is drawn in each. */
const screenMs = 16;

/** A drawing that takes long leaves twice its time to the rest of the page. */
const share = 2;

export class DrawingTimes {
  private readonly all: number[] = [];

  add(ms: number): void {
    this.all.push(ms);
    if (this.all.length > kept) this.all.shift();
  }

  /** The one that 95 of 100 do not exceed. */
  get usualMost(): number {
    return this.all.toSorted((a, b) => a - b)[Math.floor(0.95 * (this.all.length - 1))] ?? 0;
  }
}

interface Props {
  readonly film: Film;
  readonly sight: Sight;
  readonly times: DrawingTimes;
  readonly label: string;
}

export const Picture = ({ film, sight, times, label }: Props) => {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const { current } = canvas;
    if (current === null) return;
    const painter = new Painter(current);
    let drawn = "";
    let asked = 0;
    let nextAt = 0;
    const paint = (): void => {
      asked = requestAnimationFrame(paint);
      if (performance.now() < nextAt) return;
      // An operation that is over stays as it is while time goes on.
      const moving = sight === "operation" && !film.present.waits ? 0 : film.at;
      const is = `${film.changes} ${moving} ${scheme.value} ${current.clientWidth}`;
      if (is === drawn) return;
      drawn = is;
      const before = performance.now();
      painter.paint({ recording: film.recording(), frame: frameOf(sight, film), at: film.at, chosen: null, scheme: scheme.value });
      const tookMs = performance.now() - before;
      nextAt = before + (1 + share) * tookMs - screenMs;
      times.add(tookMs);
    };
    paint();
    return () => cancelAnimationFrame(asked);
  }, [film, sight, times]);
  return <canvas ref={canvas} class="cpu-time" role="img" aria-label={label} data-testid="live-picture" />;
};
