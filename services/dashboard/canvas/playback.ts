// Where somebody is in a run: the time that is looked at, what of the run is in sight, which CPU is chosen, and whether time goes on.
import { type Signal, signal } from "@preact/signals";
import { eventfulOf, showing } from "../../../shared/page/frame.ts";
import type { Frame } from "../../../shared/page/raster.ts";
import { type Recording, stepFrom } from "../../../shared/page/recording.ts";

/** How many ns of the run pass in a second of the reader. */
export const speeds = [1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9] as const;

/** To the end in about this long, by itself. */
const usualSeconds = 15;

export class Playback {
  readonly recording: Recording;
  readonly at: Signal<number>;
  readonly frame: Signal<Frame>;
  readonly speed: Signal<number>;
  readonly isPlaying = signal(false);
  readonly chosen = signal<number | null>(null);
  private drawnAt = 0;

  /** Without a time it begins where there is something to see. */
  constructor(recording: Recording, at?: number, before?: Playback) {
    this.recording = recording;
    this.frame = signal(eventfulOf(recording, recording.bands));
    this.at = signal(Math.min(at ?? this.frame.value.fromNs, recording.endNs));
    this.speed = signal<number>(speeds.find((speed) => speed * usualSeconds >= recording.endNs) ?? 1e9);
    if (before !== undefined) this.chosen.value = before.chosen.value;
  }

  /** Shows this time. */
  seek(at: number): void {
    this.at.value = Math.max(0, Math.min(this.recording.endNs, at));
    this.frame.value = showing(this.frame.value, this.recording, this.at.value);
  }

  /** To the next moment at which something happens, or the one before. */
  step(direction: 1 | -1): void {
    this.pause();
    const next = stepFrom(this.recording.lines, this.at.value, direction);
    if (next !== undefined) this.seek(next);
  }

  toggle(): void {
    if (this.isPlaying.value) this.pause();
    else this.play();
  }

  pause(): void {
    this.isPlaying.value = false;
  }

  private play(): void {
    if (this.at.value >= this.recording.endNs) this.seek(0);
    this.isPlaying.value = true;
    this.drawnAt = performance.now();
    requestAnimationFrame(this.goOn);
  }

  private readonly goOn = (now: number): void => {
    if (!this.isPlaying.value) return;
    const seconds = Math.max(0, now - this.drawnAt) / 1000;
    this.drawnAt = now;
    this.seek(this.at.value + seconds * this.speed.value);
    if (this.at.value >= this.recording.endNs) this.pause();
    else requestAnimationFrame(this.goOn);
  };
}
