// The summary of a run: one schema, from which its type, its check and the published JSON Schema come.
//
// Fields are only ever added. Times are microseconds of the engine's own clock; null stands for what did not happen.
import * as Schema from "effect/Schema";
import { phases } from "../protocol/messages.ts";

const Count = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0));
const Us = Schema.Finite.check(Schema.isGreaterThanOrEqualTo(0));
const described = <S extends Schema.Top>(schema: S, description: string): S["Rebuild"] => schema.annotate({ description });

const Violation = Schema.Struct({
  monitor: described(Schema.String, "The guarantee that was broken"),
  reason: Schema.String,
  atUs: Us,
  cpu: Schema.optionalKey(Count),
  task: Schema.optionalKey(Schema.String),
});

const Phase = Schema.Literals(phases);

const PhaseTimes = Schema.Struct({
  epoch: Count,
  name: Phase,
  startUs: Us,
  endUs: described(Schema.NullOr(Us), "null if the round never ended"),
  acks: Count,
  resent: Count,
  late: Count,
});

const Timings = Schema.Struct({
  gatherUs: described(Schema.NullOr(Us), "From the first gather asked to the last ended"),
  stopUs: described(Schema.NullOr(Us), "The longest that a CPU ran no task"),
  irqsOffUs: described(Schema.NullOr(Us), "The longest that a CPU had interrupts off"),
  decideUs: described(Schema.NullOr(Us), "From the last vote to the decision in the register"),
  switchUs: described(Schema.NullOr(Us), "From the first asking to switch to the decision, of one transition"),
  mixedUs: described(Schema.NullOr(Us), "How long tasks or CPUs ran different versions"),
  totalUs: described(Schema.NullOr(Us), "From opening the first epoch to closing the last"),
  heldTaskUs: described(Us, "For how long user tasks were kept from running, added up over tasks"),
});

const Ipis = Schema.Struct({
  sent: Count,
  delivered: Count,
  dropped: Count,
  delayed: Count,
  duplicated: Count,
  corrupted: Count,
  resent: Count,
  late: Count,
});

export const Wire = Schema.Struct({
  refused: described(Count, "Frames that were damaged, malformed or not for their speaker to say"),
  unsent: described(Count, "Frames that could not leave, because the connection was gone"),
  reconnects: described(Schema.optionalKey(Count), "How often processes lost their connection to the server and made it again"),
  slowConsumers: described(
    Schema.optionalKey(Count),
    "Connections that the server cut off because they read too slowly; absent of a server that is not the run's own",
  ),
  serverRestarts: described(Count, "How often the NATS server ended and was started again"),
  denied: described(
    Schema.optionalKey(Count),
    "What the NATS server did not let through: strangers, and words that were not their speaker's. Absent where its log cannot be read",
  ),
});

const Refused = Schema.Struct({
  by: described(Schema.String, "Who did not let it through: the NATS server, or a process of the run"),
  who: described(Schema.String, "As the server knows them"),
  what: Schema.String,
  why: Schema.String,
  times: Count,
});

export const Calls = Schema.Struct({
  planned: described(Us, "Over the run, by the rate of the workload or of --calls"),
  ended: described(Count, "That came to their end"),
  perSecond: Us,
  plannedPerSecond: described(Us, "Of the whole machine"),
});

const Blame = Schema.Struct({
  cpu: described(Schema.optionalKey(Count), "Absent where the run waited for a coordinator"),
  task: Schema.optionalKey(Schema.String),
  function: described(Schema.optionalKey(Schema.String), "The kernel function that the task was in"),
  why: Schema.String,
  heldUs: described(Us, "How long the others waited for it"),
  epoch: Count,
  phase: Phase,
});

const Watchdog = Schema.Struct({
  kind: Schema.Literals(["soft-lockup", "hard-lockup", "rcu-stall", "csd-lock"]),
  cpu: Count,
  atUs: Us,
});

const Resources = Schema.Struct({ wallMs: Us, events: Count, eventsPerSecond: Us, maxRssMb: Us });

export const Summary = Schema.Struct({
  schema: Schema.Literal("quiesce.summary/1"),
  run: described(Schema.String, "The name of the run folder"),
  engine: Schema.Literals(["live", "virtual"]),
  transport: Schema.Literals(["nats", "none"]),
  model: Schema.Struct({
    name: Schema.String,
    leave: Schema.Literals(["function", "patched-set", "kernel"]),
    switch: Schema.Literals(["function", "task", "kernel"]),
  }),
  cpus: Count,
  topology: described(
    Schema.optionalKey(Schema.String),
    "How rounds were asked: tree:K or numa; absent where everybody was asked straight",
  ),
  hosts: described(Count, "Processes that the CPUs were spread over; 0 in virtual time"),
  tasks: described(Count, "User tasks of the whole machine"),
  seed: Count,
  outcome: described(Schema.Literals(["committed", "aborted", "incomplete"]), "Of the last operation"),
  verdict: Schema.Literals(["valid", "violated", "unknown"]),
  reasons: described(Schema.Array(Schema.String), "Why the verdict is not valid"),
  violations: Schema.Array(Violation),
  broken: described(Schema.Array(Schema.String), "Guarantees of other models that this run broke: no part of the verdict"),
  hazards: described(
    Schema.Struct({ call: Count, data: Count }),
    "What the patch needed and did not get: entries that ran both versions, CPUs that ran old code beside new",
  ),
  attempts: described(Count, "Epochs opened"),
  phases: Schema.Array(PhaseTimes),
  timings: Timings,
  checks: described(Count, "Rounds of transitions that looked at tasks again because some had not switched"),
  signals: described(Count, "Rounds of transitions that woke tasks which had not switched"),
  pending: described(Count, "Tasks that had not switched when the run ended"),
  turningBack: described(
    Schema.NullOr(Schema.Struct({ sinceUs: Us, from: Count })),
    "Of a transition that was on its way back when the run ended: since when, and from which version",
  ),
  forced: described(Count, "Tasks that were forced over whatever was on their stacks: for them the model's promise does not hold"),
  ipis: Ipis,
  faults: Schema.Array(Schema.Struct({ text: Schema.String, matched: Count, applied: Count })),
  blame: Schema.Array(Blame),
  watchdogs: Schema.Array(Watchdog),
  interrupted: described(Count, "System calls that failed with EINTR"),
  operations: Schema.Struct({ asked: Count, committed: Count }),
  version: described(Count, "The version in force at the end; a machine starts on 0"),
  ignored: described(Count, "Messages that were late or made no sense: CPUs and coordinators counted them and did nothing else"),
  calls: described(Schema.optionalKey(Calls), "Calls with wait between CPUs while CPUs ran; absent where none were planned"),
  wire: described(Schema.NullOr(Wire), "null in virtual time, where nothing travels as bytes"),
  refusals: described(
    Schema.optionalKey(Schema.Array(Refused)),
    "Who was refused what: notes of the journal as well. Absent where nobody was, or nobody could tell",
  ),
  resources: Resources,
}).annotate({ identifier: "Summary", description: "What came of one run: `summary.json`, and what `--json` prints" });

export type Summary = typeof Summary.Type;
