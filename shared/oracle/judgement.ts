// One run judged: every fact handed to the monitors of its model and to the folds, and the verdict on all of it at the end.
//
// The facts come from the turns of an engine as it goes, or from a journal afterwards; each goes only to those who care for its kind.
import type { Announced, Fact } from "../protocol/facts.ts";
import type { End, Observer, TurnsAlike, TurnTaken } from "../protocol/observer.ts";
import type { Setup } from "../protocol/setup.ts";
import { type Blame, blameFold } from "./blame.ts";
import { us } from "./fold.ts";
import { type Breach, type Handlers, type Monitor, type Violation, violationLimit, type Watcher } from "./monitor.ts";
import { foreignMonitorsOf, monitorsOf } from "./registry.ts";
import { Roster } from "./roster.ts";
import { type Hazards, hazardsOf } from "./statistics/hazards.ts";
import { type Statistics, statisticsFold } from "./statistics.ts";
import { type FaultTally, judge, type Verdict } from "./verdict.ts";
import { type Watchdog, watchdogFold } from "./watchdogs.ts";

/** What is to be said of a run: the verdict with its reasons, the numbers, and who held it up. */
export interface Judgement extends Verdict, Statistics {
  readonly violations: readonly Violation[];
  /** Guarantees of other models that this run broke, each with its first breach: no part of the verdict. */
  readonly foreign: readonly Violation[];
  readonly hazards: Hazards;
  readonly blame: readonly Blame[];
  readonly watchdogs: readonly Watchdog[];
}

export interface Judge {
  /** For an engine: takes the facts out of its turns. */
  readonly observer: Observer;
  /** For a journal: takes facts one by one, in the order of (clock, actor, seq). */
  readonly announce: (announced: Announced) => void;
  /** A guarantee of the model has been broken already. */
  readonly isViolated: () => boolean;
  /**
   * After the last fact, once. `doubts` are gaps in the record, in words; `missing` are those, and what may be one, that came before the
   * first violation.
   */
  readonly conclude: (end: End, faults: readonly FaultTally[], doubts?: readonly string[], missing?: readonly string[]) => Judgement;
}

export const judgeOf = (setup: Pick<Setup, "cpus" | "model" | "operations" | "patch">): Judge => {
  const roster = new Roster(setup.cpus);
  const watch = new Watch(monitorsOf(setup.model), roster, violationLimit);
  const others = new Watch(foreignMonitorsOf(setup.model), roster, 1);
  const hazards = hazardsOf(roster, setup.patch.kind);
  const blame = blameFold(roster);
  const watchdogs = watchdogFold(roster);
  const statistics = statisticsFold(roster);
  const { tell, handlersOf } = dispatcher([
    roster.on,
    ...watch.handlers,
    ...others.handlers,
    hazards.on,
    ...blame.on,
    ...watchdogs.on,
    ...statistics.on,
  ]);
  return {
    observer: { turn: (turn) => tellFactsOf(turn, tell), alike: (turns) => tellFactsOfAll(turns, handlersOf), fault: () => {} },
    announce: ({ fact, at }) => tell(fact, at),
    isViolated: () => watch.hasFound,
    conclude: (end, faults, doubts = [], missing = []) => {
      const violations = watch.conclude(end);
      const numbers = statistics.result(end);
      const { blame: rows, blocker } = blame.result(end);
      const operations = { asked: setup.operations.length, committed: numbers.operationsCommitted };
      const verdict = judge({ ...numbers, end, violations, faults, operations, blocker, doubts, missing });
      const besides = { foreign: others.conclude(end), hazards: hazards.result(), blame: rows, watchdogs: watchdogs.result(end) };
      return { ...numbers, ...verdict, violations, ...besides };
    },
  };
};

type Tell = (fact: Fact, at: number) => void;
type HandlersOf = (name: Fact["fact"]) => readonly Tell[];

const tellFactsOf = ({ input, outputs }: TurnTaken, tell: Tell): void => {
  for (const output of outputs) if (output.kind === "announce") tell(output.fact, input.at);
};

/** No handler keeps a fact, so that one serves for all. */
const tellFactsOfAll = ({ cpus, times, of, outputs }: TurnsAlike, handlersOf: HandlersOf): void => {
  const told = outputs.flatMap((output) => {
    if (output.kind !== "announce") return [];
    const fact = { ...output.fact } as Fact & { cpu: number };
    if (fact.cpu !== of) throw new Error("CPUs that do the same speak of themselves");
    return [{ fact, handlers: handlersOf(fact.fact) }];
  });
  for (let i = 0; i < cpus.length; i++) {
    const at = times[i] as number;
    for (const { fact, handlers } of told) {
      fact.cpu = cpus[i] as number;
      for (const handler of handlers) handler(fact, at);
    }
  }
};

const nobody: readonly Tell[] = [];

/** Sorted by kind of fact beforehand. The cast states what `Handlers` says: a handler is filed under the kind that it takes. */
const dispatcher = (all: readonly Handlers[]): { readonly tell: Tell; readonly handlersOf: HandlersOf } => {
  const byFact = new Map<string, Tell[]>();
  for (const handlers of all) {
    for (const [name, handler] of Object.entries(handlers)) {
      const list = byFact.get(name);
      if (list === undefined) byFact.set(name, [handler as Tell]);
      else list.push(handler as Tell);
    }
  }
  const handlersOf: HandlersOf = (name) => byFact.get(name) ?? nobody;
  const tell: Tell = (fact, at) => {
    for (const handler of handlersOf(fact.fact)) handler(fact, at);
  };
  return { tell, handlersOf };
};

/** The monitors at work, and what they found. */
class Watch {
  readonly handlers: readonly Handlers[];
  private readonly violations: Violation[] = [];
  private readonly watchers: readonly Watcher[];

  /** Of each monitor the first `limit` violations are kept. */
  constructor(monitors: readonly Monitor[], roster: Roster, limit: number) {
    this.watchers = monitors.map(({ name, watch }) => {
      let found = 0;
      return watch(roster, (breach) => {
        if (++found <= limit) this.violations.push(violationOf(name, breach));
      });
    });
    this.handlers = this.watchers.map(({ on }) => on);
  }

  get hasFound(): boolean {
    return this.violations.length > 0;
  }

  conclude(end: End): readonly Violation[] {
    for (const watcher of this.watchers) watcher.end?.(end);
    return this.violations;
  }
}

const violationOf = (monitor: string, { at, ...rest }: Breach): Violation => ({ monitor, atUs: us(at), ...rest });
