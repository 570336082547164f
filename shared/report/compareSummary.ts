// What a comparison comes to: one schema for each of its two documents, from which types, checks and published JSON Schemas come.
//
// Fields are only ever added. Times are microseconds of the engine's own clock. Every estimate is a median over runs, with its interval.
import * as Schema from "effect/Schema";
import { phases } from "../protocol/messages.ts";
import { Calls } from "./summary.ts";

const Count = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0));
const Share = Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 1 }));
const described = <S extends Schema.Top>(schema: S, description: string): S["Rebuild"] => schema.annotate({ description });

const EstimateSchema = Schema.Struct({
  median: Schema.Finite,
  low: described(Schema.NullOr(Schema.Finite), "Lower end of the 95 % bootstrap interval; null where there is one value only"),
  high: Schema.NullOr(Schema.Finite),
  n: described(Count, "Runs in which there was something to measure"),
}).annotate({ identifier: "Estimate" });

/** By the name that a summary gives it: `totalUs`. */
const Estimates = Schema.Record(Schema.String, Schema.NullOr(EstimateSchema));

const Verdicts = Schema.Struct({ valid: Count, violated: Count, unknown: Count });

const Broken = Schema.Struct({ monitor: Schema.String, runs: described(Count, "Runs in which it was broken at least once") });

const Culprit = Schema.Struct({
  seed: described(Count, "Of the run that it was found in"),
  cpu: Schema.optionalKey(Count),
  task: Schema.optionalKey(Schema.String),
  function: Schema.optionalKey(Schema.String),
  why: Schema.String,
  phase: Schema.Literals(phases),
  heldUs: Schema.Finite,
}).annotate({ identifier: "Culprit" });

const Reason = Schema.Struct({ seed: Count, text: Schema.String });

const cell = {
  model: Schema.String,
  leave: Schema.Literals(["function", "patched-set", "kernel"]),
  switch: Schema.Literals(["function", "task", "kernel"]),
};

const rowFields = {
  ...cell,
  runs: described(Count, "Runs that came to an end"),
  committed: described(Count, "Runs that carried out every operation"),
  committedShare: described(Schema.Struct({ low: Share, high: Share }), "Wilson's 95 % interval of their share"),
  verdicts: Verdicts,
  attempts: EstimateSchema,
  timings: Estimates,
  ipis: described(EstimateSchema, "Packets sent"),
  calls: described(Schema.optionalKey(Calls), "Calls with wait between CPUs, over all runs; absent where none were planned"),
  hazards: described(Schema.Struct({ call: Count, data: Count }), "Over all runs"),
  forced: described(Count, "Tasks that were forced over, over all runs: for them the model's promise does not hold"),
  violated: described(Schema.Array(Broken), "Guarantees of the model itself that were broken"),
  broken: described(Schema.Array(Broken), "Guarantees of other models that were broken"),
  reasons: described(Schema.Array(Reason), "Why verdicts are not valid: of the first few such runs"),
  blame: described(Schema.NullOr(Culprit), "Who held a run up longest; of runs that did not commit, where there are any"),
};

const Row = Schema.Struct({
  ...rowFields,
  against: described(
    Schema.NullOr(Schema.Struct({ model: Schema.String, timings: Estimates, ipis: Schema.NullOr(EstimateSchema) })),
    "Differences from the first model, run by run on the same seeds; null for the first model itself",
  ),
}).annotate({ identifier: "CompareRow" });

export type Row = typeof Row.Type;

const PatchShown = Schema.Struct({
  id: Schema.String,
  kind: Schema.Literals(["function", "call", "data"]),
  functions: Schema.Array(Schema.String),
}).annotate({ identifier: "Patch" });

const shared = {
  run: described(Schema.String, "The name of the run folder"),
  engine: Schema.Literals(["live", "virtual"]),
  transport: Schema.Literals(["nats", "none"]),
  cpus: Count,
  hosts: described(Count, "Processes that the CPUs were spread over; 0 in virtual time"),
  tasks: described(Count, "User tasks of the whole machine"),
  workload: Schema.String,
  profile: Schema.String,
  faults: Schema.Array(Schema.String),
  seed: described(Count, "Of the first run; each further one has the next"),
  repeat: described(Count, "Runs of each model"),
  complete: described(Schema.Boolean, "false if it was interrupted: rows are of what there is"),
};

export type Shared = Schema.Struct.Type<typeof shared>;

export const Compare = Schema.Struct({
  schema: Schema.Literal("quiesce.compare/1"),
  ...shared,
  patch: PatchShown,
  rows: Schema.Array(Row),
}).annotate({
  identifier: "Compare",
  description: "Models on the same machine, workload, seeds, faults and patch: what `compare --json` prints",
});

export type Compare = typeof Compare.Type;

const Applied = Schema.Struct({
  ...cell,
  patches: described(Count, "Patches that were tried"),
  applied: described(Count, "Patches that every run committed"),
  byAttempt: described(Schema.Array(Count), "Runs that committed at the first attempt, at the second, and so on"),
  verdicts: Verdicts,
  hazards: Schema.Struct({ call: Count, data: Count }),
  broken: Schema.Array(Broken),
  timings: described(Estimates, "Over the runs that committed"),
  blockers: described(
    Schema.Array(Schema.Struct({ text: Schema.String, patches: Schema.Array(Schema.String) })),
    "What kept patches out: the most common first",
  ),
}).annotate({ identifier: "Applied" });

export type Applied = typeof Applied.Type;

const PatchRow = Schema.Struct({ patch: Schema.String, kind: PatchShown.fields.kind, ...rowFields }).annotate({ identifier: "PatchRow" });

export type PatchRow = typeof PatchRow.Type;

export const Catalogue = Schema.Struct({
  schema: Schema.Literal("quiesce.catalogue/1"),
  ...shared,
  models: Schema.Array(Applied),
  rows: Schema.Array(PatchRow),
}).annotate({ identifier: "Catalogue", description: "Every shipped patch under each model: what `compare --catalogue --json` prints" });

export type Catalogue = typeof Catalogue.Type;
