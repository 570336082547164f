// The graph of `rendezvous.py` for our own search: a stop-machine rendezvous over lossy channels of one slot, with a limit on retries.
//
// Guard by guard what the generated Promela and Murphi programs say, so that all three must find the same states and steps.
import type { Property, Row, System } from "../../shared/explore/search/system.ts";

const phase = 0;
const tries = 1;
const shared = 2;

/** Of each CPU, in this order. */
const ack = 0;
const sent = 1;
const stage = 2;
const down = 3;
const up = 4;
const perCpu = 5;

/** Phases 0 to 3 ask for stages 1 to 4; in phase `aborting` everyone is asked for stage `out`. */
const lastPhase = 4;
const aborting = 5;
const out = 5;

/** Explores a stop of `cpus` CPUs whose rounds are asked again up to `retries` times; up to renaming of CPUs if `symmetric`. */
export const rendezvous = (cpus: number, retries: number, symmetric = false): System => {
  const width = shared + perCpu * cpus;
  const starts = Array.from({ length: cpus }, (_, cpu) => shared + perCpu * cpu);
  const base: System = {
    width,
    identity: width,
    bits: 8,
    initial: new Int32Array(width),
    successors: (state, next, reached) => {
      for (const cpu of starts) stepsOfCpu(state, next, cpu, starts, reached);
      stepsOfTime(state, next, starts, retries, reached);
    },
  };
  return symmetric ? { ...base, canonical: (state) => sortCpus(state, cpus) } : base;
};

const stepsOfCpu = (state: Row, next: Row, cpu: number, starts: readonly number[], reached: (action: number, fault: boolean) => void) => {
  const action = 8 * cpu;
  const now = state[phase] as number;
  const asked = state[cpu + down] as number;
  const answer = state[cpu + up] as number;
  const isUnsent = state[cpu + sent] === 0 && asked === 0;
  if (now < lastPhase && isUnsent) {
    next.set(state);
    next[cpu + down] = now + 1;
    next[cpu + sent] = 1;
    reached(action, false);
  }
  if (asked !== 0) {
    next.set(state);
    next[cpu + down] = 0;
    reached(action + 1, true);
  }
  if (answer !== 0) {
    next.set(state);
    next[cpu + up] = 0;
    reached(action + 2, true);
  }
  if (asked !== 0 && answer === 0) {
    next.set(state);
    obey(next, cpu, asked, state[cpu + stage] as number);
    reached(action + 3, false);
  }
  if (answer !== 0) {
    next.set(state);
    count(next, cpu, answer, now, starts);
    reached(action + 4, false);
  }
  if (now === aborting && state[cpu + ack] === 0 && isUnsent) {
    next.set(state);
    next[cpu + down] = out;
    next[cpu + sent] = 1;
    reached(action + 5, false);
  }
};

/** The next stage in order, or out; what was obeyed already is answered again. */
const obey = (next: Row, cpu: number, asked: number, at: number): void => {
  next[cpu + down] = 0;
  if (asked === out || asked === at + 1) {
    next[cpu + stage] = asked;
    next[cpu + up] = asked;
  } else if (asked <= at && at !== out) next[cpu + up] = asked;
};

/** An ack of this phase counts once; the last one of a round begins the next. */
const count = (next: Row, cpu: number, answer: number, now: number, starts: readonly number[]): void => {
  next[cpu + up] = 0;
  const isAwaited = answer === (now < lastPhase ? now + 1 : now === aborting ? out : 0) && next[cpu + ack] === 0;
  if (!isAwaited) return;
  next[cpu + ack] = 1;
  if (now === aborting) return;
  for (const other of starts) if (next[other + ack] === 0) return;
  next[phase] = now + 1;
  begin(next, starts);
};

const begin = (next: Row, starts: readonly number[]): void => {
  next[tries] = 0;
  for (const cpu of starts) {
    next[cpu + ack] = 0;
    next[cpu + sent] = 0;
  }
};

const stepsOfTime = (
  state: Row,
  next: Row,
  starts: readonly number[],
  retries: number,
  reached: (action: number, fault: boolean) => void,
) => {
  let allSent = true;
  let allAcked = true;
  for (const cpu of starts) {
    if (state[cpu + ack] === 1) continue;
    allAcked = false;
    if (state[cpu + sent] === 0) allSent = false;
  }
  const now = state[phase] as number;
  if (!allSent || (now === aborting ? allAcked : now >= lastPhase)) return;
  next.set(state);
  const tried = state[tries] as number;
  if (now < 2 && tried === retries) {
    next[phase] = aborting;
    begin(next, starts);
  } else {
    if (now < lastPhase && tried < retries) next[tries] = tried + 1;
    for (const cpu of starts) next[cpu + sent] = next[cpu + ack] as number;
  }
  reached(0, false);
};

/** CPUs are sorted by what they remember: an insertion sort of their blocks, compared as one number. */
const sortCpus = (state: Row, cpus: number): void => {
  for (let i = 1; i < cpus; i++) {
    for (let j = i; j > 0 && rank(state, shared + perCpu * (j - 1)) > rank(state, shared + perCpu * j); j--) {
      swap(state, shared + perCpu * (j - 1), shared + perCpu * j);
    }
  }
};

const rank = (state: Row, cpu: number): number =>
  ((((state[cpu + ack] as number) * 2 + (state[cpu + sent] as number)) * 8 + (state[cpu + stage] as number)) * 8 +
    (state[cpu + down] as number)) *
    8 +
  (state[cpu + up] as number);

const swap = (state: Row, a: number, b: number): void => {
  for (let i = 0; i < perCpu; i++) {
    const kept = state[a + i] as number;
    state[a + i] = state[b + i] as number;
    state[b + i] = kept;
  }
};

/** No CPU writes while another still takes interrupts. */
export const safe: Property = {
  name: "safe",
  kind: "always",
  holds: (state) => {
    let writes = false;
    let isOpen = false;
    for (let cpu = shared; cpu < state.length; cpu += perCpu) {
      const at = state[cpu + stage] as number;
      if (at === 3) writes = true;
      if (at < 2 || at === out) isOpen = true;
    }
    return !(writes && isOpen);
  },
};
