// An output never shares mutable memory with the state: every output is frozen when it is made, and the machines go on as before.
import fc from "fast-check";
import { assert, describe, it } from "vitest";
import { planOf } from "../../shared/nemesis/plan.ts";
import type { Observer } from "../../shared/protocol/observer.ts";
import { runVirtual } from "../../shared/virtual/engine.ts";
import { smallSetup } from "../fixtures/setup.ts";

/** Freezes plain data all the way down, and lets nothing pass that is not plain. */
const freeze = (value: unknown, path: string): void => {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return;
  const prototype: unknown = Object.getPrototypeOf(value);
  assert.isTrue(prototype === Object.prototype || prototype === Array.prototype, `${path} is not plain data`);
  Object.freeze(value);
  for (const [key, inner] of Object.entries(value)) freeze(inner, `${path}.${key}`);
};

const frozen: Observer = {
  turn: ({ outputs }) => {
    for (const output of outputs) freeze(output, output.kind);
  },
  fault: () => {},
};

const fault = fc.constantFrom(
  "drop 20% of any",
  "duplicate 20% of any",
  "delay 1us..300us of any",
  "crash cpu 1 at gather restart after 1ms",
  "crash cpu 0 at run",
  "crash coordinator at run restart after 1ms",
  "second coordinator at prepare",
  "pause coordinator at disable-irq for 1ms",
);

describe("outputs", () => {
  it("can be frozen without anybody noticing", () => {
    fc.assert(
      fc.property(fc.nat(1e6), fc.uniqueArray(fault, { maxLength: 4 }), (seed, texts) => {
        const run = (observer: Observer | null) =>
          runVirtual({
            setup: smallSetup({ seed, operations: ["patch", "unpatch"] }),
            plan: planOf(texts, seed).plan,
            timeLimitNs: 1e9,
            eventLimit: 1e6,
            observer,
          });
        assert.deepEqual(run(frozen), run(null));
      }),
      { numRuns: 100 },
    );
  });

  it("that are not frozen are found out", () => {
    const shared = { kind: "send", to: [0, 0], msg: { list: [1] } };
    freeze(shared, "send");
    assert.throws(() => shared.msg.list.push(2), TypeError);
    assert.throws(() => freeze({ awaited: new Uint8Array(1) }, "round"), /round.awaited is not plain data/);
  });
});
