// One process's hold on a key of the bucket (a range of CPUs, or the task to coordinate): claimed, renewed in time, and given up.
import { setTimeout as sleep } from "node:timers/promises";
import { monotonicNs } from "../process/clock.ts";
import { heldUntil, renewEveryNs } from "./lease.ts";
import { readTenure, type Tenure } from "./records.ts";
import { change, hasBucket, read, type Store, storeLimits } from "./store.ts";

/** A claim that was confirmed. */
export interface Claim {
  readonly key: string;
  readonly tenure: Tenure;
  readonly revision: number;
  /** When it was asked for, by this process's clock. */
  readonly askedAt: number;
}

/** Takes a key that nobody holds, or that `holder` itself held; null if somebody else has it. */
export const claim = async (store: Store, key: string, holder: string): Promise<Claim | null> => {
  const { revision, value } = await read(store, key);
  const before = readTenure(value);
  if (before !== undefined && before.state === "held" && before.holder !== holder) return null;
  const tenure: Tenure = { holder, life: (before?.life ?? 0) + 1, state: "held", renewal: 0, atNs: before?.atNs ?? 0 };
  const askedAt = monotonicNs();
  const taken = await change(store, key, revision, tenure);
  return taken === null ? null : { key, tenure, revision: taken, askedAt };
};

export interface HoldEvents {
  /** The lease now ends here, by this process's clock, unless it is renewed again. */
  readonly onRenewed: (untilNs: number) => void;
  /** The lease is over, or somebody has said that we are dead. */
  readonly onLost: (why: string) => void;
  /** What a coordinator writes down with each renewal. It holds its task until somebody else has taken it: the register fences it. */
  readonly atNs?: () => number;
}

/** Renews a claim until it is lost or given up. */
export class Hold {
  private readonly store: Store;
  private readonly leaseNs: number;
  private readonly events: HoldEvents;
  private claim: Claim;
  private untilNs: number;
  private ended = false;
  private renewing: NodeJS.Timeout | undefined;
  private fencing: NodeJS.Timeout | undefined;

  constructor(store: Store, claimed: Claim, leaseNs: number, events: HoldEvents) {
    this.store = store;
    this.claim = claimed;
    this.leaseNs = leaseNs;
    this.events = events;
    this.untilNs = heldUntil(claimed.askedAt, leaseNs);
    this.extend();
    this.renewLater();
  }

  get life(): number {
    return this.claim.tenure.life;
  }

  /** Gives the key back. What it stood for must be over by now. Whoever is not heard until the lease is over need not say it any more. */
  async leave(): Promise<void> {
    if (this.ended) return;
    this.end();
    for (let isLeft = false; !isLeft && monotonicNs() < this.untilNs; ) {
      isLeft = await this.tryLeave().catch(() => false);
      if (!isLeft) await sleep(storeLimits.againMs);
    }
  }

  private async tryLeave(): Promise<boolean> {
    const { key, tenure, revision } = this.claim;
    if ((await change(this.store, key, revision, { ...tenure, state: "left" })) !== null) return true;
    // A renewal of ours may have been under way.
    await this.look();
    return this.claim.revision === revision;
  }

  end(): void {
    this.ended = true;
    clearTimeout(this.renewing);
    clearTimeout(this.fencing);
  }

  private get isFenced(): boolean {
    return this.events.atNs === undefined;
  }

  private lose(why: string): void {
    if (this.ended) return;
    this.end();
    this.events.onLost(why);
  }

  private extend(): void {
    clearTimeout(this.fencing);
    if (this.isFenced) this.fencing = setTimeout(() => this.lose("its lease has ended"), (this.untilNs - monotonicNs()) / 1e6);
    this.events.onRenewed(this.untilNs);
  }

  private renewLater(): void {
    if (!this.ended) this.renewing = setTimeout(() => void this.renew(), renewEveryNs(this.leaseNs) / 1e6);
  }

  private async renew(): Promise<void> {
    const { key, tenure, revision } = this.claim;
    const atNs = this.events.atNs?.() ?? 0;
    const next: Tenure = { ...tenure, renewal: tenure.renewal + 1, atNs: Math.max(tenure.atNs, atNs) };
    const askedAt = monotonicNs();
    try {
      const renewed = await change(this.store, key, revision, next);
      if (renewed === null) await this.look();
      else this.confirm({ key, tenure: next, revision: renewed, askedAt });
    } catch {
      // Nobody has answered: the next attempt comes in time, or the lease ends; unless there is nothing left to be held.
      if (!(await hasBucket(this.store.connection, this.store.run).catch(() => true))) this.lose("the run is over");
    }
    this.renewLater();
  }

  private confirm(renewed: Claim): void {
    if (this.ended) return;
    this.claim = renewed;
    this.untilNs = Math.max(this.untilNs, heldUntil(renewed.askedAt, this.leaseNs));
    // A process that stood still may hear of it when it is too late.
    if (this.isFenced && monotonicNs() >= this.untilNs) this.lose("its lease has ended");
    else this.extend();
  }

  /** The key has changed: by a renewal of ours whose answer was lost, or by somebody else. */
  private async look(): Promise<void> {
    const { revision, value } = await read(this.store, this.claim.key);
    // A copy that lags behind what was confirmed to us says nothing.
    if (revision < this.claim.revision) return;
    const found = readTenure(value);
    const { holder, life } = this.claim.tenure;
    if (found === undefined || found.holder !== holder || found.life !== life || found.state !== "held")
      return this.lose(found?.state === "dead" && found.holder === holder ? "it was taken for dead" : "somebody else has taken its place");
    // That it is ours says nothing of when it was renewed: only the next renewal does.
    if (revision > this.claim.revision) this.claim = { ...this.claim, revision, tenure: found };
  }
}
