// Breadth-first search through every state that a system can come to: what is found first is found by a shortest path.
import { unreachedGoal } from "./goals.ts";
import { Numbers, Store } from "./store.ts";
import type { Property, Row, System } from "./system.ts";

export interface SearchOptions {
  readonly maxStates: number;
  /** Both are asked now and then. */
  readonly memoryIsFull: () => boolean;
  readonly timeIsUp: () => boolean;
  /** Told as often as that. */
  readonly progress: (counts: Counts) => void;
}

export interface Counts {
  readonly states: number;
  readonly transitions: number;
  /** Steps from the initial state to the furthest that was found. */
  readonly depth: number;
  readonly bytes: number;
}

/** `unknown`: a limit was reached before it could be told. `at`: the state that breaks the property, or in which it was met first. */
export interface Outcome {
  readonly property: Property;
  readonly outcome: "holds" | "violated" | "unknown";
  readonly at: number | null;
}

export type Ended = "exhausted" | "violated" | "states" | "memory" | "time";

export interface Result extends Counts {
  readonly ended: Ended;
  /** How many states were first met after no step, one, two, ..; the last number is of a depth that a limit or a breach cut off. */
  readonly levels: readonly number[];
  readonly outcomes: readonly Outcome[];
  /** The numbers of the states on a shortest path to this one. */
  readonly pathTo: (state: number) => readonly number[];
  readonly read: (state: number, row: Row) => void;
}

/** Far beyond any memory. */
export const unlimited: SearchOptions = { maxStates: 2 ** 30, memoryIsFull: () => false, timeIsUp: () => false, progress: () => undefined };

/** States between two looks at the limits. */
const stride = 4096;

const noParent = -1;

export const search = (system: System, properties: readonly Property[], options: SearchOptions): Result =>
  new Search(system, properties, options).run();

class Search {
  private readonly system: System;
  private readonly options: SearchOptions;
  private readonly store: Store;
  private readonly parents = new Numbers();
  /** Where the steps without a fault lead, of one state after the other; kept only if some property is a goal. */
  private readonly edges = new Numbers();
  private readonly firstEdges = new Numbers();
  private readonly state: Row;
  private readonly next: Row;
  private readonly always: readonly Property[];
  private readonly goals: readonly Property[];
  private readonly sometimes: Property[];
  private readonly met = new Map<Property, number>();
  private broken: Outcome | undefined;
  private transitions = 0;
  private depth = 0;
  private readonly levels = [1];

  constructor(system: System, properties: readonly Property[], options: SearchOptions) {
    this.system = system;
    this.options = options;
    this.store = new Store(system);
    this.state = new Int32Array(system.width);
    this.next = new Int32Array(system.width);
    this.always = properties.filter(({ kind }) => kind === "always");
    this.goals = properties.filter(({ kind }) => kind === "goal");
    this.sometimes = properties.filter(({ kind }) => kind === "sometimes");
  }

  run(): Result {
    const ended = this.explore();
    const outcomes = [...this.always.map((each) => this.safety(each, ended)), ...this.possibility(ended), ...this.liveness(ended)];
    const isViolated = outcomes.some(({ outcome }) => outcome === "violated");
    return {
      ...this.counts(),
      levels: this.levelsMet(),
      ended: ended === "exhausted" && isViolated ? "violated" : ended,
      outcomes,
      pathTo: (state) => this.pathTo(state),
      read: (state, row) => this.store.read(state, row),
    };
  }

  private explore(): Ended {
    const { system, store, state, next } = this;
    next.set(system.initial);
    system.canonical?.(next);
    this.arrive(noParent);
    let levelEnds = store.count;
    const reached = (_: number, fault: boolean): void => {
      this.transitions++;
      system.canonical?.(next);
      const target = this.arrive(from);
      if (!fault && this.goals.length > 0) this.edges.push(target);
    };
    let from = 0;
    for (; from < store.count; from++) {
      if (this.broken !== undefined) return "violated";
      if (from === levelEnds) {
        this.depth++;
        this.levels.push(store.count - levelEnds);
        levelEnds = store.count;
      }
      if (from % stride === 0) {
        const limit = this.limit();
        if (limit !== undefined) return limit;
      }
      store.read(from, state);
      if (this.goals.length > 0) this.firstEdges.push(this.edges.length);
      system.successors(state, next, reached);
    }
    return this.broken === undefined ? "exhausted" : "violated";
  }

  /** The number of the state in `next`; a new one is judged. */
  private arrive(parent: number): number {
    const { store, next } = this;
    const known = store.count;
    const number = store.add(next);
    if (number < known) return number;
    this.parents.push(parent);
    for (const property of this.always) {
      if (this.broken === undefined && !property.holds(next)) this.broken = { property, outcome: "violated", at: number };
    }
    for (const property of this.sometimes) if (!this.met.has(property) && property.holds(next)) this.met.set(property, number);
    return number;
  }

  private limit(): Ended | undefined {
    const { maxStates, memoryIsFull, timeIsUp, progress } = this.options;
    const counts = this.counts();
    progress(counts);
    if (counts.states >= maxStates) return "states";
    if (memoryIsFull()) return "memory";
    return timeIsUp() ? "time" : undefined;
  }

  private counts(): Counts {
    const { store, parents, edges, firstEdges, transitions, depth } = this;
    const bytes = store.bytes + parents.bytes + edges.bytes + firstEdges.bytes;
    return { states: store.count, transitions, depth, bytes };
  }

  private levelsMet(): readonly number[] {
    const begun = this.store.count - this.levels.reduce((sum, count) => sum + count, 0);
    return begun > 0 ? [...this.levels, begun] : this.levels;
  }

  private safety(property: Property, ended: Ended): Outcome {
    if (this.broken?.property === property) return this.broken;
    return { property, outcome: ended === "exhausted" ? "holds" : "unknown", at: null };
  }

  private possibility(ended: Ended): readonly Outcome[] {
    return this.sometimes.map((property) => {
      const at = this.met.get(property) ?? null;
      return { property, outcome: at !== null ? "holds" : ended === "exhausted" ? "violated" : "unknown", at };
    });
  }

  /** What an unfinished search has not seen could still lead to the goal. */
  private liveness(ended: Ended): readonly Outcome[] {
    return this.goals.map((property) => {
      if (ended !== "exhausted") return { property, outcome: "unknown", at: null };
      this.firstEdges.push(this.edges.length);
      const at = unreachedGoal(this.store.count, this.firstEdges, this.edges, (state) => {
        this.store.read(state, this.state);
        return property.holds(this.state);
      });
      this.firstEdges.length--;
      return { property, outcome: at === null ? "holds" : "violated", at };
    });
  }

  private pathTo(state: number): readonly number[] {
    const path: number[] = [];
    for (let each = state; each !== noParent; each = this.parents.at(each)) path.push(each);
    return path.reverse();
  }
}
