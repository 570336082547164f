// When a CPU has kept its tasks from serving: while they were being held, while it was stopped, while it waited for another CPU.

interface Stall {
  readonly from: number;
  /** Infinity while it lasts. */
  to: number;
}

/** Of each kind, oldest first: as far back as a request that is still to be answered may reach. */
export type Stalls = Record<"held" | "stopped" | "spun", Stall[]>;

/** What of a CPU's life keeps its tasks from serving. */
interface Keeping {
  readonly now: number;
  readonly gate: string;
  readonly frozen: boolean;
  readonly spinning: boolean;
}

export const noStalls = (): Stalls => ({ held: [], stopped: [], spun: [] });

export const copyStalls = ({ held, stopped, spun }: Stalls): Stalls => ({
  held: copyOf(held),
  stopped: copyOf(stopped),
  spun: copyOf(spun),
});

const copyOf = (stalls: readonly Stall[]): Stall[] => stalls.map((stall) => ({ ...stall }));

/** Compares what the CPU is at now with what it was at, at the moment of a change. */
export const noteStalls = (stalls: Stalls, { now, gate, frozen, spinning }: Keeping): void => {
  note(stalls.held, now, gate !== "open");
  note(stalls.stopped, now, frozen);
  note(stalls.spun, now, spinning);
};

const note = (stalls: Stall[], now: number, isSo: boolean): void => {
  const last = stalls.at(-1);
  const lasts = last !== undefined && last.to === Infinity;
  if (isSo && !lasts) stalls.push({ from: now, to: Infinity });
  if (!isSo && lasts) last.to = now;
};

/** Forgets what was over by `before`, when nothing reaches back that far any more. */
export const forgetStalls = ({ held, stopped, spun }: Stalls, before: number): void => {
  for (const stalls of [held, stopped, spun]) {
    const kept = stalls.findIndex(({ to }) => to === Infinity || to > before);
    stalls.splice(0, kept < 0 ? stalls.length : kept);
  }
};

/** How long it was so between the two moments. */
export const stalledNs = (stalls: readonly Stall[], from: number, to: number): number => {
  let ns = 0;
  for (let i = stalls.length - 1; i >= 0; i--) {
    const stall = stalls[i] as Stall;
    if (stall.to <= from) break;
    ns += Math.max(0, Math.min(stall.to, to) - Math.max(stall.from, from));
  }
  return ns;
};
