// Who is told of requests: what engines hand answered requests and the ends of lives to.
import type { RequestCounts } from "./requests.ts";

/** One life of a CPU, as its requests saw it. */
export interface LifeEnd extends RequestCounts {
  readonly cpu: number;
  /** The number of the first request that could have come to it. */
  readonly first: number;
  readonly at: number;
  /** It died; else it lives on beyond the end of the run. */
  readonly died: boolean;
}

export interface RequestSink {
  /** `count` rows of `shared/kernel/requests/log.ts`, to be read at once. All facts before the last of them have been announced. */
  readonly answered: (cpu: number, rows: Float64Array, count: number) => void;
  readonly lifeEnded: (end: LifeEnd) => void;
}
