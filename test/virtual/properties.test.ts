// Whatever a plan of faults does to a machine, no guarantee of its model is broken and the run comes to its end.
import fc from "fast-check";
import { assert, describe, it } from "vitest";
import { cellOf } from "../../shared/consistency/cell.ts";
import { models } from "../../shared/consistency/registry.ts";
import { simple } from "../../shared/consistency/simple.ts";
import type { Operation } from "../../shared/protocol/messages.ts";
import { phases } from "../../shared/protocol/messages.ts";
import type { Setup } from "../../shared/protocol/setup.ts";
import { flat, type Topology } from "../../shared/protocol/topology.ts";
import { smallSetup } from "../fixtures/setup.ts";
import { runJudged } from "./judged.ts";
import { hastened } from "./matrix.ts";

const cpu = fc.nat(5);
const phase = fc.constantFrom(...phases);
const duration = fc.constantFrom("3us", "20us", "150us", "1ms", "5ms");
const moment = fc.oneof(
  { weight: 3, arbitrary: phase.map((name) => `at ${name}`) },
  duration.map((time) => `from ${time}`),
);
const restart = fc.option(duration, { nil: undefined }).map((time) => (time === undefined ? "" : ` restart after ${time}`));
const replug = fc.option(duration, { nil: undefined }).map((time) => (time === undefined ? "" : ` replug after ${time}`));
const kind = fc.constantFrom("any", "stop", "transition", "text", "ack", "hello", "welcome", "call", "call-done");
const share = fc.integer({ min: 1, max: 30 }).map((percent) => `${percent}%`);
const during = fc.option(phase, { nil: undefined }).map((name) => (name === undefined ? "" : ` during ${name}`));

const text = (...parts: ReadonlyArray<fc.Arbitrary<string> | string>): fc.Arbitrary<string> =>
  fc.tuple(...parts.map((part) => (typeof part === "string" ? fc.constant(part) : part))).map((words) => words.join(""));

const copying = text("duplicate ", share, " of ", kind, during, " after 1us..", duration);
const pausing = text(
  "pause ",
  fc.oneof(
    fc.constant("coordinator"),
    cpu.map((number) => `cpu ${number}`),
  ),
  " ",
  moment,
  " for ",
  duration,
);
const overtaking = text("reorder ", share, " of ", kind, during, " within ", duration);
const cpus = cpu.map((number) => `cpu ${number}`);
const party = fc.oneof({ weight: 1, arbitrary: fc.constant("coordinator") }, { weight: 3, arbitrary: cpus });
const window = fc.option(text(" from ", duration, " for ", duration), { nil: "" });
const off = fc.constantFrom(" every 30us for 20us", " every 1ms for 150us", " every 5ms for 3ms");

/** After these every CPU that there was is still there. */
const harmless = fc.oneof(
  text("drop ", share, " of ", kind, during),
  text("delay 1us..", duration, " of ", kind, during),
  copying,
  pausing,
  overtaking,
  text("corrupt ", share, " of ", kind, during),
  text("burst ", share, " of ", kind, during, " lasting ", fc.constantFrom("2", "10"), " every ", fc.constantFrom("20", "200")),
  text("partition ", party, " from ", party, fc.constantFrom("", " one-way"), window),
  text("slow ", party, " x", fc.constantFrom("1.5", "8", "100"), window),
  text("irqs-off ", cpus, off, window),
  text("drift ", party, " ", fc.constantFrom("+200ppm", "-200ppm", "+400000ppm", "-800000ppm"), window),
  text("nmi ", cpus, " ", moment),
  text("second coordinator ", moment),
  text("crash coordinator ", moment, restart),
);
const fault = fc.oneof(
  { weight: 6, arbitrary: harmless },
  { weight: 2, arbitrary: text("crash ", cpus, " ", moment, restart) },
  { weight: 2, arbitrary: text("unplug ", cpus, " ", moment, replug) },
);

const operations = fc.constantFrom<readonly Operation[]>(["patch"], ["patch", "unpatch"], ["patch", "unpatch", "patch"]);
/** Without a gather a stop comes upon tasks in the kernel, and votes are busy. */
const gather: fc.Arbitrary<Setup["model"]["gather"]> = fc.option(
  fc.record({ userMode: fc.constantFrom("park", "gate"), passes: fc.constantFrom(1, 2) }),
  { freq: 3 },
);

/** Every cell of the grid, with the pauses of a small machine. */
const cells = (["function", "patched-set", "kernel"] as const).flatMap((leave) =>
  (["function", "task", "kernel"] as const).map((unit) => hastened(cellOf(simple, leave, unit))),
);
const others = [...models, ...cells].map(hastened).filter((model) => model.gather === null);

/** A node of the small machine has two CPUs. */
const topology = fc.constantFrom<Topology>(flat, { shape: "tree", fanout: 2 }, { shape: "tree", fanout: 3 }, { shape: "numa" });

/** Only what differs from the small machine, so that a counterexample can be read. `model`: of `others`, or the simple one. */
const changes = fc.record({
  model: fc.option(fc.nat(others.length - 1), { nil: null }),
  seed: fc.nat(1e6),
  cpus: fc.integer({ min: 2, max: 6 }),
  topology,
  operations,
  gather,
  limitNs: fc.constantFrom(300_000, 50_000_000),
});

const setupOf = ({ model, gather: brings, limitNs, ...rest }: typeof changes extends fc.Arbitrary<infer T> ? T : never): Setup => {
  const small = smallSetup(rest);
  if (model !== null) return { ...small, model: others[model] as Setup["model"] };
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

  it("does all that it was asked, or says which epoch was aborted and why after the last attempt", () => {
    fc.assert(
      fc.property(changes, fc.array(harmless, { maxLength: 5 }), (machine, faults) => {
        const setup = setupOf(machine);
        const { judgement, facts } = runJudged(setup, faults);
        const { outcome, operationsCommitted, version, reasons } = judgement;
        if (outcome === "committed") {
          assert.strictEqual(operationsCommitted, setup.operations.length);
          assert.strictEqual(version, setup.operations.at(-1) === "patch" ? 1 : 0);
          return;
        }
        assert.strictEqual(outcome, "aborted", "nothing is left half done");
        assert.match(reasons.join(), /epoch \d+ aborted in [a-z-]+ \((limit|busy|withdraw|takeover)\)/);
        const attempts = facts.flatMap(({ fact }) => (fact.fact === "opened" ? [fact.attempt] : []));
        assert.strictEqual(Math.max(...attempts), setup.model.attempts);
      }),
      { numRuns },
    );
  }, 600_000);

  it("needs one attempt for each operation where packets are only copied or overtaken and actors only pause", () => {
    fc.assert(
      fc.property(changes, fc.array(fc.oneof(copying, overtaking, pausing), { maxLength: 5 }), (machine, faults) => {
        const setup = setupOf({ ...machine, model: null, limitNs: 50_000_000, gather: machine.gather ?? simple.gather });
        const { outcome, attempts } = runJudged(setup, faults).judgement;
        assert.deepStrictEqual({ outcome, attempts }, { outcome: "committed", attempts: setup.operations.length });
      }),
      { numRuns },
    );
  }, 600_000);
});
