// Explores every interleaving of a small machine, and says of each guarantee whether it holds; of one that does not, by which steps.
import { monitorsOf } from "../oracle/registry.ts";
import type { Step } from "./machines/aftermath.ts";
import { type Change, changesBetween, valuesOf } from "./machines/changes.ts";
import { factText, inputText, nameAt, stepText } from "./machines/names.ts";
import { propertiesOf } from "./machines/properties.ts";
import type { ExploreSetup } from "./machines/setup.ts";
import { World } from "./machines/world.ts";
import { actionsTo } from "./search/path.ts";
import { type Ended, type Result, type SearchOptions, search } from "./search/search.ts";
import type { Property, Row } from "./search/system.ts";

/** Whom a step happens to, and which packet it is about, in the words of its changes: what a picture is drawn from. */
export interface Act {
  readonly does: Step["do"];
  readonly actor: string;
  readonly packet: string | null;
}

/** One step of a path: the number of its action, what it is, what was announced by it, and what is other after it. */
export interface PathStep {
  readonly action: number;
  readonly text: string;
  readonly act: Act;
  readonly facts: readonly string[];
  readonly changes: readonly Change[];
  /** Of each property, in their order, whether it holds after the step. */
  readonly lights: readonly boolean[];
}

/** What a search can say of one guarantee. */
export interface PropertyReport {
  readonly name: string;
  readonly kind: Property["kind"];
  readonly says: string;
  readonly outcome: "holds" | "violated" | "unknown";
}

/** The way to a broken guarantee, step by step. */
export interface Counterexample {
  readonly property: string;
  readonly reason: string;
  readonly steps: readonly PathStep[];
}

/** What a search found, and how far it went. */
export interface Exploration {
  readonly states: number;
  readonly transitions: number;
  /** Steps to the furthest state. */
  readonly depth: number;
  /** How many states were first met after no step, one, two, ..; the last number is of a depth that a limit or a breach cut off. */
  readonly levels: readonly number[];
  /** Bytes of the search's own tables. */
  readonly bytes: number;
  readonly ended: Ended;
  readonly verdict: "valid" | "violated" | "unknown";
  readonly properties: readonly PropertyReport[];
  /** The shortest for the first property that is violated. */
  readonly counterexample: Counterexample | null;
}

const saysOf = ({ name }: Property, { model }: ExploreSetup): string => {
  switch (name) {
    case "commits":
      return "in some run the patch is applied";
    case "ends":
      return "from every state the run can still come to its end without a further fault";
    default:
      return monitorsOf(model).find((monitor) => monitor.name === name)?.guarantee ?? "";
  }
};

/** `exact`: worlds that are the same but for what monitors remember are two. */
export const explore = (setup: ExploreSetup, { exact = false, ...options }: SearchOptions & { readonly exact?: boolean }): Exploration => {
  const world = new World(setup, exact);
  const result = search(world, propertiesOf(setup, world), options);
  const { states, transitions, depth, levels, bytes, ended, outcomes } = result;
  const isViolated = outcomes.some(({ outcome }) => outcome === "violated");
  const isKnown = outcomes.every(({ outcome }) => outcome === "holds");
  return {
    states,
    transitions,
    depth,
    levels,
    bytes,
    ended,
    verdict: isViolated ? "violated" : isKnown ? "valid" : "unknown",
    properties: outcomes.map(({ property, outcome }) => ({
      name: property.name,
      kind: property.kind,
      says: saysOf(property, setup),
      outcome,
    })),
    counterexample: counterexampleOf(world, result),
  };
};

const counterexampleOf = (world: World, result: Result): Counterexample | null => {
  const first = result.outcomes.find(({ outcome }) => outcome === "violated");
  if (first === undefined) return null;
  const { property, at } = first;
  if (at === null) return { property: property.name, reason: "it holds in no state at all", steps: [] };
  const properties = result.outcomes.map((outcome) => outcome.property);
  const { steps, end } = walk(world, properties, actionsTo(world, result, at));
  const finding = world.findingIn(end) ?? world.judges.findingAtEnd(end[world.layout.judges] as number);
  const stuck = "from here no step, and no number of steps without a further fault, leads to the end";
  return { property: property.name, reason: property.kind === "goal" ? stuck : (finding?.reason ?? ""), steps };
};

const actOf = (world: World): Act => {
  const { step } = world;
  return { does: step.do, actor: nameAt(world, step.actor), packet: "input" in step ? inputText(world, step.input) : null };
};

/** Takes these actions, one after the other, from the beginning, as far as they are there to be taken. */
const walk = (
  world: World,
  properties: readonly Property[],
  actions: readonly number[],
): { readonly steps: readonly PathStep[]; readonly end: Row } => {
  const steps: PathStep[] = [];
  const next = new Int32Array(world.width);
  let here = Int32Array.from(world.initial);
  let values = valuesOf(world, here);
  for (const wanted of actions) {
    let there: Row | undefined;
    world.successors(here, next, (action) => {
      if (action !== wanted) return;
      there = Int32Array.from(next);
      const before = values;
      values = valuesOf(world, there);
      steps.push({
        action,
        text: stepText(world, world.step),
        act: actOf(world),
        facts: world.judges.factsBehind(world.facts).map(factText),
        changes: changesBetween(before, values),
        lights: properties.map(({ holds }) => holds(there as Row)),
      });
    });
    if (there === undefined) break;
    here = Int32Array.from(there);
  }
  return { steps, end: here };
};

/** What comes of a path that was written down, and what a monitor finds at the end of it. */
export interface Replayed {
  readonly steps: readonly PathStep[];
  readonly finding: { readonly monitor: string; readonly reason: string } | null;
}

export const replayPath = (setup: ExploreSetup, actions: readonly number[]): Replayed => {
  const world = new World(setup);
  const { steps, end } = walk(world, propertiesOf(setup, world), actions);
  return { steps, finding: world.findingIn(end) ?? null };
};
