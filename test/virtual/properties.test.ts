// Whatever a plan of faults does to a machine, no guarantee of its model is broken and the run comes to its end.
import fc from "fast-check";
import { assert, describe, it } from "vitest";
import type { Operation } from "../../shared/protocol/messages.ts";
import { phases } from "../../shared/protocol/messages.ts";
import type { Setup } from "../../shared/protocol/setup.ts";
import { smallSetup } from "../fixtures/setup.ts";
import { runJudged } from "./judged.ts";

const cpu = fc.nat(5);
const phase = fc.constantFrom(...phases);
const duration = fc.constantFrom("3us", "20us", "150us", "1ms", "5ms");
const moment = fc.oneof(
  { weight: 3, arbitrary: phase.map((name) => `at ${name}`) },
  duration.map((time) => `from ${time}`),
);
const restart = fc.option(duration, { nil: undefined }).map((time) => (time === undefined ? "" : ` restart after ${time}`));
const kind = fc.constantFrom("any", "stop", "ack", "hello", "welcome", "call", "call-done");
const share = fc.integer({ min: 1, max: 30 }).map((percent) => `${percent}%`);
const during = fc.option(phase, { nil: undefined }).map((name) => (name === undefined ? "" : ` during ${name}`));

const text = (...parts: ReadonlyArray<fc.Arbitrary<string> | string>): fc.Arbitrary<string> =>
  fc.tuple(...parts.map((part) => (typeof part === "string" ? fc.constant(part) : part))).map((words) => words.join(""));

const fault = fc.oneof(
  text("drop ", share, " of ", kind, during),
  text("delay 1us..", duration, " of ", kind, during),
  text("duplicate ", share, " of ", kind, during, " after 1us..", duration),
  text("crash cpu ", cpu.map(String), " ", moment, restart),
  text("crash coordinator ", moment, restart),
  text("second coordinator ", moment),
  text("pause cpu ", cpu.map(String), " ", moment, " for ", duration),
  text("pause coordinator ", moment, " for ", duration),
);

const operations = fc.constantFrom<readonly Operation[]>(["patch"], ["patch", "unpatch"], ["patch", "unpatch", "patch"]);
/** Without a gather a stop comes upon tasks in the kernel, and votes are busy. */
const gather: fc.Arbitrary<Setup["model"]["gather"]> = fc.option(
  fc.record({ userMode: fc.constantFrom("park", "gate"), passes: fc.constantFrom(1, 2) }),
  { freq: 3 },
);

/** Only what differs from the small machine, so that a counterexample can be read. */
const changes = fc.record({
  seed: fc.nat(1e6),
  cpus: fc.integer({ min: 2, max: 6 }),
  operations,
  gather,
  limitNs: fc.constantFrom(300_000, 50_000_000),
});

const setupOf = ({ gather: brings, limitNs, ...rest }: typeof changes extends fc.Arbitrary<infer T> ? T : never): Setup => {
  const small = smallSetup(rest);
  return { ...small, model: { ...small.model, gather: brings, limitNs, holdLimitNs: 2 * limitNs } };
};

/** More runs than a push needs are for a night: the number comes from outside. */
const numRuns = Number(process.env.QUIESCE_PROPERTY_RUNS ?? 300);

describe("any machine under any faults", () => {
  it("keeps every guarantee and ends", () => {
    fc.assert(
      fc.property(changes, fc.array(fault, { maxLength: 5 }), (machine, faults) => {
        const { end, judgement, byClock } = runJudged(setupOf(machine), faults);
        assert.deepStrictEqual(judgement.violations, []);
        assert.deepStrictEqual(byClock.violations, [], "in the order of clocks");
        assert.strictEqual(end.ended, "finished");
      }),
      { numRuns },
    );
  }, 600_000);
});
