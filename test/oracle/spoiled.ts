// What a monitor says of a story, and that it says it where the story is spoiled.
import { assert } from "vitest";
import type { Breach } from "../../shared/oracle/monitor.ts";
import { monitors } from "../../shared/oracle/registry.ts";
import { Roster } from "../../shared/oracle/roster.ts";
import type { Fact } from "../../shared/protocol/facts.ts";
import type { End } from "../../shared/protocol/observer.ts";
import { end } from "./stories.ts";

/** What one monitor says of a story of at most four CPUs; facts are 100 ns apart. */
export const breachesOf = (name: string, facts: readonly Fact[], how: End = end()): readonly Breach[] => {
  const monitor = monitors.find((one) => one.name === name);
  assert.isDefined(monitor);
  const roster = new Roster(4);
  const breaches: Breach[] = [];
  const { on, end: conclude } = monitor.watch(roster, (breach) => breaches.push(breach));
  const tell = (handlers: typeof on, fact: Fact, at: number) =>
    (handlers[fact.fact] as ((f: Fact, at: number) => void) | undefined)?.(fact, at);
  facts.forEach((fact, index) => {
    tell(roster.on, fact, 100 * index);
    tell(on, fact, 100 * index);
  });
  conclude?.(how);
  return breaches;
};

export const fires = (name: string, facts: readonly Fact[], reason: RegExp, how?: End): void => {
  const breaches = breachesOf(name, facts, how);
  assert.isNotEmpty(breaches, `${name} said nothing`);
  assert.match(breaches[0]?.reason ?? "", reason);
};
