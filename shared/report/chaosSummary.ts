// What a chaos study comes to: one schema, from which its type, its check and the published JSON Schema come.
//
// Fields are only ever added. Times are microseconds of the engine's own clock.
import * as Schema from "effect/Schema";
import { phases } from "../protocol/messages.ts";

const Count = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0));
const Unit = Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 1 }));
const described = <S extends Schema.Top>(schema: S, description: string): S["Rebuild"] => schema.annotate({ description });

const Share = Schema.Struct({ hits: Count, of: Count, low: Unit, high: Unit }).annotate({
  identifier: "Share",
  description: "How often something was so, and Wilson's 95 % interval of how often it is",
});

export type ShareShown = typeof Share.Type;

const Spread = Schema.NullOr(
  Schema.Struct({
    p50: Schema.Finite,
    p99: Schema.Finite,
    max: Schema.Finite,
    n: described(Count, "Runs in which there was something to measure"),
  }),
);

const Met = Schema.Struct({ what: Schema.String, runs: Count });

const Row = Schema.Struct({
  model: Schema.String,
  runs: Count,
  committed: described(Share, "Carried out every operation"),
  aborted: described(Share, "Gave up, and broke nothing"),
  open: described(Share, "Ended before its operations did, and broke nothing"),
  violated: described(Share, "Broke a promise of its model"),
  unsafe: described(Count, "Broke another promise than to come to its end"),
  stuck: described(Count, "Did not come to its end though healed, and broke nothing else"),
  stopUs: Spread,
  totalUs: Spread,
  ipis: described(Spread, "Packets sent in a run"),
  heldBy: described(Schema.Array(Met), "Why whoever held a run up most did so, the most common first"),
}).annotate({ identifier: "ChaosRow" });

export type ChaosRow = typeof Row.Type;

const Failure = Schema.Struct({
  model: Schema.String,
  monitor: Schema.String,
  reason: described(Schema.String, "Of the first run"),
  phase: described(Schema.NullOr(Schema.Literals(phases)), "What was asked last before it"),
  runs: described(Count, "Runs that failed in the same way, but for numbers"),
  seed: described(Count, "Of the first run"),
  index: described(Count, "The number of that run in the study, from 0"),
  replay: described(
    Schema.String,
    "The line that runs it again; live, the line that takes its journal again, from the folder that it was kept in",
  ),
  shrink: described(Schema.String, "The line that looks for the smallest scenario that fails alike"),
}).annotate({ identifier: "ChaosFailure" });

export type ChaosFailure = typeof Failure.Type;

const Cell = Schema.Struct({
  lossPercent: described(Schema.Finite, "Of the packets of rounds, each way"),
  pauses: described(Count, "How long an attempt may take, in pauses between repeats"),
  committed: Share,
  closedForm: described(Schema.NullOr(Unit), "What theory says, where it says something"),
}).annotate({ identifier: "SurfaceCell" });

export const Chaos = Schema.Struct({
  schema: Schema.Literal("quiesce.chaos/1"),
  run: described(Schema.String, "The name of the run folder"),
  engine: Schema.Literals(["live", "virtual"]),
  cpus: Count,
  tasks: described(Count, "User tasks of the whole machine"),
  workload: Schema.String,
  profile: Schema.String,
  patch: Schema.String,
  mutant: described(Schema.NullOr(Schema.String), "Which machines were run; null: those that keep every rule"),
  faults: described(Schema.Array(Schema.String), "Faults that every run had beside those that it drew"),
  seeds: Schema.Struct({ first: Count, last: Count }),
  stopped: described(Schema.Literals(["all done", "failures", "minutes", "interrupted"]), "Why the study ended"),
  verdict: Schema.Literals(["valid", "violated", "unknown"]),
  reasons: described(Schema.Array(Schema.String), "Why the verdict is not valid"),
  runs: Count,
  unsafe: described(Share, "Runs that broke another promise than to come to their end"),
  stuck: described(Share, "Runs that did not come to their end though healed, and broke nothing else"),
  healed: described(Count, "Runs whose faults were switched off before they ended"),
  reached: described(Schema.Array(Met), "What runs met, the most common first"),
  struck: described(
    Schema.Array(Schema.Struct({ fault: Schema.String, runs: Count, struck: Count })),
    "Of each kind of fault that was drawn, in how many plans it was, and in how many runs it struck",
  ),
  rows: Schema.Array(Row),
  failures: Schema.Array(Failure),
  surface: Schema.NullOr(Schema.Array(Cell)),
  resources: Schema.Struct({ wallMs: Schema.Finite, runsPerSecond: Schema.Finite, events: Count }),
}).annotate({ identifier: "Chaos", description: "Many seeds of fault plans: what `chaos --json` prints" });

export type Chaos = typeof Chaos.Type;
