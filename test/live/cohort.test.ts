// CPUs that nothing tells apart are stepped as one, and do what each of them would do alone.
import fc from "fast-check";
import { assert, describe, it } from "vitest";
import { hybrid } from "../../shared/consistency/hybrid.ts";
import { kpatch } from "../../shared/consistency/kpatch.ts";
import type { Workload } from "../../shared/kernel/workload.ts";
import { Actors } from "../../shared/live/process/actors.ts";
import { RunClock } from "../../shared/live/process/clock.ts";
import { Living } from "../../shared/live/process/living.ts";
import { Timers } from "../../shared/live/process/timers.ts";
import { type CpuSet, firstCpus, fromCpus, oneCpu, toArray } from "../../shared/machine/cpuSet.ts";
import { machinesOf } from "../../shared/mutants/machines.ts";
import { Cohort, namedIn } from "../../shared/protocol/cpu/cohort.ts";
import { outputOf } from "../../shared/protocol/cpu/likeness.ts";
import { lifeOfActor } from "../../shared/protocol/machines.ts";
import { type Ask, type Message, roundMessage } from "../../shared/protocol/messages.ts";
import type { AnyInput, AnyOutput } from "../../shared/protocol/observer.ts";
import type { Setup } from "../../shared/protocol/setup.ts";
import { smallSetup, smallWorkload } from "../fixtures/setup.ts";

const cpus = 6;
const everyone = firstCpus(cpus);
/** Nothing runs on it, and nobody draws. */
const idleWorkload: Workload = {
  ...smallWorkload,
  tasksPerCpu: 0,
  kthreads: [],
  irqsOff: { ...smallWorkload.irqsOff, perSecond: 0 },
  crossCalls: { perSecond: 0 },
};
const idle = smallSetup({ cpus, workload: idleWorkload });

/** The same machine twice: its CPUs each alone, and as one where nothing tells them apart. */
class Twice {
  /** Steps that CPUs took as one. */
  shared = 0;
  private readonly apart: ReadonlyArray<ReturnType<typeof lifeOfActor>>;
  private readonly timers = new Timers<Living>(new RunClock(), () => undefined);
  private readonly actors = new Actors(this.timers);
  private now = 0;

  constructor(setup: Setup) {
    const machines = machinesOf(setup);
    this.apart = toArray(everyone).map((cpu) => lifeOfActor(machines, cpu));
    for (const cpu of toArray(everyone)) {
      this.actors.add(new Living(1, Cohort.of(machines.cpu, cpu)));
      this.take(oneCpu(cpu), [], { kind: "start", incarnation: 1, at: this.now });
    }
  }

  tell(to: CpuSet, msg: Message): void {
    this.now += 1_000;
    this.join(this.take(to, namedIn(msg), { kind: "deliver", from: -1, at: this.now, msg }));
  }

  /** All in one turn. */
  welcomeAll(): void {
    const { now: at } = this;
    const welcome = (cpu: number): Message => ({ kind: "welcome", term: 1, epoch: 0, cpu, incarnation: 1, version: 0 });
    this.join(toArray(everyone).flatMap((cpu) => this.take(oneCpu(cpu), [cpu], { kind: "deliver", from: -1, at, msg: welcome(cpu) })));
  }

  private join(stepped: readonly Living[]): void {
    this.actors.join(stepped);
  }

  pause(cpu: number): void {
    (this.actors.alone(cpu) as Living).pausedUntil = this.now + 1;
  }

  /** One of them learns something that the others do not. */
  bury(cpu: number): void {
    this.take(oneCpu(cpu), [cpu], { kind: "died", at: this.now, cpu: (cpu + 1) % cpus, incarnation: 1 });
  }

  private take(to: CpuSet, named: readonly number[], input: AnyInput): readonly Living[] {
    const alone = toArray(to).map((cpu) => [cpu, this.apart[cpu]?.step(input)] as const);
    const together: Array<readonly [number, readonly AnyOutput[]]> = [];
    const stepped = this.actors.among(to, named).flatMap((one) => this.step(one, input, together));
    assert.deepStrictEqual(
      together.sort(([a], [b]) => a - b),
      alone as typeof together,
    );
    return stepped;
  }

  private step(one: Living, input: AnyInput, made: Array<readonly [number, readonly AnyOutput[]]>): readonly Living[] {
    const outputs = one.machine.step(input);
    if (outputs === null) return this.actors.apart(one).flatMap((each) => this.step(each, input, made));
    for (const output of outputs) {
      if (output.kind === "set-timer") this.timers.set(one, output.timer, input.at, output.afterNs);
      else if (output.kind === "cancel-timer") this.timers.cancel(one, output.timer);
    }
    if (one.isMany) this.shared++;
    for (const cpu of toArray(one.cpus)) made.push([cpu, outputs.map((output) => outputOf(output, one.actor, cpu))]);
    return [one];
  }

  /** Wakes nobody after the test. */
  end(): void {
    for (const one of this.actors.all()) this.timers.cancelAll(one);
  }
}

const some = fc.subarray(toArray(everyone), { minLength: 1 }).map(fromCpus);
const cpu = fc.nat(cpus - 1);
const course = { target: fc.constantFrom(0, 1), from: fc.constantFrom(0, 1), batch: fc.constant(null), caller: cpu };
const stopAsk: fc.Arbitrary<Ask> = fc.oneof(
  fc.record({ do: fc.constant("gather" as const), pass: fc.constantFrom("sleepers" as const, "all" as const) }),
  fc.constant({ do: "prepare" as const }),
  fc.record({ do: fc.constant("disable-irq" as const), walker: cpu }),
  fc.record({ do: fc.constant("run" as const), active: cpu }),
  fc.record({ do: fc.constant("exit" as const), outcome: fc.constantFrom("committed" as const, "aborted" as const), version: fc.nat(2) }),
);
const transitionAsk: fc.Arbitrary<Ask> = fc.oneof(
  fc.record({ do: fc.constantFrom("start" as const, "check" as const, "signal" as const, "force" as const), ...course }),
  fc.record({ do: fc.constantFrom("complete" as const, "cancel" as const), version: fc.nat(2) }),
);
const stamp = fc.record({ term: fc.constantFrom(1, 2), epoch: fc.integer({ min: 1, max: 3 }), round: fc.integer({ min: 1, max: 6 }) });
const eventOf = (ask: fc.Arbitrary<Ask>) =>
  fc.oneof({ weight: 9, arbitrary: fc.tuple(fc.oneof(fc.constant(everyone), some), stamp, ask) }, { weight: 1, arbitrary: cpu });

const holdsFor = (setup: Setup, ask: fc.Arbitrary<Ask>): void =>
  fc.assert(
    fc.property(fc.array(eventOf(ask), { maxLength: 30 }), (events) => {
      const machine = new Twice(setup);
      machine.welcomeAll();
      for (const one of events) {
        if (typeof one === "number") machine.bury(one);
        else machine.tell(one[0], roundMessage(one[1], one[2]));
      }
      machine.end();
    }),
  );

const stopOf = (epoch: number): readonly Ask[] => [
  { do: "gather", pass: "all" },
  { do: "prepare" },
  { do: "disable-irq", walker: 0 },
  { do: "run", active: 0 },
  { do: "exit", outcome: "committed", version: epoch },
];

/** Steps that CPUs took as one in the third of three stops. */
const sharedIn = (setup: Setup): number => {
  const machine = new Twice(setup);
  machine.welcomeAll();
  for (const epoch of [1, 2, 3]) {
    machine.shared = 0;
    for (const [i, what] of stopOf(epoch).entries()) machine.tell(everyone, roundMessage({ term: 1, epoch, round: i + 1 }, what));
  }
  machine.end();
  return machine.shared;
};

describe("CPUs that are stepped as one", () => {
  it("say what each would say alone, whatever a stop asks in whatever order", () => holdsFor(idle, stopAsk));

  it("say the same in a transition", () => holdsFor(smallSetup({ cpus, workload: idleWorkload, model: hybrid }), transitionAsk));

  it("say the same where tasks make them differ", () => {
    holdsFor(smallSetup({ cpus }), stopAsk);
    holdsFor(smallSetup({ cpus, model: hybrid }), transitionAsk);
  });

  it("say the same where they draw now and then", () => {
    const drawing = { irqsOff: smallWorkload.irqsOff, nmis: { perSecond: 1e5 }, crossCalls: { perSecond: 10 } };
    for (const what of ["irqsOff", "nmis", "crossCalls"] as const)
      holdsFor(smallSetup({ cpus, workload: { ...idleWorkload, [what]: drawing[what] }, model: kpatch }), stopAsk);
    const { profile } = idle;
    holdsFor(smallSetup({ cpus, workload: idleWorkload, profile: { ...profile, hostCores: 2, hostSliceNs: 5_000 } }), stopAsk);
  });

  it("are all of an idle machine, but for the one that a round names", () => assert.strictEqual(sharedIn(idle), stopOf(0).length));

  it("are never those that a fault has struck", () => {
    const machine = new Twice(idle);
    machine.welcomeAll();
    machine.pause(0);
    assert.throws(() => machine.tell(everyone, roundMessage({ term: 1, epoch: 1, round: 1 }, { do: "prepare" })), /has struck cpu 0/);
    machine.end();
  });

  it("are none where each has drawn its own tasks", () => assert.strictEqual(sharedIn(smallSetup({ cpus })), 0));
});
