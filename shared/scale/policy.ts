// How often the runs of a cell are repeated: at least so often, and until its interval is tight or enough is enough.
import { type Estimate, estimate } from "../stats/estimate.ts";

export interface Policy {
  /** Runs of every cell. */
  readonly least: number;
  /** Runs of a cell that does not get tight. The same as `least` where nothing is asked of intervals. */
  readonly most: number;
  /** Half the width of the median's 95 % interval over the median, at which a cell is tight; null: nobody asks. */
  readonly untilCi: number | null;
}

/** Of fewer values the ends of a 95 % interval of the median are not within the sample (2 * 0.5^5 is 6 %, and of six 3 %). */
export const leastForIntervals = 5;

/** Each look has half as many runs again as the one before. */
const growth = 1.5;

/**
 * After how many runs a cell is looked at. Few looks, whose places do not depend on what is seen or on how many run side by side: so
 * the same sweep stops at the same run for ever, and to stop when it looks good is less of a bias than after every run.
 */
export const looksOf = ({ least, most }: Policy): readonly number[] => {
  const looks: number[] = [];
  for (let look = least; look < most; look = Math.ceil(look * growth)) looks.push(look);
  return [...looks, most];
};

/** Half of the interval's width over the median; null where there is no interval. Of a median of 0 it is 0 if all is 0. */
export const relativeHalfWidth = ({ median, low, high }: Estimate): number | null => {
  if (low === null || high === null) return null;
  if (high === low) return 0;
  return median === 0 ? null : (high - low) / 2 / Math.abs(median);
};

/** Of one value for each run; null where a run had nothing to measure. A cell in which no run had is never tight. */
export const isTight = ({ untilCi }: Policy, values: ReadonlyArray<number | null>): boolean => {
  const measured = values.filter((value) => value !== null);
  if (untilCi === null || measured.length < leastForIntervals) return false;
  const width = relativeHalfWidth(estimate(measured, "until-ci"));
  return width !== null && width <= untilCi;
};

/** How many runs a cell wants, from what its runs gave in the order of their seeds; undefined for one that has not ended. */
export const runsWanted = (policy: Policy, values: ReadonlyArray<number | null | undefined>): number => {
  for (const look of looksOf(policy)) {
    const seen = values.slice(0, look).filter((value) => value !== undefined);
    if (seen.length < look || isTight(policy, seen)) return look;
  }
  return policy.most;
};
