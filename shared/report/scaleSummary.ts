// What a sweep comes to: one schema, from which its type, its check and the published JSON Schema come.
//
// Fields are only ever added. Measures have their units in their names; those of the model are of the engine's own clock, and those that
// begin with `host` are the harness's cost, which is no part of the model.
import * as Schema from "effect/Schema";

const Count = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0));
const described = <S extends Schema.Top>(schema: S, description: string): S["Rebuild"] => schema.annotate({ description });

const Measured = Schema.Struct({
  median: Schema.Finite,
  low: Schema.NullOr(Schema.Finite),
  high: Schema.NullOr(Schema.Finite),
  n: described(Count, "Runs in which there was something to measure"),
}).annotate({ identifier: "Measured", description: "A median with its 95 % interval" });

const Point = described(Schema.Record(Schema.String, Schema.String), "One value of each axis");

const Measures = described(
  Schema.Record(Schema.String, Schema.NullOr(Measured)),
  "By the measure's name; null for what did not happen in any run",
);

const Cell = Schema.Struct({
  key: Schema.String,
  point: Point,
  cpus: Count,
  runs: Count,
  committed: described(Count, "Runs that carried out every operation"),
  verdicts: Schema.Struct({ valid: Count, violated: Count, unknown: Count }),
  halfWidth: described(Schema.NullOr(Schema.Finite), "Of completion: half of the interval's width over the median"),
  stopped: described(
    Schema.Literals(["tight", "enough", "not done"]),
    "Why no more runs were made: the interval is tight, as many as were asked for or as may be, or the sweep was interrupted",
  ),
  measures: Measures,
}).annotate({ identifier: "ScaleCell" });

export type ScaleCell = typeof Cell.Type;

const Parameter = Schema.Struct({
  name: Schema.String,
  value: Schema.Finite,
  low: Schema.NullOr(Schema.Finite),
  high: Schema.NullOr(Schema.Finite),
});

const Law = Schema.Struct({
  law: Schema.String,
  formula: Schema.String,
  parameters: described(Schema.Array(Parameter), "With their 95 % intervals"),
  r2: Schema.Finite,
  relativeError: described(Schema.Finite, "The root of the mean square of what it is off by at a point, relative to the point"),
}).annotate({ identifier: "ScaleLaw" });

const Curve = Schema.Struct({
  point: described(Schema.Record(Schema.String, Schema.String), "One value of each axis but CPUs"),
  measure: Schema.String,
  sentence: Schema.String,
  chosen: described(Schema.NullOr(Law), "null: the points do not tell"),
  alike: described(Schema.Array(Schema.String), "Laws that fit about as well"),
}).annotate({ identifier: "ScaleCurve", description: "How a measure grows with CPUs" });

export type ScaleCurve = typeof Curve.Type;

export const Scale = Schema.Struct({
  schema: Schema.Literal("quiesce.scale/1"),
  run: described(Schema.String, "The name of the run folder"),
  engine: Schema.Literals(["live", "virtual"]),
  code: described(Schema.String, "What the results depend on of the code: equal digests, equal code"),
  axes: Schema.Array(Schema.Struct({ name: Schema.String, values: Schema.Array(Schema.String) })),
  seeds: Schema.Struct({ first: Count, least: Count, most: Count }),
  untilCi: described(Schema.NullOr(Schema.Finite), "At which half-width a cell is tight; null: nobody asked"),
  complete: described(Schema.Boolean, "False after an interrupt"),
  runs: Count,
  floorUs: described(
    Schema.NullOr(Schema.Finite),
    "What one round costs the network alone, live: two pings of the server, the median of many; null in virtual time",
  ),
  cells: described(Schema.Array(Cell), "Small machines first"),
  curves: Schema.Array(Curve),
  resources: Schema.Struct({
    wallMs: described(Schema.Finite, "Of the process that concluded the sweep"),
    runsNow: described(Count, "Runs that this process wrote down"),
    maxRssBytes: described(Count, "The largest memory of the process that concluded the sweep"),
  }),
}).annotate({ identifier: "Scale", description: "What came of a sweep: `summary.json`, and what `--json` prints" });

export type Scale = typeof Scale.Type;
