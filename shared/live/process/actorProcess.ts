// The actors of one process: steps their machines, keeps their timers and Lamport's clock, and writes the journal before anything leaves.
//
// One turn of the process is one frame received (or one timer): all its actors take their steps, then the journal is written with one
// call, then what was said leaves in one frame for each receiver. All of this is plain synchronous code.
import { type Actor, isCoordinator } from "../../machine/machine.ts";
import { type ActorFaults, actorFaults, type Hit, type Spent } from "../../nemesis/actorFaults.ts";
import { type PacketRules, packetRules } from "../../nemesis/packetRules.ts";
import { planOf } from "../../nemesis/plan.ts";
import type { ActorFault, Fault } from "../../nemesis/registry.ts";
import type { Message, Phase } from "../../protocol/messages.ts";
import { type AnyInput, type AnyOutput, noPackets, type PacketCounts } from "../../protocol/observer.ts";
import { RunClock } from "./clock.ts";
import type { ProcessCounts, ProcessSpec } from "./control.ts";
import { type JournalFile, openJournal } from "./journalFile.ts";
import { ActorTimers, fineNs } from "./timers.ts";

/** One machine with its state, behind what the process needs of it. */
export interface Living {
  readonly actor: Actor;
  readonly timers: readonly string[];
  readonly step: (input: AnyInput) => readonly AnyOutput[];
  phase: Phase | undefined;
  /** Never goes back: a fine timer may have taken the actor a little ahead of the clock. */
  at: number;
  pausedUntil: number;
  /** What came while it was paused, in order. */
  readonly heldBack: AnyInput[];
}

/** An actor that has not taken its first step yet. */
export const living = (actor: Actor, timers: readonly string[], step: Living["step"]): Living => ({
  actor,
  timers,
  step,
  phase: undefined,
  at: 0,
  pausedUntil: 0,
  heldBack: [],
});

/** What the outputs of the actors are carried out by. */
export interface Carrier {
  /** Notes what is to leave at the end of the turn. */
  readonly send: (from: Living, output: AnyOutput & { kind: "send" }) => void;
  /** Lets it leave. */
  readonly flush: (clock: number) => void;
  readonly propose: (from: Living, output: AnyOutput & { kind: "propose" }) => void;
  /** Looks at what was announced; faults at a phase strike from here. */
  readonly announced: (from: Living, output: AnyOutput & { kind: "announce" }) => void;
}

/** At most so many steps within one turn of the process: beyond it, fine timers that set each other are a defect. */
const stepsPerTurn = 5_000_000;

export class ActorProcess {
  readonly clock = new RunClock();
  readonly rules: PacketRules;
  readonly nemesis: ActorFaults;
  readonly packets: PacketCounts = noPackets();
  readonly journal: JournalFile;
  private readonly faults: readonly Fault[];
  private readonly actors = new Map<Actor, Living>();
  private readonly timers: ActorTimers;
  private readonly carrier: Carrier;
  private lamport = 0;
  private closed = false;
  private turns = 0;

  constructor(spec: ProcessSpec, carrier: Carrier) {
    const { plan } = planOf(spec.plan.faults, spec.plan.seed);
    this.carrier = carrier;
    this.faults = plan.faults;
    this.rules = packetRules(plan.faults, plan.seed);
    this.nemesis = actorFaults(plan.faults, spec.spent);
    if (spec.healed) this.heal();
    this.journal = openJournal(spec.journal);
    this.timers = new ActorTimers(({ actor, timer, due }) =>
      this.turn(0, (step) => {
        const living = this.actors.get(actor);
        if (living !== undefined) step(living, { kind: "timeout", at: Math.max(due, this.nowFor(living)), timer });
      }),
    );
  }

  heal(): void {
    this.rules.heal();
    this.nemesis.heal();
  }

  find(actor: Actor): Living | undefined {
    return this.actors.get(actor);
  }

  bringUp(living: Living): void {
    this.actors.set(living.actor, living);
  }

  /** The actor is no more: its timers are void and nothing reaches it. */
  remove(living: Living): void {
    this.actors.delete(living.actor);
    this.timers.cancelAll(living.actor, living.timers);
  }

  all(): IterableIterator<Living> {
    return this.actors.values();
  }

  /** One turn of the process. `heard` is the Lamport clock of the frame that caused it. */
  turn(heard: number, run: (step: (living: Living, input: AnyInput) => void) => void): void {
    if (this.closed) return;
    this.lamport = Math.max(this.lamport, heard) + 1;
    this.turns++;
    let steps = 0;
    const step = (living: Living, input: AnyInput): void => {
      if (++steps > stepsPerTurn) throw new Error(`more than ${stepsPerTurn} steps in one turn`);
      this.step(living, input);
    };
    run(step);
    for (let due = this.timers.takeFine(); due !== undefined; due = this.timers.takeFine()) {
      const living = this.actors.get(due.actor);
      if (living !== undefined) step(living, { kind: "timeout", at: Math.max(due.due, living.at), timer: due.timer });
    }
    this.journal.commit();
    this.carrier.flush(this.lamport);
  }

  /** The moment of an input that arrives now. */
  nowFor(living: Living): number {
    return Math.max(this.clock.now(), living.at);
  }

  private step(living: Living, input: AnyInput): void {
    if (living.pausedUntil > input.at) {
      if (living.heldBack.length === 0) this.resumeLater(living, living.pausedUntil - input.at);
      living.heldBack.push(input);
      return;
    }
    living.at = Math.max(living.at, input.at);
    const outputs = living.step(input);
    this.journal.turn({ actor: living.actor, clock: this.lamport, input, outputs });
    for (const output of outputs) {
      if (this.actors.get(living.actor) !== living && output.kind !== "announce") return;
      this.carryOut(living, input.at, output);
    }
  }

  /** A paused actor takes its inputs afterwards, in the order in which they came. */
  private resumeLater(living: Living, afterNs: number): void {
    const resume = (): void => {
      living.pausedUntil = 0;
      this.turn(0, (step) => {
        for (const input of living.heldBack.splice(0)) {
          if (this.actors.get(living.actor) === living) step(living, { ...input, at: this.nowFor(living) });
        }
      });
    };
    setTimeout(resume, Math.ceil(afterNs / 1e6));
  }

  private carryOut(living: Living, at: number, output: AnyOutput): void {
    switch (output.kind) {
      case "send":
        if (output.afterNs < fineNs) this.carrier.send(living, output);
        else this.later(output.afterNs, () => this.carrier.send(living, output));
        return;
      case "set-timer":
        this.timers.set(living.actor, output.timer, at, output.afterNs);
        return;
      case "cancel-timer":
        this.timers.cancel(living.actor, output.timer);
        return;
      case "announce":
        this.carrier.announced(living, output);
        return;
      case "propose":
        this.carrier.propose(living, output);
    }
  }

  /** Carries something out after a while, as a turn of its own. */
  later(afterNs: number, act: () => void): void {
    setTimeout(() => this.turn(0, act), Math.ceil(afterNs / 1e6));
  }

  /** What becomes of a packet: how often it leaves now, and what leaves later is put off here. */
  passes(from: Actor, to: Actor, msg: Message, phase: Phase | undefined, putOff: () => void): boolean {
    this.packets.sent++;
    if (this.rules.none) return true;
    const fate = this.rules.fate({ from, to, kind: msg.kind, phase, at: this.clock.now() });
    switch (fate.kind) {
      case "pass":
        return true;
      case "lost":
        this.packets.dropped++;
        return false;
      case "delayed":
        this.packets.delayed++;
        this.later(fate.ns, putOff);
        return false;
      case "copied":
        this.packets.duplicated++;
        this.later(fate.ns, putOff);
        return true;
    }
  }

  /** The hit that the driver names: it keeps the time of faults that strike at a time. */
  hitOf({ index, actor }: Spent): Hit {
    return { fault: this.faults[index] as ActorFault, index, actor };
  }

  /** Tells the journal of a fault that strikes. */
  struck(hit: Hit): void {
    const text = this.nemesis.counts()[hit.index]?.text ?? hit.fault.fault;
    const actor = hit.actor === "coordinator" ? ([...this.actors.keys()].find(isCoordinator) ?? -1) : hit.actor;
    this.journal.fault({ at: this.clock.now(), clock: this.lamport, actor, text, effect: hit.fault.fault });
  }

  /** The run is over for this process: whatever still comes is too late. */
  close(): void {
    this.closed = true;
    this.journal.close();
  }

  /** The driver counts the hits of actors itself: a process that dies of one can no longer tell. */
  counts(refused: number): ProcessCounts {
    return { packets: this.packets, faults: this.rules.counts(), refused, turns: this.turns };
  }
}
