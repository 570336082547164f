// Draws progress over itself on a terminal's stderr, a few times a second.
import { writeSync } from "node:fs";
import { CpuStates } from "../../../shared/report/cpuStates.ts";
import { type ProgressOptions, progressLines } from "../../../shared/report/progressText.ts";

/** Often enough to look alive, seldom enough to cost nothing. */
const pauseMs = 80;

const stderr = 2;

export class Progress {
  readonly states: CpuStates;
  private readonly options: ProgressOptions;
  private readonly startedAt = performance.now();
  private drawnAt = 0;
  private drawn = 0;

  constructor(options: ProgressOptions) {
    this.options = options;
    this.states = new CpuStates(options.cpus);
  }

  /** Draws if it is time to. */
  tick(): void {
    const now = performance.now();
    if (now - this.drawnAt < pauseMs) return;
    this.drawnAt = now;
    const lines = progressLines(this.states, now - this.startedAt, this.options);
    // At once, because a synchronous engine does not return to the event loop in between.
    writeSync(stderr, `${this.back()}${lines.map((line) => `${line}\n`).join("")}`);
    this.drawn = lines.length;
  }

  /** Leaves the terminal as it was. */
  clear(): void {
    writeSync(stderr, this.back());
    this.drawn = 0;
  }

  /** To where the last drawing began, with everything after it erased. */
  private back(): string {
    return this.drawn === 0 ? "" : `\u001b[${this.drawn}A\u001b[0J`;
  }
}
