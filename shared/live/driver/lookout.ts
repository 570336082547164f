// Pages that look on at a run, and whoever steers it by one: what they are told, and what may be asked of the run for them.
import type { Fault } from "../../nemesis/registry.ts";
import type { CoordinatorFact } from "../../protocol/facts.ts";
import type { Control } from "../../protocol/messages.ts";
import type { Bus } from "../bus/bus.ts";
import type { ProcessCounts } from "../process/control.ts";
import type { Fleet } from "./fleet.ts";
import { ViewFeed } from "./viewFeed.ts";

/** What may be done to a run that is under way. */
export interface Reins {
  /** Adds a fault to those of the plan. False where faults are off: before power-on, and once the run is healed. */
  readonly inject: (fault: Fault) => boolean;
  readonly control: (msg: Control) => void;
  /** Lets the run end as soon as nothing is still to come. */
  readonly finish: () => void;
  /** Ns since power-on; 0 before it. */
  readonly now: () => number;
  /** What the processes have counted, as far as they have said. */
  readonly counts: () => Pick<ProcessCounts, "packets" | "faults">;
  /** Ns since the epoch was opened that is under way and not decided; null where none is. */
  readonly sinceOpened: () => number | null;
}

export interface Viewing {
  /** The pages that may join over WebSocket, as a browser names where they are from. */
  readonly origins: readonly string[];
  /** Goes on when all operations are done, until it is told to finish or its time is up. */
  readonly stayOn: boolean;
  /** Viewers may join: where, and as whom (an address with a password, for the pages only). */
  readonly onOpen: (webSocket: string, viewer: string, reins: Reins) => void;
  /** The run is over, and its server is about to go: nobody can join any more. */
  readonly onClose: () => void;
}

/** Where viewers join. */
export interface Place {
  readonly bus: Bus;
  readonly run: string;
  readonly webSocket: string;
  readonly viewer: string;
}

export class Lookout {
  readonly viewing: Viewing;
  private feed: ViewFeed | null = null;
  private stays: boolean;
  private settled = false;
  private openedAt: number | null = null;

  constructor(viewing: Viewing) {
    this.viewing = viewing;
    this.stays = viewing.stayOn;
  }

  open(fleet: Fleet, { bus, run, webSocket, viewer }: Place): void {
    this.feed = new ViewFeed(bus, run, () => ({ at: fleet.now(), settled: this.settled, counts: fleet.counted() }));
    this.viewing.onOpen(webSocket, viewer, {
      inject: (fault) => fleet.inject(fault),
      control: (msg) => {
        this.settled = false;
        fleet.control(msg);
      },
      finish: () => {
        this.leave();
        fleet.checkSettled();
      },
      now: () => fleet.now(),
      counts: () => fleet.counted(),
      sinceOpened: () => (this.openedAt === null ? null : fleet.now() - this.openedAt),
    });
  }

  fact(at: number, fact: CoordinatorFact): void {
    if (fact.fact === "opened") {
      this.settled = false;
      this.openedAt = at;
    } else if (fact.fact === "decided" || fact.fact === "closed") this.openedAt = null;
    this.feed?.fact(at, fact);
  }

  /** All is done and everyone is up: true if the run goes on all the same. */
  staysOn(): boolean {
    this.settled = true;
    return this.stays;
  }

  /** From here on the run ends when all is done. */
  leave(): void {
    this.stays = false;
  }

  close(): void {
    this.feed?.end();
    this.viewing.onClose();
  }
}
