// Any fault that the grammar can write, for property tests.
import fc from "fast-check";
import { fromCpus } from "../../shared/machine/cpuSet.ts";
import type { Party } from "../../shared/nemesis/actors.ts";
import type { Fault, FaultName } from "../../shared/nemesis/registry.ts";
import { messageKinds, phases } from "../../shared/protocol/messages.ts";

const duration = fc.oneof(fc.integer({ min: 0, max: 2_000 }), fc.integer({ min: 0, max: 1e15 }), fc.constantFrom(50_000, 1_000_000, 1e9));
const span = fc.tuple(duration, duration).map(([a, b]) => ({ lowNs: Math.min(a, b), highNs: Math.max(a, b) }));
const cpus = fc.array(fc.oneof(fc.nat(12), fc.nat(999_999)), { minLength: 1, maxLength: 8 }).map(fromCpus);
const party: fc.Arbitrary<Party> = fc.oneof(fc.constant("coordinator" as const), cpus);
const phase = fc.constantFrom(...phases);
const when = fc.oneof(fc.record({ phase }), fc.record({ atNs: duration }));

const share = fc.oneof(
  fc.record({ percent: fc.integer({ min: 0, max: 100_000_000 }).map((millionths) => millionths / 1_000_000) }),
  fc.record({ nth: fc.oneof(fc.integer({ min: 1, max: 130 }), fc.integer({ min: 1, max: 999_999_999 })) }),
);
const window = fc.record({ fromNs: duration, forNs: duration }, { requiredKeys: ["fromNs"] });
const packets = { share, kind: fc.constantFrom(...messageKinds, "any" as const), from: party, to: party, during: phase, window };

/** By word, so that the compiler asks for one when a fault is added. */
const faults: { readonly [Name in FaultName]: fc.Arbitrary<Extract<Fault, { fault: Name }>> } = {
  drop: fc.record({ fault: fc.constant("drop"), ...packets }, { requiredKeys: ["fault", "kind"] }),
  delay: fc.record({ fault: fc.constant("delay"), by: span, ...packets }, { requiredKeys: ["fault", "by", "kind"] }),
  duplicate: fc.record({ fault: fc.constant("duplicate"), after: span, ...packets }, { requiredKeys: ["fault", "kind"] }),
  pause: fc.record({ fault: fc.constant("pause"), actor: party, when, forNs: duration }),
  crash: fc.record(
    { fault: fc.constant("crash"), actor: party, when, restartAfterNs: duration },
    { requiredKeys: ["fault", "actor", "when"] },
  ),
  second: fc.record({ fault: fc.constant("second"), actor: fc.constant("coordinator"), when }),
};

export const anyFault: fc.Arbitrary<Fault> = fc.oneof(...Object.values(faults));
