// A fold adds facts up to something that a report shows: blame, watchdogs, statistics.
import type { End } from "../protocol/observer.ts";
import type { Handlers } from "./monitor.ts";

export interface Fold<Result> {
  readonly on: readonly Handlers[];
  /** After the last fact. */
  readonly result: (end: End) => Result;
}

/** Reports speak of microseconds. */
export const us = (ns: number): number => ns / 1000;
