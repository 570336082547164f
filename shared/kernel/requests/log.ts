// The log of requests that a CPU has answered: rows of numbers, taken out by the engine from time to time.

/** The columns of a row. Times are absolute ns; what follows them are parts, in ns, of the time from `intended` to `done`. */
export const column = {
  /** Its number among the arrivals of its CPU, from 0. */
  id: 0,
  /** When it arrived by plan. */
  intended: 1,
  /** When a server took it up. */
  taken: 2,
  /** When its server asked for the next one. */
  done: 3,
  /** The CPU was stopped. */
  stopped: 4,
  /** It waited while tasks were being held, or its server was held. */
  held: 5,
  /** The CPU waited for another one's answer. */
  spun: 6,
  /** Work of its server that a fake signal caused: the way out of a call, and in again. */
  redone: 7,
} as const;

export const rowLength = 8;

/** Rows lie one behind the other. */
export interface RequestLog {
  rows: Float64Array;
  count: number;
}

/** Rows of one CPU that wait to be taken out: an engine that lets them grow beyond has forgotten to. */
const mostRows = 1 << 22;

export const emptyLog = (): RequestLog => ({ rows: new Float64Array(64 * rowLength), count: 0 });

/** The index in `rows` of a new row. */
export const addRow = (log: RequestLog): number => {
  if (log.count === mostRows) throw new Error(`${mostRows} answered requests of one CPU wait for the engine`);
  const at = log.count++ * rowLength;
  if (at === log.rows.length) {
    const grown = new Float64Array(2 * log.rows.length);
    grown.set(log.rows);
    log.rows = grown;
  }
  return at;
};
