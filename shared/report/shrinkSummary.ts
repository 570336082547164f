// What shrinking a failing run comes to: one schema, from which its type, its check and the published JSON Schema come.
import * as Schema from "effect/Schema";

const Count = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0));

const Size = Schema.Struct({ faults: Count, cpus: Count, operations: Count }).annotate({ identifier: "ScenarioSize" });

export const Shrunk = Schema.Struct({
  schema: Schema.Literal("quiesce.shrink/1"),
  run: Schema.String,
  model: Schema.String,
  monitor: Schema.String.annotate({ description: "Whose promise is broken before and after" }),
  reason: Schema.String.annotate({ description: "What the monitor says of the smallest scenario" }),
  seed: Count,
  before: Size,
  after: Size,
  runs: Count.annotate({ description: "How many scenarios were run" }),
  faults: Schema.Array(Schema.String),
  replay: Schema.String.annotate({ description: "The line that runs it" }),
  scenario: Schema.String.annotate({ description: "The scenario file" }),
}).annotate({ identifier: "Shrunk", description: "The smallest scenario that breaks the same promise: what `shrink --json` prints" });

export type Shrunk = typeof Shrunk.Type;
