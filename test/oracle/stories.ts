// Runs as sequences of facts, written by hand, and the means to spoil them.
import { assert } from "vitest";
import type { Census } from "../../shared/kernel/life.ts";
import type { CpuSet } from "../../shared/machine/cpuSet.ts";
import type { FactOf } from "../../shared/oracle/monitor.ts";
import type { AbortReason, Fact } from "../../shared/protocol/facts.ts";
import type { Ask, Operation, Outcome, Phase } from "../../shared/protocol/messages.ts";
import { type End, noPackets } from "../../shared/protocol/observer.ts";

export const census = (changes: Partial<Census> = {}): Census => ({
  inKernel: 0,
  unsafe: 0,
  held: 3,
  steps: 100,
  entries: 10,
  version: 0,
  interrupted: 0,
  onStack: 0,
  heldNs: 0,
  ...changes,
});

export const end = (changes: Partial<End> = {}): End => ({
  ended: "finished",
  at: 1_000_000,
  healedAt: null,
  boundNs: 1_000_000,
  packets: noPackets(),
  events: 0,
  ...changes,
});

/** Where a story is: who coordinates, what the machine has, who takes part. */
export interface Scene {
  readonly term: number;
  readonly epoch: number;
  readonly operation: Operation;
  readonly base: number;
  readonly target: number;
  readonly of: CpuSet;
  readonly cpus: readonly number[];
  /** The incarnation of every CPU of the scene. */
  readonly incarnation: number;
}

export const scene = (changes: Partial<Scene> = {}): Scene => ({
  term: 1,
  epoch: 1,
  operation: "patch",
  base: 0,
  target: 1,
  of: [0, 1],
  cpus: [0, 1],
  incarnation: 1,
  ...changes,
});

const life = ({ term }: Scene) => ({ life: term - 1, term });
export const round = (s: Scene, cpu: number, number: number) => ({
  cpu,
  incarnation: s.incarnation,
  term: s.term,
  epoch: s.epoch,
  round: number,
});

export const boot = (cpu: number, incarnation = 1, version = 0): readonly Fact[] => [
  { fact: "booted", cpu, incarnation },
  { fact: "admitted", life: 0, term: 1, incarnations: [[cpu, incarnation]], version },
  { fact: "running", cpu, incarnation, version },
];

export const took = (s: Scene): Fact => ({ fact: "took", ...life(s) });

export const opened = (s: Scene): Fact => ({
  fact: "opened",
  ...life(s),
  epoch: s.epoch,
  operation: s.operation,
  target: s.target,
  attempt: 1,
  participants: s.of,
  incarnations: s.incarnation > 1 ? s.cpus.map((cpu) => [cpu, s.incarnation] as const) : [],
});

export const asked = (s: Scene, number: number, ask: Ask): Fact => ({
  fact: "asked",
  ...life(s),
  epoch: s.epoch,
  round: number,
  ask,
  of: s.of,
});

export const ended = (s: Scene, number: number, phase: Phase, acks = s.cpus.length): Fact => ({
  fact: "round-ended",
  ...life(s),
  epoch: s.epoch,
  round: number,
  phase,
  acks,
  resent: 0,
  late: 0,
});

export const held = (s: Scene, cpu: number, number = 1): Fact => ({
  fact: "held",
  ...round(s, cpu, number),
  census: census({ version: s.base }),
});
export const stopped = (s: Scene, cpu: number, number = 2): Fact => ({ fact: "stopped", ...round(s, cpu, number) });
export const voted = (s: Scene, cpu: number, number = 3): FactOf<"voted"> => ({
  fact: "voted",
  ...round(s, cpu, number),
  report: { kind: "clear" },
  census: census({ version: s.base }),
});
export const wrote = (s: Scene, cpu: number, number = 4): Fact => ({ fact: "wrote", ...round(s, cpu, number) });
export const resumed = (s: Scene, cpu: number, outcome: Outcome, number: number): FactOf<"resumed"> => ({
  fact: "resumed",
  ...round(s, cpu, number),
  outcome,
  version: outcome === "committed" ? s.target : s.base,
  census: census({ version: s.base }),
  straddles: [],
});
export const withdrew = (s: Scene, cpu: number): Fact => ({
  fact: "withdrew",
  cpu,
  incarnation: s.incarnation,
  term: s.term,
  epoch: s.epoch,
});
export const died = (s: Scene, cpu: number): Fact => ({ fact: "died", ...life(s), cpu, incarnation: s.incarnation });
export const decided = (s: Scene, outcome: Outcome, reason: AbortReason | null = null): Fact => ({
  fact: "decided",
  ...life(s),
  epoch: s.epoch,
  outcome,
  reason,
});
export const closed = (s: Scene, outcome: Outcome): Fact => ({
  fact: "closed",
  ...life(s),
  epoch: s.epoch,
  outcome,
  version: outcome === "committed" ? s.target : s.base,
});
export const finished = (s: Scene, outcome: "committed" | "gave-up", version: number): Fact => ({
  fact: "finished",
  ...life(s),
  outcome,
  version,
});

export const gatherRound = (s: Scene): readonly Fact[] => [
  asked(s, 1, { do: "gather", pass: "all" }),
  ...s.cpus.map((cpu) => held(s, cpu)),
  ended(s, 1, "gather"),
];

export const prepareRound = (s: Scene): readonly Fact[] => [
  asked(s, 2, { do: "prepare" }),
  ...s.cpus.map((cpu) => stopped(s, cpu)),
  ended(s, 2, "prepare"),
];

const voteRound = (s: Scene): readonly Fact[] => [
  asked(s, 3, { do: "disable-irq", walker: 0 }),
  ...s.cpus.map((cpu) => voted(s, cpu)),
  ended(s, 3, "disable-irq"),
];

export const runRound = (s: Scene, number = 4): readonly Fact[] => {
  const active = s.cpus[0] as number;
  return [asked(s, number, { do: "run", active }), wrote(s, active, number), ended(s, number, "run")];
};

export const exitRound = (s: Scene, outcome: Outcome, number: number): readonly Fact[] => [
  asked(s, number, { do: "exit", outcome, version: outcome === "committed" ? s.target : s.base }),
  ...s.cpus.map((cpu) => resumed(s, cpu, outcome, number)),
  ended(s, number, "exit"),
  closed(s, outcome),
];

export const upToVotes = (s: Scene): readonly Fact[] => [opened(s), ...gatherRound(s), ...prepareRound(s), ...voteRound(s)];

/** An epoch from its opening to its commit and end. */
export const commit = (s: Scene): readonly Fact[] => [
  ...upToVotes(s),
  decided(s, "committed"),
  ...runRound(s),
  ...exitRound(s, "committed", 5),
];

/** The same epoch where the limit came after the gather of one CPU. */
export const abortAtLimit = (s: Scene): readonly Fact[] => [
  opened(s),
  asked(s, 1, { do: "gather", pass: "all" }),
  held(s, s.cpus[0] as number),
  ended(s, 1, "gather", 1),
  decided(s, "aborted", { why: "limit", cpus: [1, 1], busy: [] }),
  ...exitRound(s, "aborted", 2),
];

export const start: readonly Fact[] = [took(scene()), ...boot(0), ...boot(1)];

type Match = Fact["fact"] | ((fact: Fact) => boolean);

const matches = (match: Match, fact: Fact): boolean => (typeof match === "string" ? fact.fact === match : match(fact));

const placeOf = (facts: readonly Fact[], match: Match): number => {
  const place = facts.findIndex((fact) => matches(match, fact));
  assert.isAtLeast(place, 0, "the story has no such fact");
  return place;
};

/** The story with the first matching fact replaced. */
export const replaced = (facts: readonly Fact[], match: Match, ...by: readonly Fact[]): readonly Fact[] =>
  facts.toSpliced(placeOf(facts, match), 1, ...by);

export const without = (facts: readonly Fact[], match: Match): readonly Fact[] => replaced(facts, match);

export const before = (facts: readonly Fact[], match: Match, ...more: readonly Fact[]): readonly Fact[] =>
  facts.toSpliced(placeOf(facts, match), 0, ...more);

export const ofCpu =
  <Name extends Fact["fact"]>(name: Name, cpu: number) =>
  (fact: Fact): boolean =>
    fact.fact === name && "cpu" in fact && fact.cpu === cpu;
