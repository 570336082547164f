// What operations did to each CPU: how often they interrupted whatever it ran, and for how long its interrupts were off.
//
// An isolated CPU (nohz_full) is disturbed as any other: nothing of a rendezvous or of a check asks it by a quieter way.

/** One CPU, over the whole run. */
export interface CpuFelt {
  readonly cpu: number;
  /** Interrupts off for operations, altogether and the longest at a stretch. */
  readonly irqsOffUs: number;
  readonly longestOffUs: number;
  /** Asks of rounds that reached it. */
  readonly disturbed: number;
}

/** Over the CPUs: the middle one, the one that nine in ten are below, the worst. */
export interface OverCpus {
  readonly p50: number;
  readonly p90: number;
  readonly max: number;
}

export interface PerCpu {
  readonly irqsOffUs: OverCpus;
  readonly longestOffUs: OverCpus;
  readonly disturbed: OverCpus;
  /** Those with the most time off, then those disturbed most often: a few of however many. */
  readonly worst: readonly CpuFelt[];
}

const worstLimit = 16;

const us = (ns: number): number => Math.round(ns) / 1000;

const overCpus = (values: readonly number[]): OverCpus => {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
  return { p50: at(0.5), p90: at(0.9), max: at(1) };
};

export interface CpuTallies {
  readonly irqsOffNs: ReadonlyMap<number, number>;
  readonly longestOffNs: ReadonlyMap<number, number>;
  readonly asks: ReadonlyMap<number, number>;
}

export const perCpuOf = ({ irqsOffNs, longestOffNs, asks }: CpuTallies, cpus: number): PerCpu => {
  const all = Array.from(
    { length: cpus },
    (_, cpu): CpuFelt => ({
      cpu,
      irqsOffUs: us(irqsOffNs.get(cpu) ?? 0),
      longestOffUs: us(longestOffNs.get(cpu) ?? 0),
      disturbed: asks.get(cpu) ?? 0,
    }),
  );
  const worst = all.toSorted((a, b) => b.irqsOffUs - a.irqsOffUs || b.disturbed - a.disturbed || a.cpu - b.cpu).slice(0, worstLimit);
  const over = (part: "irqsOffUs" | "longestOffUs" | "disturbed"): OverCpus => overCpus(all.map((cpu) => cpu[part]));
  return { irqsOffUs: over("irqsOffUs"), longestOffUs: over("longestOffUs"), disturbed: over("disturbed"), worst };
};
