// A set of CPUs as an immutable sorted list of ranges, as the kernel prints them: [0, 3, 8, 8] is "0-3,8".
//
// A million CPUs that are all asked the same thing stay two numbers, in memory, in the journal and on the wire.

/** Sorted, disjoint, non-adjacent inclusive ranges, flattened: [first, last, first, last, ...]. */
export type CpuSet = readonly number[];

export const noCpus: CpuSet = [];

/** CPUs 0 ... count - 1. */
export const firstCpus = (count: number): CpuSet => (count > 0 ? [0, count - 1] : noCpus);

export const oneCpu = (cpu: number): CpuSet => [cpu, cpu];

/** From CPU numbers in ascending order (equal neighbours are allowed). */
export const fromAscending = (cpus: Iterable<number>): CpuSet => {
  const ranges: number[] = [];
  for (const cpu of cpus) {
    const last = ranges.length - 1;
    if (last > 0 && cpu <= (ranges[last] as number) + 1) ranges[last] = Math.max(cpu, ranges[last] as number);
    else ranges.push(cpu, cpu);
  }
  return ranges;
};

/** From CPU numbers in any order. */
export const fromCpus = (cpus: Iterable<number>): CpuSet => fromAscending(Int32Array.from(cpus).sort());

/** The members for which `keep` holds. */
export const filter = (set: CpuSet, keep: (cpu: number) => boolean): CpuSet => {
  const ranges: number[] = [];
  for (let i = 0; i < set.length; i += 2) {
    let first = -1;
    const last = set[i + 1] as number;
    for (let cpu = set[i] as number; cpu <= last; cpu++) {
      if (keep(cpu)) {
        if (first < 0) first = cpu;
      } else if (first >= 0) {
        ranges.push(first, cpu - 1);
        first = -1;
      }
    }
    if (first >= 0) ranges.push(first, last);
  }
  return ranges;
};

export const size = (set: CpuSet): number => {
  let count = 0;
  for (let i = 0; i < set.length; i += 2) count += (set[i + 1] as number) - (set[i] as number) + 1;
  return count;
};

export const has = (set: CpuSet, cpu: number): boolean => {
  for (let i = 0; i < set.length; i += 2) if (cpu >= (set[i] as number) && cpu <= (set[i + 1] as number)) return true;
  return false;
};

export const forEach = (set: CpuSet, visit: (cpu: number) => void): void => {
  for (let i = 0; i < set.length; i += 2) {
    const last = set[i + 1] as number;
    for (let cpu = set[i] as number; cpu <= last; cpu++) visit(cpu);
  }
};

export const toArray = (set: CpuSet): number[] => {
  const cpus: number[] = [];
  forEach(set, (cpu) => cpus.push(cpu));
  return cpus;
};

/** The members from rank `start` on, up to but not including rank `end`, both counted from the lowest. */
export const slice = (set: CpuSet, start: number, end: number): CpuSet => {
  const ranges: number[] = [];
  let rank = 0;
  for (let i = 0; i < set.length && rank < end; i += 2) {
    const first = set[i] as number;
    const last = set[i + 1] as number;
    const from = first + Math.max(0, start - rank);
    const to = Math.min(last, first + end - rank - 1);
    if (from <= to) ranges.push(from, to);
    rank += last - first + 1;
  }
  return ranges;
};

/** True if `set` holds all of `part`. */
export const covers = (set: CpuSet, part: CpuSet): boolean => {
  for (let i = 0, j = 0; i < part.length; i += 2) {
    while (j < set.length && (set[j + 1] as number) < (part[i] as number)) j += 2;
    if (j >= set.length || (part[i] as number) < (set[j] as number) || (part[i + 1] as number) > (set[j + 1] as number)) return false;
  }
  return true;
};

/** The lowest-numbered member, or -1 of the empty set. */
export const lowest = (set: CpuSet): number => set[0] ?? -1;

export const union = (a: CpuSet, b: CpuSet): CpuSet => {
  const merged: number[] = [];
  for (let i = 0, j = 0; i < a.length || j < b.length; ) {
    const isOfA = j >= b.length || (i < a.length && (a[i] as number) <= (b[j] as number));
    const first = (isOfA ? a[i++] : b[j++]) as number;
    const last = (isOfA ? a[i++] : b[j++]) as number;
    const end = merged.length - 1;
    if (end > 0 && first <= (merged[end] as number) + 1) merged[end] = Math.max(last, merged[end] as number);
    else merged.push(first, last);
  }
  return merged;
};

/** Those that are in both. */
export const intersection = (a: CpuSet, b: CpuSet): CpuSet => {
  const ranges: number[] = [];
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    const first = Math.max(a[i] as number, b[j] as number);
    const last = Math.min(a[i + 1] as number, b[j + 1] as number);
    if (first <= last) ranges.push(first, last);
    if ((a[i + 1] as number) < (b[j + 1] as number)) i += 2;
    else j += 2;
  }
  return ranges;
};

export const without = (set: CpuSet, gone: CpuSet): CpuSet => {
  if (gone.length === 0) return set;
  const ranges: number[] = [];
  for (let i = 0, j = 0; i < set.length; i += 2) {
    let first = set[i] as number;
    const last = set[i + 1] as number;
    while (j < gone.length && (gone[j + 1] as number) < first) j += 2;
    for (; j < gone.length && (gone[j] as number) <= last; j += 2) {
      if ((gone[j] as number) > first) ranges.push(first, (gone[j] as number) - 1);
      first = (gone[j + 1] as number) + 1;
      if (first > last) break;
    }
    if (first <= last) ranges.push(first, last);
  }
  return ranges;
};

/** True if `value` is a well-formed set whose members are below `limit`: for bytes that came from outside. */
export const isCpuSet = (value: unknown, limit: number): value is CpuSet => {
  if (!Array.isArray(value) || value.length % 2 !== 0) return false;
  let previous = -2;
  for (let i = 0; i < value.length; i += 2) {
    const first: unknown = value[i];
    const last: unknown = value[i + 1];
    if (!Number.isSafeInteger(first) || !Number.isSafeInteger(last)) return false;
    if ((first as number) <= previous + 1 || (last as number) < (first as number) || (last as number) >= limit) return false;
    if ((first as number) < 0) return false;
    previous = last as number;
  }
  return true;
};

/** "0-3,8", as /sys/devices/system/cpu/online prints it. */
export const format = (set: CpuSet): string => {
  const parts: string[] = [];
  for (let i = 0; i < set.length; i += 2) parts.push(set[i] === set[i + 1] ? `${set[i]}` : `${set[i]}-${set[i + 1]}`);
  return parts.join(",");
};

/** Reads "0-3,8"; undefined where the text is not a CPU list. */
export const parse = (text: string): CpuSet | undefined => {
  if (text === "") return noCpus;
  let set: CpuSet = noCpus;
  for (const part of text.split(",")) {
    const match = /^(\d{1,9})(?:-(\d{1,9}))?$/.exec(part);
    if (match === null) return undefined;
    const first = Number(match[1]);
    const last = match[2] === undefined ? first : Number(match[2]);
    if (last < first) return undefined;
    set = union(set, [first, last]);
  }
  return set;
};
