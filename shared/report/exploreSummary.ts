// What a search through every interleaving comes to: one schema, from which its type, its check and the published JSON Schema come.
import * as Schema from "effect/Schema";

const Count = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0));
const described = <S extends Schema.Top>(schema: S, description: string): S["Rebuild"] => schema.annotate({ description });

const Budgets = described(
  Schema.Struct({
    drops: Count,
    copies: Count,
    cpuCrashes: Count,
    coordinatorCrashes: Count,
    secondCoordinator: Count,
    calls: Count,
    checks: Count,
  }),
  "How often each thing may go wrong, in all; the last two are no faults",
);

const Property = Schema.Struct({
  name: Schema.String,
  kind: described(Schema.Literals(["always", "sometimes", "goal"]), "In every state; in some state; from every state it can be reached"),
  says: Schema.String,
  outcome: Schema.Literals(["holds", "violated", "unknown"]),
});

const Change = Schema.Struct({ of: Schema.String, field: Schema.String, before: Schema.String, after: Schema.String });

const Step = Schema.Struct({
  action: Count,
  text: Schema.String,
  act: Schema.Struct({
    does: Schema.Literals(["deliver", "copy", "drop", "timeout", "answer", "arrive", "crash", "lose-write", "start", "second", "task"]),
    actor: Schema.String,
    packet: Schema.NullOr(Schema.String),
  }),
  facts: Schema.Array(Schema.String),
  changes: Schema.Array(Change),
  lights: described(Schema.Array(Schema.Boolean), "Of each property, in their order, whether it holds after the step"),
});

const Counterexample = Schema.Struct({ property: Schema.String, reason: Schema.String, steps: Schema.Array(Step) });

export const Explored = Schema.Struct({
  schema: Schema.Literal("quiesce.explore/1"),
  run: Schema.String,
  model: Schema.String,
  mutant: Schema.NullOr(Schema.String),
  cpus: Count,
  topology: Schema.String,
  attempts: Count,
  budgets: Budgets,
  exact: described(Schema.Boolean, "What monitors remember told states apart too"),
  seconds: Schema.Finite,
  megabytes: Count,
  states: Count,
  transitions: Count,
  depth: described(Count, "Steps to the furthest state"),
  levels: described(Schema.Array(Count), "States that were first met after no step, one, two, ..; the last may have been cut off"),
  bytes: described(Count, "Of the search's own tables"),
  ended: Schema.Literals(["exhausted", "violated", "states", "memory", "time"]),
  verdict: Schema.Literals(["valid", "violated", "unknown"]),
  properties: Schema.Array(Property),
  counterexample: described(Schema.NullOr(Counterexample), "A shortest one, of the first property that is violated"),
}).annotate({ identifier: "Explored", description: "What a search found, and how far it went: what `explore --json` prints" });

export type Explored = typeof Explored.Type;
