// Any fault that the grammar can write, for property tests.
import fc from "fast-check";
import { fromCpus } from "../../shared/machine/cpuSet.ts";
import type { Party } from "../../shared/nemesis/actors.ts";
import type { Fault, FaultName } from "../../shared/nemesis/registry.ts";
import { messageKinds, phases } from "../../shared/protocol/messages.ts";

const duration = fc.oneof(fc.integer({ min: 0, max: 2_000 }), fc.integer({ min: 0, max: 1e15 }), fc.constantFrom(50_000, 1_000_000, 1e9));
const someTime = duration.filter((ns) => ns > 0);
const span = fc.tuple(duration, duration).map(([a, b]) => ({ lowNs: Math.min(a, b), highNs: Math.max(a, b) }));
const cpus = fc.array(fc.oneof(fc.nat(12), fc.nat(999_999)), { minLength: 1, maxLength: 8 }).map(fromCpus);
const party: fc.Arbitrary<Party> = fc.oneof(fc.constant("coordinator" as const), cpus);
const phase = fc.constantFrom(...phases);
const when = fc.oneof(fc.record({ phase }), fc.record({ atNs: duration }));

const percent = fc.record({ percent: fc.integer({ min: 0, max: 100_000_000 }).map((millionths) => millionths / 1_000_000) });
const share = fc.oneof(percent, fc.record({ nth: fc.oneof(fc.integer({ min: 1, max: 130 }), fc.integer({ min: 1, max: 999_999_999 })) }));
const count = fc.integer({ min: 1, max: 999_999_999 });
const window = fc.record({ fromNs: duration, forNs: duration }, { requiredKeys: ["fromNs"] });
const packets = { share, kind: fc.constantFrom(...messageKinds, "any" as const), from: party, to: party, during: phase, window };

/** By word, so that the compiler asks for one when a fault is added. */
const faults: { readonly [Name in FaultName]: fc.Arbitrary<Extract<Fault, { fault: Name }>> } = {
  drop: fc.record({ fault: fc.constant("drop"), ...packets }, { requiredKeys: ["fault", "kind"] }),
  delay: fc.record({ fault: fc.constant("delay"), by: span, ...packets }, { requiredKeys: ["fault", "by", "kind"] }),
  duplicate: fc.record({ fault: fc.constant("duplicate"), after: span, ...packets }, { requiredKeys: ["fault", "kind"] }),
  pause: fc.record({ fault: fc.constant("pause"), actor: party, when, forNs: duration }),
  suspend: fc.record({ fault: fc.constant("suspend"), actor: party, when, forNs: duration }),
  outage: fc.record({ fault: fc.constant("outage"), window }),
  kill: fc.record(
    { fault: fc.constant("kill"), actor: party, when, restartAfterNs: duration },
    { requiredKeys: ["fault", "actor", "when"] },
  ),
  crash: fc.record(
    { fault: fc.constant("crash"), actor: party, when, restartAfterNs: duration },
    { requiredKeys: ["fault", "actor", "when"] },
  ),
  second: fc.record({ fault: fc.constant("second"), actor: fc.constant("coordinator"), when }),
  reorder: fc.record({ fault: fc.constant("reorder"), withinNs: someTime, ...packets }, { requiredKeys: ["fault", "kind", "withinNs"] }),
  corrupt: fc.record({ fault: fc.constant("corrupt"), ...packets }, { requiredKeys: ["fault", "kind"] }),
  burst: fc
    .record(
      { fault: fc.constant("burst"), lasting: count, every: count, ...packets, share: percent },
      { requiredKeys: ["fault", "kind", "lasting", "every"] },
    )
    .filter(({ lasting, every }) => lasting < every),
  partition: fc.record(
    { fault: fc.constant("partition"), one: party, other: party, oneWay: fc.constant(true), window },
    { requiredKeys: ["fault", "one", "other"] },
  ),
  nmi: fc.record({ fault: fc.constant("nmi"), actor: cpus, when }),
  unplug: fc.record(
    { fault: fc.constant("unplug"), actor: cpus, when, restartAfterNs: duration },
    { requiredKeys: ["fault", "actor", "when"] },
  ),
  slow: fc.record(
    { fault: fc.constant("slow"), actor: party, factor: fc.integer({ min: 1_001, max: 1_000_000 }).map((n) => n / 1000), window },
    { requiredKeys: ["fault", "actor", "factor"] },
  ),
  "irqs-off": fc
    .record(
      { fault: fc.constant("irqs-off"), actor: cpus, everyNs: someTime, forNs: someTime, window },
      { requiredKeys: ["fault", "actor", "everyNs", "forNs"] },
    )
    .filter(({ everyNs, forNs }) => forNs < everyNs),
  drift: fc.record(
    { fault: fc.constant("drift"), actor: party, ppm: fc.integer({ min: -900_000, max: 900_000 }).filter((ppm) => ppm !== 0), window },
    { requiredKeys: ["fault", "actor", "ppm"] },
  ),
};

export const anyFault: fc.Arbitrary<Fault> = fc.oneof(...Object.values(faults));
