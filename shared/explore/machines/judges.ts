// The monitors of a run, at any point of any path: what they remember is put back, and they are told what is announced next.
//
// A state of all monitors is a number; what a list of facts makes of it is found out once. So the search is judged by the very monitors
// that judge a run.
import type { Model } from "../../consistency/model.ts";
import type { Handlers, Monitor, Watcher } from "../../oracle/monitor.ts";
import { monitorsOf } from "../../oracle/registry.ts";
import { Roster } from "../../oracle/roster.ts";
import type { Fact } from "../../protocol/facts.ts";
import { type End, noPackets } from "../../protocol/observer.ts";
import { copyOf, Interner } from "./plain.ts";

export interface Finding {
  readonly monitor: string;
  readonly reason: string;
}

/** All but the one that judges by time, which there is none of here: whether a run comes to its end is asked of the graph. */
export const timelessMonitors = (model: Model): readonly Monitor[] => monitorsOf(model).filter(({ name }) => name !== "converges");

const ended: End = { ended: "finished", at: 0, healedAt: null, boundNs: 0, packets: noPackets(), events: 0 };

type Tell = (fact: Fact, at: number) => void;

/** What one of them remembers, in all the states that it was seen in. */
interface Memory {
  readonly of: Record<string, unknown>;
  readonly hears: ReadonlySet<string>;
  readonly seen: Interner<Record<string, unknown>>;
  /** The number of what it remembers at this moment. */
  now: number;
}

export class Judges {
  private readonly watchers: readonly Watcher[];
  private readonly tells: ReadonlyMap<string, readonly Tell[]>;
  /** The roster's, which all others look into, and one for each monitor. */
  private readonly memories: readonly Memory[];
  /** A state of all: the numbers of what each remembers, and of what was found. */
  private readonly states = new Interner<readonly number[]>();
  private readonly facts = new Interner<readonly Fact[]>();
  /** Of each list of facts: who has to hear it. */
  private readonly hearers: Array<readonly Memory[]> = [];
  /** Of each state: where each list of facts leads. */
  private readonly next: Array<Map<number, number>> = [];
  private readonly found = new Interner<Finding | null>();
  private readonly atEnd = new Map<number, Finding | undefined>();
  private finding: Finding | null = null;

  constructor(model: Model, cpus: number) {
    const roster = new Roster(cpus);
    this.watchers = timelessMonitors(model).map(({ name, watch }) =>
      watch(roster, ({ reason }) => {
        this.finding ??= { monitor: name, reason };
      }),
    );
    this.tells = tellsOf([roster.on, ...this.watchers.map(({ on }) => on)]);
    this.memories = [memoryOf(roster, roster.on), ...this.watchers.map(({ memory, on }) => memoryOf(memory, on))];
    this.found.id(null);
  }

  /** Nobody has been told anything yet. */
  readonly initial = (): number => this.states.id([...this.memories.map(({ now }) => now), 0]);

  /** A number for these facts, leaving out what no monitor cares for. */
  factsOf(facts: readonly Fact[]): number {
    const id = this.facts.id(facts.filter(({ fact }) => this.tells.has(fact)));
    this.hearers[id] ??= this.memories.filter(({ hears }, i) => i === 0 || facts.some(({ fact }) => hears.has(fact)));
    return id;
  }

  factsBehind(id: number): readonly Fact[] {
    return this.facts.value(id);
  }

  /** What the monitors remember after these facts. */
  tell(state: number, facts: number): number {
    const list = this.facts.value(facts);
    if (list.length === 0 || this.findingIn(state) !== undefined) return state;
    this.next[state] ??= new Map();
    const ways = this.next[state] as Map<number, number>;
    const known = ways.get(facts);
    if (known !== undefined) return known;
    const hearers = this.hearers[facts] as readonly Memory[];
    this.putBack(state, hearers);
    for (const fact of list) for (const tell of this.tells.get(fact.fact) ?? []) tell(fact, 0);
    const after = this.remember(state, hearers);
    ways.set(facts, after);
    return after;
  }

  /** What was found on the way to this state. */
  findingIn(state: number): Finding | undefined {
    return this.found.value(this.states.value(state)[this.memories.length] as number) ?? undefined;
  }

  /** What there is to find if the run ends here. */
  findingAtEnd(state: number): Finding | undefined {
    if (!this.atEnd.has(state)) {
      this.putBack(state, this.memories);
      for (const watcher of this.watchers) watcher.end?.(ended);
      this.atEnd.set(state, this.finding ?? undefined);
    }
    return this.atEnd.get(state);
  }

  /** Those who heard nothing remember what they did before. */
  private remember(before: number, hearers: readonly Memory[]): number {
    const parts = [...this.states.value(before)];
    this.memories.forEach((memory, i) => {
      if (!hearers.includes(memory)) return;
      memory.now = memory.seen.id(dataOf(memory.of));
      parts[i] = memory.now;
    });
    parts[this.memories.length] = this.found.id(this.finding);
    return this.states.id(parts);
  }

  private putBack(state: number, hearers: readonly Memory[]): void {
    const parts = this.states.value(state);
    this.finding = null;
    this.memories.forEach((memory, i) => {
      const wanted = parts[i] as number;
      if (memory.now === wanted || !hearers.includes(memory)) return;
      restore(memory.of, memory.seen.value(wanted));
      memory.now = wanted;
    });
  }
}

const memoryOf = (of: object, on: Handlers): Memory => {
  const seen = new Interner<Record<string, unknown>>();
  return { of: of as Record<string, unknown>, hears: new Set(Object.keys(on)), seen, now: seen.id(dataOf(of)) };
};

const tellsOf = (all: readonly Handlers[]): ReadonlyMap<string, readonly Tell[]> => {
  const tells = new Map<string, Tell[]>();
  for (const handlers of all)
    for (const [name, handler] of Object.entries(handlers)) tells.set(name, [...(tells.get(name) ?? []), handler as Tell]);
  return tells;
};

/** Objects that do something beside remembering, and what several of them share, are not copied but filled again. */
const isPlain = (value: object): boolean => Object.getPrototypeOf(value) === Object.prototype || Array.isArray(value);

/** The data of an object: its functions, and objects of other classes that it only refers to (a roster has its own place), are left out. */
const dataOf = (object: object): Record<string, unknown> => {
  const data: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(object)) {
    if (typeof value === "function" || value instanceof Roster || key === "on") continue;
    data[key] = isInstance(value) ? dataOf(value) : copyOf(value);
  }
  return data;
};

const isInstance = (value: unknown): value is object =>
  typeof value === "object" &&
  value !== null &&
  !isPlain(value) &&
  !(value instanceof Map) &&
  !(value instanceof Set) &&
  !ArrayBuffer.isView(value);

/** Everything keeps its identity that a handler may hold on to. */
const restore = (object: Record<string, unknown>, data: Record<string, unknown>): void => {
  for (const [key, value] of Object.entries(data)) {
    const into = object[key];
    if (ArrayBuffer.isView(into)) (into as Int32Array).set(value as Int32Array);
    else if (into instanceof Map) {
      into.clear();
      for (const [name, each] of value as Map<unknown, unknown>) into.set(name, copyOf(each));
    } else if (into instanceof Set) {
      into.clear();
      for (const each of value as Set<unknown>) into.add(each);
    } else if (isInstance(into)) restore(into as Record<string, unknown>, value as Record<string, unknown>);
    else object[key] = copyOf(value);
  }
};
