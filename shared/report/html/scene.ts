// Which part of a run is worth a picture: the epoch of its first broken promise, else the one with most trouble, else the last.
import type { Summary } from "../summary.ts";
import type { Scene } from "./film.ts";

type Rounds = Summary["phases"];

interface EpochSeen {
  readonly epoch: number;
  readonly fromUs: number;
  readonly toUs: number;
  /** What was said again or came late, and rounds that never ended. */
  readonly trouble: number;
}

/** Epochs by their rounds. One whose last round never ended lasts until the next begins, or as long as it had lasted when it was last heard of. */
const epochsOf = (phases: Rounds): readonly EpochSeen[] => {
  const epochs = [...Map.groupBy(phases, ({ epoch }) => epoch)].map(([epoch, rounds]) => ({
    epoch,
    fromUs: Math.min(...rounds.map(({ startUs }) => startUs)),
    endedUs: Math.max(...rounds.map(({ startUs, endUs }) => endUs ?? startUs)),
    isOpen: rounds.at(-1)?.endUs === null,
    trouble: rounds.reduce((sum, { resent, late, endUs }) => sum + resent + late + (endUs === null ? 1 : 0), 0),
  }));
  return epochs.map(({ epoch, fromUs, endedUs, isOpen, trouble }, place) => {
    const next = epochs[place + 1]?.fromUs;
    return { epoch, fromUs, toUs: isOpen ? (next ?? Math.max(endedUs + 100, 1.1 * endedUs - 0.1 * fromUs)) : endedUs, trouble };
  });
};

/** A little before and after, so that beginning and end can be seen. */
const margin = 0.03;

const sceneFrom = ({ epoch, fromUs, toUs }: EpochSeen): Scene => {
  const [from, to] = [1000 * fromUs, 1000 * toUs];
  const aside = Math.max(500, Math.round(margin * (to - from)));
  return { epoch, fromNs: Math.max(0, Math.floor(from) - aside), toNs: Math.ceil(to) + aside };
};

/** Of what comes after the promises that were broken in it, a fifth more of its time: a machine that breaks rules may go on for ever. */
const untilBroken = (epoch: EpochSeen, violations: Summary["violations"]): EpochSeen => {
  const { fromUs, toUs } = epoch;
  const lastUs = Math.max(fromUs, ...violations.map(({ atUs }) => atUs).filter((atUs) => atUs <= toUs));
  return { ...epoch, toUs: Math.min(toUs, lastUs + Math.max(20, 0.2 * (lastUs - fromUs))) };
};

/** Null of a run in which nothing was ever asked. `wanted`: an epoch by its number; undefined if there is none of that number. */
export const sceneOf = (
  { phases, violations }: Pick<Summary, "phases" | "violations">,
  wanted: number | null,
): Scene | null | undefined => {
  const epochs = epochsOf(phases);
  const [first] = epochs;
  if (first === undefined) return null;
  if (wanted !== null) {
    const found = epochs.find(({ epoch }) => epoch === wanted);
    return found && sceneFrom(found);
  }
  const brokenUs = violations[0]?.atUs;
  const broken = brokenUs === undefined ? undefined : epochs.findLast(({ fromUs }) => fromUs <= brokenUs);
  if (broken !== undefined && brokenUs !== undefined) return sceneFrom(untilBroken(broken, violations));
  return sceneFrom(epochs.reduce((best, one) => (one.trouble >= best.trouble ? one : best), first));
};
