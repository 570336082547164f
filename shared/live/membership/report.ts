// What a host that has joined reports, as its driver takes it: of that host's own CPUs, in this life of its range, and of nothing else.
//
// Who speaks is read from the subject, for which the server vouches. A host may lie about its own CPUs; that another's are dead, or have
// answered, or were struck by a fault, is not for it to say.
import * as Schema from "effect/Schema";
import { refusedLimits } from "../../journal/refused.ts";
import { type CpuSet, has, size } from "../../machine/cpuSet.ts";
import type { Spent } from "../../nemesis/actorFaults.ts";
import { type Fault, isActorFault } from "../../nemesis/registry.ts";
import type { CpuLifeId, Report } from "../process/control.ts";
import { lifeStride } from "./lease.ts";
import type { HostReport } from "./mail.ts";

const Count = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0));
/** Characters of what a process says in words: of one that failed, all that it printed last. */
const Text = Schema.String.check(Schema.isMaxLength(16_384));
const Name = Schema.String.check(Schema.isMaxLength(refusedLimits.text + 3));

const Lives = Schema.Array(Schema.Tuple([Count, Count])).check(Schema.isMinLength(1));
const Hit = Schema.Struct({ index: Count, actor: Schema.Union([Count, Schema.Literal("coordinator")]) });
const Packets = Schema.Struct({ sent: Count, delivered: Count, dropped: Count, delayed: Count, duplicated: Count, corrupted: Count });
const Refused = Schema.Struct({ by: Name, who: Name, what: Name, why: Name, times: Count });
const Counts = Schema.Struct({
  packets: Packets,
  faults: Schema.Array(Schema.Struct({ text: Text, matched: Count, applied: Count })),
  refused: Count,
  refusals: Schema.Array(Refused).check(Schema.isMaxLength(refusedLimits.kinds + 1)),
  unsent: Count,
  reconnects: Count,
  turns: Count,
});

/** All that a process of a host says. Facts are a coordinator's to tell. */
const Said = Schema.Union([
  Schema.Struct({ report: Schema.Literal("ready") }),
  Schema.Struct({ report: Schema.Literal("settled"), running: Count, alive: Count }),
  Schema.Struct({ report: Schema.Literal("hit"), hit: Hit, fatal: Schema.Boolean }),
  Schema.Struct({ report: Schema.Literal("miss"), hit: Hit }),
  Schema.Struct({ report: Schema.Literals(["died", "up"]), lives: Lives }),
  Schema.Struct({ report: Schema.Literals(["notice", "gap", "problem"]), text: Text }),
  Schema.Struct({ report: Schema.Literal("wrote"), bytes: Count, again: Count }),
  Schema.Struct({ report: Schema.Literal("counts"), counts: Counts }),
]);

const Ended = Schema.Struct({ kind: Schema.Literals(["clean", "killed", "failed"]), how: Text });

const Envelope = Schema.Struct({
  driver: Count,
  life: Count,
  child: Count,
  n: Count,
  what: Schema.Union([Schema.Struct({ report: Said }), Schema.Struct({ exit: Ended })]),
});

const decode = Schema.decodeUnknownOption(Envelope, { onExcessProperty: "error" });

/** Undefined of what is no report of a host. */
export const readReport = (value: unknown): HostReport | undefined => {
  const read = decode(value);
  return read._tag === "Some" ? (read.value as HostReport) : undefined;
};

/** What a process of a host may speak of. */
export interface Charge {
  readonly cpus: CpuSet;
  /** The incarnation in which its life of the range begins. */
  readonly incarnation: number;
  readonly faults: readonly Fault[];
}

const areOwn = (lives: readonly CpuLifeId[], { cpus, incarnation }: Charge): boolean =>
  lives.every(([cpu, life]) => has(cpus, cpu) && life >= incarnation && life < incarnation + lifeStride);

const isOwnHit = ({ index, actor }: Spent, { cpus, faults }: Charge): boolean => {
  const fault = faults[index];
  return typeof actor === "number" && has(cpus, actor) && fault !== undefined && isStruck(fault, actor);
};

const isStruck = (fault: Fault, cpu: number): boolean => isActorFault(fault) && fault.actor !== "coordinator" && has(fault.actor, cpu);

/** Why it is not for this host to say; undefined of what is. */
export const trespass = (said: Report, charge: Charge): string | undefined => {
  switch (said.report) {
    case "settled":
      return said.running <= said.alive && said.alive <= size(charge.cpus) ? undefined : "has more CPUs than its own";
    case "died":
    case "up":
      return areOwn(said.lives, charge) ? undefined : "speaks for CPUs that are not its own";
    case "hit":
    case "miss":
      return isOwnHit(said.hit, charge) ? undefined : "was struck by what is not for its CPUs";
    default:
      return undefined;
  }
};
