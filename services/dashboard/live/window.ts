// Which stretch of a live run is in sight: the operation that goes on or was last, the last two seconds, or everything.
import type { Frame } from "../../../shared/page/raster.ts";
import type { Band } from "../../../shared/page/recording.ts";

export const sights = { operation: "last operation", recent: "last 2 s", all: "all" } as const;
export type Sight = keyof typeof sights;

const recentNs = 2e9;
/** An operation of a few CPUs is over in less, and would be drawn larger than it is read. */
const leastNs = 20e6;

/** What of a run decides what is in sight. */
interface Extent {
  readonly cpus: number;
  readonly endNs: number;
  readonly bands: readonly Band[];
}

/** From when to when. */
const spanOf = (sight: Sight, { bands, endNs }: Extent): readonly [number, number] => {
  if (sight === "all") return [0, endNs];
  if (sight === "recent") return [endNs - recentNs, endNs];
  const last = bands.at(-1);
  if (last === undefined) return [endNs - recentNs, endNs];
  const first = bands.find(({ epoch }) => epoch === last.epoch) ?? last;
  const until = Math.min(endNs, last.until);
  const margin = Math.max(leastNs, until - first.from) / 12;
  return [first.from - margin, Math.max(until, first.from + leastNs) + margin];
};

export const frameOf = (sight: Sight, extent: Extent): Frame => {
  const [from, to] = spanOf(sight, extent);
  const fromNs = Math.max(0, from);
  return { fromNs, toNs: Math.max(to, fromNs + 1e6), firstCpu: 0, cpus: extent.cpus };
};
