// What an engine tells about a run while it goes on: journals, monitors and progress displays listen here.
import type { Actor, Input, Output } from "../machine/machine.ts";
import type { Fact } from "./facts.ts";
import type { Message, Register } from "./messages.ts";

export type AnyInput = Input<Message, string, Register>;
export type AnyOutput = Output<Message, string, Register, Fact>;

/** One step of one machine. `clock` is Lamport's: of two turns, one of which could have caused the other, it orders them. */
export interface TurnTaken {
  readonly actor: Actor;
  readonly clock: number;
  readonly input: AnyInput;
  readonly outputs: readonly AnyOutput[];
}

/** A fault that was applied: `text` as the plan wrote it, and what it did. */
export interface FaultApplied {
  readonly at: number;
  readonly clock: number;
  readonly actor: Actor;
  readonly text: string;
  readonly effect: string;
}

/** Turns that CPUs take alike: each at its own of `times`, with these outputs, in which `of` stands for its own number. */
export interface TurnsAlike {
  readonly cpus: Int32Array;
  readonly times: Float64Array;
  readonly of: number;
  readonly outputs: readonly AnyOutput[];
}

export interface Observer {
  readonly turn: (turn: TurnTaken) => void;
  /**
   * Whoever can hear of many turns at once is told of those that CPUs take alike as one, and of their acks as one turn of the coordinator's.
   * Turns of others that come between, and change nothing but a count, are told later.
   */
  readonly alike?: (turns: TurnsAlike) => void;
  readonly fault: (fault: FaultApplied) => void;
}

/** What became of the packets of a run. */
export interface PacketCounts {
  sent: number;
  delivered: number;
  dropped: number;
  delayed: number;
  duplicated: number;
  corrupted: number;
}

export const noPackets = (): PacketCounts => ({ sent: 0, delivered: 0, dropped: 0, delayed: 0, duplicated: 0, corrupted: 0 });

/** Why an engine stopped. `open`: a transition was still under way when its time was up; `stuck`: anything else was. */
export type Ended = "finished" | "open" | "stuck" | "event-limit" | "interrupted" | "environment";

/** How a run ended, as its engine saw it: handed to the monitors after the last fact. */
export interface End {
  readonly ended: Ended;
  readonly at: number;
  /** When the faults were switched off because the time limit had come, or null. */
  readonly healedAt: number | null;
  /** When the run should have ended at the latest. */
  readonly boundNs: number;
  readonly packets: PacketCounts;
  readonly events: number;
}
