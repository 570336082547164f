// What the tracer added to every duration, found in the log itself: calls that cost almost nothing natively are its yardstick.
import { trivial } from "./calls.ts";
import { quantile, Sample } from "./sample.ts";

/** What to take off a log's durations, and what remains uncertain after that. */
export interface Overhead {
  /** Added to a call between its entry and its exit. */
  readonly callNs: number;
  /** Added between two calls of a thread. */
  readonly gapNs: number;
  /** A call longer than `callNs`, or a gap longer than `gapNs`, by no more than this cannot be told from a short one. */
  readonly resolutionNs: number;
  /** Where `callNs` comes from. */
  readonly from: "option" | "log" | "default";
}

/** Fewer yardsticks than this say nothing. */
const enough = 50;

/** For a log without them: the same on an idle 2-CPU AMD EPYC machine with strace 6.1 and getppid, 100,000 times. */
const fallback = { callNs: 7_000, gapNs: 22_000, resolutionNs: 5_000 };

/** Natively a trivial call takes 0.17 us on CPU (own measurement: getppid). */
const trivialNs = 170;

/** Collects the yardsticks of a log. */
export class Calibration {
  private readonly calls = new Sample("calibration-calls");
  private readonly gaps = new Sample("calibration-gaps");

  add(name: string, tookNs: number | undefined, gapNs: number | undefined): void {
    if (tookNs !== undefined && trivial.has(name)) this.calls.add(tookNs);
    if (gapNs !== undefined) this.gaps.add(gapNs);
  }

  /** `overheadNs` and `gapOverheadNs` replace what the log says where they are given. */
  overhead(overheadNs: number | undefined, gapOverheadNs: number | undefined): Overhead {
    const calls = this.calls.ascending();
    const gaps = this.gaps.ascending();
    const measured = calls.length >= enough;
    const middle = measured ? quantile(calls, 0.5) - trivialNs : fallback.callNs;
    const callNs = overheadNs ?? Math.max(0, middle);
    const spread = quantile(calls, 0.99) - callNs;
    // Most gaps of most programs are a microsecond or two, far below what the tracer adds: the middle one is the tracer's.
    const gapNs = gapOverheadNs ?? (gaps.length >= enough ? quantile(gaps, 0.5) : fallback.gapNs);
    return {
      callNs,
      gapNs,
      resolutionNs: measured ? Math.max(1_000, spread) : fallback.resolutionNs,
      from: overheadNs !== undefined ? "option" : measured ? "log" : "default",
    };
  }
}
