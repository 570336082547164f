// What a fold makes of facts that are told it at given times.
import type { Fold } from "../../shared/oracle/fold.ts";
import { Roster } from "../../shared/oracle/roster.ts";
import type { Fact } from "../../shared/protocol/facts.ts";
import type { End } from "../../shared/protocol/observer.ts";
import { end } from "./stories.ts";

/** Each fact at its time in ns. */
export type Timed = ReadonlyArray<readonly [number, Fact]>;

/** On a machine of four CPUs. */
export const fold = <Result>(make: (roster: Roster) => Fold<Result>, facts: Timed, how: End = end()): Result => {
  const roster = new Roster(4);
  const { on, result } = make(roster);
  for (const [at, fact] of facts) {
    for (const handlers of [roster.on, ...on]) (handlers[fact.fact] as ((f: Fact, at: number) => void) | undefined)?.(fact, at);
  }
  return result(how);
};

/** Facts that are 100 ns apart. */
export const every100 = (facts: readonly Fact[]): Timed => facts.map((fact, index) => [100 * index, fact] as const);
