// What a trace shows, moment by moment: what the states of CPUs, the trips of messages, facts, timers and faults come to.
import { format, fromCpus } from "../machine/cpuSet.ts";
import { type Actor, actorName, type Destination, isCoordinator } from "../machine/machine.ts";
import type { Fact } from "../protocol/facts.ts";
import type { Message } from "../protocol/messages.ts";
import type { CpuState } from "../report/cpuStates.ts";

/** A message as it left: one, however many it is for. */
export interface Sent {
  /** Counts from 1; a picture of it tells messages apart by it. */
  readonly id: number;
  readonly from: Actor;
  readonly to: Destination;
  readonly msg: Message;
  /** When it leaves, after the work that its sender does before. */
  readonly at: number;
  /** Lamport's clock of the turn that sends it. */
  readonly clock: number;
  /** The same was sent before: nobody had answered. */
  readonly again: boolean;
}

/** Why somebody never got a message, as far as a journal can tell. */
export type Why = "lost" | "receiver dead" | "run over";

interface Place {
  readonly at: number;
  readonly clock: number;
  readonly actor: Actor;
}

export type Moment = Place &
  /** A CPU is at something else from here on. `text` says it more closely than the state's name. */
  (
    | { readonly is: "state"; readonly state: CpuState; readonly text: string }
    | { readonly is: "sent"; readonly sent: Sent }
    /** `sent`: null where a picture does not show it, or nobody knows of it. `copy`: it has arrived before. */
    | { readonly is: "arrived"; readonly from: Actor; readonly msg: Message; readonly sent: Sent | null; readonly copy: boolean }
    /** Told when it is certain, which is later; `at`, clock and actor are those of its sending. */
    | { readonly is: "missed"; readonly sent: Sent; readonly by: readonly Actor[]; readonly why: Why }
    | { readonly is: "fact"; readonly fact: Fact }
    | { readonly is: "timeout"; readonly timer: string }
    /** `ends`: the actor's life is over. */
    | { readonly is: "fault"; readonly text: string; readonly ends: boolean }
  );

export type Of<Is extends Moment["is"]> = Extract<Moment, { readonly is: Is }>;

/** Takes moments in the order of the journal, in which causes stand before effects. */
export type Show = (moment: Moment) => void;

/** Several actors in one text: `cpu 1-3,8`, `coordinator0`. */
export const partyText = (actors: readonly Actor[]): string => {
  const cpus = fromCpus(actors.filter((actor) => !isCoordinator(actor)));
  const names = actors.filter(isCoordinator).map(actorName);
  return [...names, ...(cpus.length > 0 ? [`cpu ${format(cpus)}`] : [])].join(", ");
};

export const destinationText = (to: Destination): string => (to === "coordinators" ? "coordinator" : `cpu ${format(to)}`);
