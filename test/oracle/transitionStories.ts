// Transitions as sequences of facts, written by hand: rounds that poke, bring tasks over, and end.
import { noSwitches, type Switches } from "../../shared/kernel/life.ts";
import type { FactOf } from "../../shared/oracle/monitor.ts";
import type { Fact } from "../../shared/protocol/facts.ts";
import type { SwitchAsk } from "../../shared/protocol/messages.ts";
import { asked, closed, ended, resumed, round, type Scene } from "./stories.ts";

type How = SwitchAsk["do"];
type Told = Partial<Switches> & { readonly pending?: number };

/** Two tasks of each CPU have switched, outside the kernel, and nobody is pending. */
export const switched = (s: Scene, cpu: number, number: number, target: number, changes: Told = {}): FactOf<"switched"> => ({
  fact: "switched",
  ...round(s, cpu, number),
  target,
  pending: 0,
  ...noSwitches,
  count: 2,
  firstAt: 100,
  lastAt: 200,
  ...changes,
});

/** One task has switched, one has not: it waits in the kernel. */
export const halfway: Told = { count: 1, pending: 1 };

export const waits = (s: Scene, cpu: number, number: number): Fact => ({
  fact: "blocked",
  ...round(s, cpu, number),
  task: `web-${cpu}`,
  function: "vfs_read",
  why: "in the kernel",
  forNs: null,
});

export const poked = (s: Scene, cpu: number, number: number, batch: number, step: 1 | 2 | 3, target: number): Fact => ({
  fact: "poked",
  ...round(s, cpu, number),
  batch,
  step,
  target,
});

const steps = [1, 2, 3] as const;

/** Three rounds, from `number` on. */
export const pokes = (s: Scene, number: number, target = s.target, batch = 0): readonly Fact[] =>
  steps.flatMap((step) => [
    asked(s, number + step - 1, { do: "poke", batch, step, target, from: s.base }),
    ...s.cpus.map((cpu) => poked(s, cpu, number + step - 1, batch, step, target)),
    ended(s, number + step - 1, "poke"),
  ]);

/** The same where functions switch by themselves: the first step redirects. */
export const redirects = (s: Scene, number: number, target = s.target, batch = 0): readonly Fact[] =>
  steps.flatMap((step) => [
    asked(s, number + step - 1, { do: "poke", batch, step, target, from: s.base }),
    ...s.cpus.flatMap((cpu): readonly Fact[] => {
      const fact = poked(s, cpu, number + step - 1, batch, step, target);
      const told: Told = { count: 0, firstAt: null, lastAt: null };
      return step === 1 ? [fact, switched(s, cpu, number + step - 1, target, told)] : [fact];
    }),
    ended(s, number + step - 1, "poke"),
  ]);

export const switchAsk = (how: How, target: number, batch: number | null = null): SwitchAsk => ({
  do: how,
  target,
  from: 0,
  caller: 0,
  batch,
});

/** A round that brings tasks over: what each CPU tells, in order of `s.cpus`; whoever is not named has nobody pending. */
export const bring = (s: Scene, number: number, how: How, target: number, ...told: readonly Told[]): readonly Fact[] => [
  asked(s, number, switchAsk(how, target)),
  ...s.cpus.flatMap((cpu, index): readonly Fact[] => {
    const fact = switched(s, cpu, number, target, told[index] ?? {});
    return fact.pending > 0 ? [fact, waits(s, cpu, number)] : [fact];
  }),
  ended(s, number, how),
];

/** `sync`, of which nothing is announced. */
export const sync = (s: Scene, number: number): readonly Fact[] => [asked(s, number, { do: "sync" }), ended(s, number, "sync")];

/** The round in which every CPU leaves, without the epoch's closing. */
export const leave = (s: Scene, number: number, how: "complete" | "cancel", told: Told = {}): readonly Fact[] => {
  const version = how === "complete" ? s.target : s.base;
  const outcome = how === "complete" ? "committed" : "aborted";
  return [
    asked(s, number, { do: how, version }),
    ...s.cpus.flatMap((cpu) => [switched(s, cpu, number, version, told), resumed(s, cpu, outcome, number)]),
    ended(s, number, how),
  ];
};

export const complete = (s: Scene, number: number, told: Told = {}): readonly Fact[] => [
  ...leave(s, number, "complete", told),
  closed(s, "committed"),
];
