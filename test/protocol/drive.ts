// Drives one machine by hand: each input is given and what came of it is looked at; the register is a value in the test.
import { assert } from "vitest";
import { simple } from "../../shared/consistency/simple.ts";
import { type Aim, type Blocker, type Life, noSwitches } from "../../shared/kernel/life.ts";
import { toArray } from "../../shared/machine/cpuSet.ts";
import { coordinatorActor } from "../../shared/machine/machine.ts";
import { type CoordinatorMachine, coordinatorMachine } from "../../shared/protocol/coordinator/coordinator.ts";
import type {
  CoordinatorContext,
  CoordinatorInput,
  CoordinatorOutput,
  CoordinatorState,
  CoordinatorTimer,
} from "../../shared/protocol/coordinator/state.ts";
import { type CpuMachine, cpuMachine } from "../../shared/protocol/cpu/cpu.ts";
import type { CpuInput, CpuOutput, CpuState, CpuTimer } from "../../shared/protocol/cpu/state.ts";
import type { Fact } from "../../shared/protocol/facts.ts";
import {
  type Ack,
  type Ask,
  isRoundMessage,
  type Message,
  type Outcome,
  type Register,
  type Report,
  type RoundMessage,
  roundMessage,
} from "../../shared/protocol/messages.ts";
import { flat } from "../../shared/protocol/topology.ts";

/** A CPU without tasks: everybody is out of the kernel at any time, and nobody has to switch but whom a test puts into `pending`. */
interface Still {
  version: number;
  pending: readonly Blocker[];
  /** What it was asked last to bring its tasks to. */
  aim: Aim | null;
  /** Batches of functions that were redirected, in order. */
  readonly redirected: Array<readonly [batch: number, target: number]>;
}

const stillLife: Life<Still> = {
  boot: (_, __, version) => ({ version, pending: [], aim: null, redirected: [] }),
  advance: () => {},
  hold: () => {},
  outlook: () => ({ heldAt: 0, last: undefined }),
  freeze: () => {},
  release: (life, version) => {
    life.version = version;
    return [];
  },
  spin: () => {},
  interruptsOnAt: (_, at) => at,
  busy: () => [],
  aim: (life, aim) => {
    life.aim = aim;
    if (aim.forces) life.pending = [];
  },
  pending: ({ pending }) => pending,
  redirect: ({ redirected }, batch, { target }) => {
    redirected.push([batch, target]);
  },
  switches: () => noSwitches,
  settle: (life, version) => {
    life.version = version;
  },
  census: ({ version }) => ({ inKernel: 0, unsafe: 0, held: 0, steps: 0, entries: 0, version, interrupted: 0, onStack: 0, heldNs: 0 }),
};

const resend = { firstNs: 100, capNs: 1000 };

type AnyOutput = CpuOutput | CoordinatorOutput;

export const factsIn = (outputs: readonly AnyOutput[]): readonly Fact[] =>
  outputs.flatMap((output) => (output.kind === "announce" ? [output.fact] : []));

export const namesIn = (outputs: readonly AnyOutput[]): readonly string[] => factsIn(outputs).map(({ fact }) => fact);

export const messagesIn = (outputs: readonly AnyOutput[]): readonly Message[] =>
  outputs.flatMap((output) => (output.kind === "send" ? [output.msg] : []));

export const stop = (term: number, epoch: number, round: number, ask: Ask): RoundMessage => roundMessage({ term, epoch, round }, ask);

/** A CPU of 4, with its incarnation, up from the start or not. */
export class CpuByHand {
  readonly machine: CpuMachine<Still>;
  state: CpuState<Still>;

  constructor(incarnation = 1, writeNs = 0, number = 1, functionsSwitch = false) {
    this.machine = cpuMachine({
      cpus: 4,
      seed: 1,
      life: stillLife,
      resend,
      holdLimitNs: 1_000_000,
      crossCallsPerSecond: 0,
      reschedulesPerSecond: 0,
      stopperWakeNs: 0,
      writeNs,
      walkNs: { walker: 0, other: 0, task: 0 },
      turnsNs: 0,
      nmiVeto: false,
      nmisPerSecond: 0,
      nmiFunction: "vfs_read",
      functionsSwitch,
    });
    this.state = this.machine.init(number);
    this.give({ kind: "start", at: 0, incarnation });
  }

  static up(writeNs = 0, number = 1, functionsSwitch = false): CpuByHand {
    const cpu = new CpuByHand(1, writeNs, number, functionsSwitch);
    cpu.hear({ kind: "welcome", term: 1, epoch: 0, cpu: number, incarnation: 1, version: 0 });
    return cpu;
  }

  /** Up, and through the rounds of epoch 1 until its vote. */
  static voted(writeNs = 0): CpuByHand {
    const cpu = CpuByHand.up(writeNs);
    cpu.hear(stop(1, 1, 1, { do: "gather", pass: "all" }));
    cpu.hear(stop(1, 1, 2, { do: "prepare" }));
    cpu.hear(stop(1, 1, 3, { do: "disable-irq", walker: 0 }));
    return cpu;
  }

  give(input: CpuInput): readonly CpuOutput[] {
    const [state, outputs] = this.machine.step(this.state, input);
    this.state = state;
    return outputs;
  }

  hear(msg: Message, from = coordinatorActor(0)): readonly CpuOutput[] {
    return this.give({ kind: "deliver", at: 10, from, msg });
  }

  time(timer: CpuTimer): readonly CpuOutput[] {
    return this.give({ kind: "timeout", at: 20, timer });
  }
}

/** Where all that must outlive a coordinator stands: a compare-and-set on its revision. */
export class RegisterByHand {
  revision = 0;
  record: Register | null = null;

  write(expected: number, record: Register | null): void {
    if (expected !== this.revision || record === null) return;
    this.record = record;
    this.revision++;
  }
}

export type Proposal = CoordinatorOutput & { readonly kind: "propose" };

/** A coordinator of the CPUs 0 to `cpus` - 1. */
export class CoordinatorByHand {
  readonly machine: CoordinatorMachine;
  readonly register: RegisterByHand;
  state: CoordinatorState;
  /** What it asked the register last and was not answered yet. */
  proposal: Proposal | undefined;

  constructor(register = new RegisterByHand(), life = 0, cpus = 2, changes: Partial<CoordinatorContext> = {}) {
    this.machine = coordinatorMachine({
      cpus,
      seed: 1,
      model: simple,
      operations: ["patch"],
      patch: "small",
      resend,
      topology: flat,
      nodeCpus: 2,
      bootLimitNs: 1000,
      batches: 1,
      ...changes,
    });
    this.register = register;
    this.state = this.machine.init(coordinatorActor(life));
    this.give({ kind: "start", at: 0, incarnation: life });
  }

  /** Holds a term, and CPUs 0 and 1 are admitted and asked to gather in epoch 1. */
  static gathering(): CoordinatorByHand {
    const coordinator = new CoordinatorByHand();
    coordinator.settle();
    coordinator.hello(0);
    coordinator.hello(1);
    coordinator.settle();
    assert.deepInclude(coordinator.round()?.ask, { do: "gather" });
    return coordinator;
  }

  /** All votes are in but the last: CPU 1's. */
  static beforeLastVote(): CoordinatorByHand {
    const coordinator = CoordinatorByHand.gathering();
    for (let round = 1; round < 3; round++) coordinator.ackAll();
    coordinator.ack(0, { kind: "clear" });
    return coordinator;
  }

  /** The register holds the commit of epoch 1, and `run` is asked. */
  static running(): CoordinatorByHand {
    const coordinator = CoordinatorByHand.beforeLastVote();
    coordinator.ack(1, { kind: "clear" });
    coordinator.settle();
    assert.deepInclude(coordinator.round()?.ask, { do: "run" });
    return coordinator;
  }

  give(input: CoordinatorInput): readonly CoordinatorOutput[] {
    const [state, outputs] = this.machine.step(this.state, input);
    this.state = state;
    for (const output of outputs) if (output.kind === "propose") this.proposal = output;
    return outputs;
  }

  hear(msg: Message, from = 0): readonly CoordinatorOutput[] {
    return this.give({ kind: "deliver", at: 10, from, msg });
  }

  hello(cpu: number, incarnation = 1): readonly CoordinatorOutput[] {
    return this.hear({ kind: "hello", cpu, incarnation }, cpu);
  }

  died(cpu: number, incarnation = 1): readonly CoordinatorOutput[] {
    return this.give({ kind: "died", at: 10, cpu, incarnation });
  }

  time(timer: CoordinatorTimer): readonly CoordinatorOutput[] {
    return this.give({ kind: "timeout", at: 20, timer });
  }

  /** What it wants to write and was not answered yet. */
  proposed(): Register | undefined {
    return this.proposal?.record ?? undefined;
  }

  /** The register answers what was asked last. */
  answer(): readonly CoordinatorOutput[] {
    const { proposal, register } = this;
    assert.isDefined(proposal, "nothing was asked of the register");
    this.proposal = undefined;
    register.write(proposal.revision, proposal.record);
    return this.give({ kind: "register", at: 15, revision: register.revision, record: register.record });
  }

  /** The register answers until nothing is asked of it any more. */
  settle(): readonly CoordinatorOutput[] {
    const outputs: CoordinatorOutput[] = [];
    while (this.proposal !== undefined) outputs.push(...this.answer());
    return outputs;
  }

  /** The round that is being asked, as its CPUs were told of it. */
  round(): RoundMessage | undefined {
    const { round, record, term, activity } = this.state;
    if (round === null || record === null || activity !== "round") return undefined;
    return stop(term, record.epoch, round.number, round.ask);
  }

  ack(cpu: number, report: Report = { kind: "done" }, changes: Partial<Ack> = {}): readonly CoordinatorOutput[] {
    const { term, epoch, round } = this.round() ?? assert.fail("no round is being asked");
    return this.hear({ kind: "ack", term, epoch, round, cpus: [cpu, cpu], incarnation: 1, report, ...changes }, cpu);
  }

  ackAll(report?: Report): void {
    for (const cpu of toArray(this.state.round?.of ?? [])) this.ack(cpu, report);
  }

  withdraw(cpu: number): readonly CoordinatorOutput[] {
    const { term, epoch } = this.round() ?? assert.fail("no round is being asked");
    return this.hear({ kind: "withdraw", term, epoch, cpu, incarnation: 1 }, cpu);
  }
}

/** The outcomes that are asked for by `exit` in these outputs. */
export const exitsIn = (outputs: readonly AnyOutput[]): readonly Outcome[] =>
  messagesIn(outputs).flatMap((msg) => (msg.kind === "stop" && msg.ask.do === "exit" ? [msg.ask.outcome] : []));

/** What the stops in these outputs ask. */
export const asksIn = (outputs: readonly AnyOutput[]): ReadonlyArray<Ask["do"]> =>
  messagesIn(outputs).flatMap((msg) => (isRoundMessage(msg) ? [msg.ask.do] : []));
