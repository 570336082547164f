// The progress of a study in one line: how far, how fast, how many failures, and how long it will take.

export interface StudyProgress {
  readonly done: number;
  readonly of: number;
  /** Runs of this process, and for how long it has been at it. */
  readonly doneNow: number;
  readonly elapsedMs: number;
  readonly failed: number;
  readonly columns: number;
}

const cells = 24;

const secondsText = (seconds: number): string =>
  seconds < 100 ? `${Math.round(seconds)} s` : seconds < 6_000 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;

export const studyLine = ({ done, of, doneNow, elapsedMs, failed, columns }: StudyProgress): string => {
  const filled = of === 0 ? cells : Math.floor((cells * done) / of);
  const rate = elapsedMs > 0 ? (doneNow / elapsedMs) * 1000 : 0;
  const left = rate > 0 ? `ETA ${secondsText((of - done) / rate)}` : "ETA unknown";
  const line = `  [${"#".repeat(filled)}${"-".repeat(cells - filled)}] ${done} of ${of} runs   ${Math.round(rate)}/s   ${failed} failed   ${left}`;
  return line.slice(0, Math.max(1, columns - 1));
};
