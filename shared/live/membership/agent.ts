// A host that joins a run: it takes a free range of CPUs, runs a process for it, and keeps up the lease on it.
//
// The agent stands between the pipe of its process and the run's driver, and changes nothing of what is said. The process stops by
// itself when its lease ends, by the machine's own clock, and so does one whose agent stands still; the agent sees to it that it is gone
// before it asks for a range again. A range that is taken anew is a new life, whose CPUs are other incarnations.
import { setTimeout as sleep } from "node:timers/promises";
import type { NatsConnection } from "nats";
import { addressFor } from "../bus/address.ts";
import { clockSubject, ordersSubject, reportsSubject, userOf } from "../bus/subjects.ts";
import { type ChildrenOptions, childrenOf, type Supervised } from "../driver/child.ts";
import { monotonicNs } from "../process/clock.ts";
import type { Order, ProcessSpec } from "../process/control.ts";
import { findRun, isOver, pause } from "./find.ts";
import { type HostOrder, type HostReport, hear, InTurn, Numbered, Outbox, type Part } from "./mail.ts";
import { hostKey, type RunRecord } from "./records.ts";
import { newId, type Store, storeLimits } from "./store.ts";
import { type Claim, claim, Hold } from "./tenure.ts";

export interface AgentOptions {
  readonly connection: NatsConnection;
  /** For its process. */
  readonly url: string;
  readonly run: string;
  /** The range to take; any that is free without it. */
  readonly index: number | undefined;
  readonly children: ChildrenOptions;
  /** What it is doing. */
  readonly onLine: (text: string) => void;
  /** It has heard from the server. */
  readonly onAlive: () => void;
  /** Leaves in good order. */
  readonly signal: AbortSignal;
}

const agentLimits = {
  /** A process that has been asked to end may take this long. */
  quitMs: 5_000,
  /** What it has said may take this long to leave at the end. */
  sayMs: 3_000,
  /** The time of the run is asked for so often; the quickest answer counts. */
  clockAsks: 3,
} as const;

/** Until it has a range; undefined if the run is over first, or it is told to stop. */
const takeRange = async (store: Store, run: RunRecord, holder: string, options: AgentOptions) => {
  const { index, onAlive, onLine, signal } = options;
  const ranges = index === undefined ? Array.from({ length: run.layout.hosts }, (_, host) => host) : [index];
  let told = false;
  while (!signal.aborted) {
    try {
      if (await isOver(store, run)) return undefined;
      for (const host of ranges) {
        const claimed = await claim(store, hostKey(host), holder);
        if (claimed !== null) return { host, claimed };
      }
      onAlive();
    } catch (error) {
      onLine(`the NATS server does not answer: ${error instanceof Error ? error.message : String(error)}`);
    }
    if (!told) onLine(index === undefined ? "waits for a range to become free" : `waits for range ${index} to become free`);
    told = true;
    await pause(storeLimits.againMs, signal);
  }
  return undefined;
};

/** One life: from the claim of a range until it is lost, given up, or the run is over. */
class HostLife {
  readonly ended: Promise<"over" | "left" | "lost">;
  private readonly options: AgentOptions;
  private readonly store: Store;
  private readonly run: RunRecord;
  private readonly host: number;
  private readonly hold: Hold;
  private readonly outbox: Outbox<HostReport>;
  private readonly end: (how: "over" | "left" | "lost") => void;
  private child: Supervised | undefined;
  /** The highest coordinator that was ever heard, whichever life it spoke to: nobody before it is obeyed. */
  private obeyed = 0;
  private driver = 0;
  private told = new Numbered();
  private turn = new InTurn();
  private childNumber = 0;
  private cancelled = 0;
  private untilNs = 0;
  private ending = false;

  constructor(options: AgentOptions, store: Store, run: RunRecord, host: number, claimed: Claim) {
    const { promise, resolve } = Promise.withResolvers<"over" | "left" | "lost">();
    this.ended = promise;
    this.end = resolve;
    this.options = options;
    this.store = store;
    this.run = run;
    this.host = host;
    this.outbox = new Outbox(store, reportsSubject(store.run, host));
    this.hold = new Hold(store, claimed, run.leaseNs, {
      onRenewed: (untilNs) => this.onRenewed(untilNs),
      onLost: (why) => void this.onLost(why),
    });
    options.onLine(`has range ${host} of ${run.layout.hosts}, life ${claimed.tenure.life}`);
    options.signal.addEventListener("abort", this.leave);
    if (options.signal.aborted) this.leave();
    void this.watchEnd();
  }

  onOrder(order: HostOrder): void {
    if (order.driver < this.obeyed) return;
    this.obeyed = order.driver;
    if (order.life !== this.hold.life || this.ending) return;
    const isNew = order.driver > this.driver || order.child > this.childNumber;
    if (!isNew && (order.driver !== this.driver || order.child !== this.childNumber)) return;
    if (isNew) this.told = new Numbered();
    const how = this.told.take(order.n);
    if (how === "gap") return void this.onGap();
    if (how === "next") this.carryOut(order, order.what);
  }

  private carryOut(order: HostOrder, what: HostOrder["what"]): void {
    const { child } = this;
    switch (what.do) {
      case "start":
        return this.start(order, what.part);
      case "tell":
        return this.turn.do(() => this.tell(order.child, what.order));
      case "suspend":
        return void child?.suspend(what.forNs);
      case "resume":
        return child?.resume();
      case "kill":
        return this.kill(order.child);
    }
  }

  /** One that has yet to start does not. */
  private kill(number: number): void {
    if (this.child === undefined) this.cancelled = number;
    else this.child.kill();
  }

  /** Whoever takes the run over has CPUs of its own incarnations: those of before end first. */
  private start(order: HostOrder, part: Part): void {
    const before = this.child;
    this.driver = order.driver;
    this.childNumber = order.child;
    before?.resume();
    before?.kill();
    const number = order.child;
    this.child = undefined;
    this.turn = new InTurn();
    this.turn.do(async () => {
      await before?.ended;
      if (!this.ending && this.driver === order.driver && this.childNumber === number) this.startNow(number, part);
    });
  }

  private startNow(number: number, part: Part): void {
    const { driver } = this;
    const { run, store, options } = this;
    const url = addressFor(options.url, userOf({ role: "host", number: this.host }));
    const spec = {
      ...part,
      role: "host",
      number: this.host,
      run: store.run,
      url,
      layout: run.layout,
      setup: run.header.setup,
    } as ProcessSpec;
    let said = 0;
    const say = (what: HostReport["what"]): void => this.outbox.say({ driver, life: this.hold.life, child: number, n: ++said, what });
    if (this.cancelled === number) return say({ exit: { kind: "killed", how: "before it had started" } });
    this.child = childrenOf(options.children)(spec, {
      onReport: (report) => say({ report }),
      // Leaving is somebody's doing, and its CPUs die of it.
      onExit: (exit) => say({ exit: this.ending && exit.kind === "clean" ? { kind: "killed", how: "left" } : exit }),
    });
    this.child.tell({ order: "lease", untilNs: this.untilNs });
  }

  /** Power-on is told by the driver's clock, which this machine does not have. */
  private async tell(number: number, order: Order): Promise<void> {
    const { child } = this;
    if (child === undefined || this.childNumber !== number) return;
    child.tell(order.order === "go" ? { ...order, startedNs: await this.startedNs() } : order);
  }

  /** The run's zero by this machine's clock: half of the quickest answer's time has passed since the driver gave it. */
  private async startedNs(): Promise<number> {
    let best = { tookNs: Infinity, startedNs: 0 };
    for (let answers = 0; answers < agentLimits.clockAsks && !this.ending; ) {
      const askedAt = monotonicNs();
      try {
        const answer = await this.store.connection.request(clockSubject(this.store.run), "", { timeout: storeLimits.askMs });
        const tookNs = monotonicNs() - askedAt;
        const { sinceNs } = answer.json<{ readonly sinceNs: number }>();
        if (tookNs < best.tookNs) best = { tookNs, startedNs: monotonicNs() - tookNs / 2 - sinceNs };
        answers++;
      } catch {
        // The driver is asked for as long as the lease holds.
        await sleep(storeLimits.againMs);
      }
    }
    return Math.round(best.startedNs);
  }

  private onRenewed(untilNs: number): void {
    this.untilNs = untilNs;
    this.options.onAlive();
    this.child?.tell({ order: "lease", untilNs });
  }

  private async onLost(why: string): Promise<void> {
    if (this.ending) return;
    this.options.onLine(`is fenced: ${why}`);
    this.ending = true;
    this.child?.resume();
    this.child?.kill();
    await this.finish("lost");
  }

  /** What it was told in between may have been of a death, or of the end: it cannot go on without. */
  private async onGap(): Promise<void> {
    this.options.onLine("some of what it was told is lost: ends its CPUs, and joins again");
    this.ending = true;
    this.child?.resume();
    this.child?.kill();
    await this.finish("lost", true);
  }

  private readonly leave = (): void => {
    if (!this.ending) void this.endChild("left");
  };

  /** The driver says when the run ends; a host that missed it finds out. */
  private async watchEnd(): Promise<void> {
    while (!this.ending) {
      await sleep(storeLimits.againMs * 4);
      if (this.ending) return;
      if (await isOver(this.store, this.run).catch(() => false)) return this.endChild("over");
    }
  }

  private async endChild(how: "over" | "left"): Promise<void> {
    if (this.ending) return;
    this.ending = true;
    const { child } = this;
    if (child !== undefined) {
      child.resume();
      child.tell({ order: "quit" });
      const insist = setTimeout(() => child.kill(), agentLimits.quitMs);
      await child.ended;
      clearTimeout(insist);
    }
    await this.finish(how);
  }

  private async finish(how: "over" | "left" | "lost", givesBack = how === "left"): Promise<void> {
    this.options.signal.removeEventListener("abort", this.leave);
    await this.child?.ended;
    if (how !== "lost") await this.outbox.end(agentLimits.sayMs);
    else await this.outbox.end(0);
    if (givesBack) await this.hold.leave().catch(() => undefined);
    this.hold.end();
    this.end(how);
  }
}

/** Takes part in the run until it is over, or the signal comes. A host that was fenced joins again. */
export const runAgent = async (options: AgentOptions): Promise<void> => {
  const found = await findRun({ ...options, asks: "any" });
  if (found === undefined) return;
  const { store, run } = found;
  if (options.index !== undefined && options.index >= run.layout.hosts)
    throw new RangeError(`run ${options.run} has ${run.layout.hosts} ranges`);
  const holder = newId();
  for (;;) {
    const taken = await takeRange(store, run, holder, options);
    if (taken === undefined) break;
    const life = new HostLife(options, store, run, taken.host, taken.claimed);
    const orders = hear(store, ordersSubject(options.run, taken.host), (order) => life.onOrder(order as HostOrder));
    const how = await life.ended;
    orders.stop();
    if (how !== "lost") break;
  }
  options.onLine(options.signal.aborted ? "has left" : `ends: run ${options.run} is over`);
};
