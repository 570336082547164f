// What a monitor is: it watches announced facts, never a machine's insides, and says where a guarantee was broken.
//
// Facts come in an order that respects cause and effect: by time in virtual runs, by (clock, actor, seq) where journals were merged.
// Two facts of which neither caused the other may come either way round, so a monitor only compares what has a cause between.
import type { Leave, Switch } from "../consistency/model.ts";
import type { Fact } from "../protocol/facts.ts";
import type { End } from "../protocol/observer.ts";
import type { Roster } from "./roster.ts";

/** The fact of this name. */
export type FactOf<Name extends Fact["fact"]> = Extract<Fact, { readonly fact: Name }>;

/** What a watcher or a fold does with each kind of fact that it cares for; `at` is the engine's clock in ns. */
export type Handlers = { readonly [Name in Fact["fact"]]?: (fact: FactOf<Name>, at: number) => void };

/** A promise broken. */
export interface Breach {
  readonly reason: string;
  readonly at: number;
  readonly cpu?: number;
  readonly task?: string;
}

/** One run under one monitor's eyes. */
export interface Watcher {
  readonly on: Handlers;
  /**
   * All that it remembers: whoever tries several ways to go on puts it back. Typed arrays, maps and sets in it are filled again, and
   * objects of classes field by field; anything else is replaced, so that nobody may hold on to it.
   */
  readonly memory: object;
  readonly end?: (end: End) => void;
}

export interface Monitor {
  readonly name: string;
  /** `consistency`: what code tasks see, and so what models differ in. `protocol`: how the coordinator and the CPUs come to it. */
  readonly about: "consistency" | "protocol";
  /** What it promises, in one sentence. */
  readonly guarantee: string;
  /** Which cells of the grid of models make this promise. */
  readonly appliesTo: (leave: Leave, switches: Switch) => boolean;
  /** `roster` has seen each fact before the watcher does. */
  readonly watch: (roster: Roster, breach: (breach: Breach) => void) => Watcher;
}

/** A breach as the run's summary tells it. */
export interface Violation {
  readonly monitor: string;
  readonly reason: string;
  readonly atUs: number;
  readonly cpu?: number;
  readonly task?: string;
}

/** At most this many violations of one monitor are kept: the first ones tell what went wrong. */
export const violationLimit = 16;

export const forEveryModel = (): boolean => true;
