// Who has joined a run, as its driver sees it: waits for all, speaks with their processes, and finds out who is dead.
//
// A host is dead when its agent says that its process is gone, or when its lease is over and the driver has written so into its record
// before another renewal of it: then it has stopped by its own clock (lease.ts), and nothing of it can come back but as another life.
import type { Subscription } from "nats";
import { type Refused, RefusedTally } from "../../journal/refused.ts";
import { toArray } from "../../machine/cpuSet.ts";
import { planOf } from "../../nemesis/plan.ts";
import { cpusOf } from "../bus/layout.ts";
import { clockSubject, ordersSubject, reportsSubject } from "../bus/subjects.ts";
import type { ChildEvents, Exit, Launch, Supervised } from "../driver/child.ts";
import type { Fleet } from "../driver/fleet.ts";
import { monotonicNs } from "../process/clock.ts";
import type { CpuLifeId, Order, ProcessSpec, Report } from "../process/control.ts";
import type { Following } from "./follow.ts";
import { firstIncarnation, isOver, mostLives, renewEveryNs, type Sighting, sighting } from "./lease.ts";
import { type HostOrder, type HostReport, hear, Numbered, Outbox } from "./mail.ts";
import { hostKey, type RunRecord, readTenure, type Tenure } from "./records.ts";
import { type Charge, readReport, trespass } from "./report.ts";
import { change, read, type Store, storeLimits } from "./store.ts";

/** What is known of one range. */
interface Range {
  readonly host: number;
  readonly outbox: Outbox<HostOrder>;
  seen: Sighting | undefined;
  tenure: Tenure | undefined;
  /** Processes that were started in this range by us. */
  children: number;
  current: JoinedProcess | undefined;
}

const isHeld = ({ tenure }: Range): boolean => tenure?.state === "held";

/** A process on a host that has joined. */
class JoinedProcess implements Supervised {
  readonly spec: ProcessSpec;
  readonly driver: number;
  readonly life: number;
  readonly number: number;
  readonly ended: Promise<void>;
  private readonly outbox: Outbox<HostOrder>;
  private readonly events: ChildEvents;
  private readonly onEnded: () => void;
  private readonly charge: Charge;
  private readonly heard = new Numbered();
  private told = 0;
  private isDeaf = false;
  private hasEnded = false;
  private isAbandoned = false;

  constructor(spec: ProcessSpec, driver: number, life: number, number: number, outbox: Outbox<HostOrder>, events: ChildEvents) {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.ended = promise;
    this.onEnded = resolve;
    this.spec = spec;
    this.driver = driver;
    this.life = life;
    this.number = number;
    this.outbox = outbox;
    this.events = events;
    const cpus = cpusOf(spec.layout, spec.number);
    this.charge = { cpus, incarnation: spec.lives?.[0]?.[1] ?? 1, faults: planOf(spec.plan.faults, spec.plan.seed).plan.faults };
  }

  get place(): string {
    return `life ${this.life} of its range`;
  }

  start(): void {
    const { number, lives, watched, steered, journal, plan } = this.spec;
    this.say({ do: "start", part: { number, lives, watched, steered, journal, plan } });
  }

  tell(order: Order): void {
    this.say({ do: "tell", order });
  }

  kill(): void {
    this.say({ do: "kill" });
  }

  /** Only the host can say when it has gone on. */
  async suspend(forNs: number): Promise<void> {
    this.say({ do: "suspend", forNs });
    await Promise.race([this.ended, new Promise((resolve) => setTimeout(resolve, forNs / 1e6).unref())]);
  }

  resume(): void {
    this.say({ do: "resume" });
  }

  /** Says why it is refused what it reports, if it is. */
  hear({ n, what }: HostReport): string | undefined {
    if (this.hasEnded) return undefined;
    const how = this.heard.take(n);
    if (how === "again") return undefined;
    if ("exit" in what) this.end(what.exit);
    else if (how === "gap" && !this.isDeaf) this.onGap();
    else if (!this.isDeaf) return this.take(what.report);
    return undefined;
  }

  private take(said: Report): string | undefined {
    const why = trespass(said, this.charge);
    if (why === undefined) this.events.onReport(vouched(said, `host-${this.spec.number}`));
    return why;
  }

  /** What it said in between may have been of a death: it ends, and only when it has ended are its CPUs dead. */
  private onGap(): void {
    this.isDeaf = true;
    this.events.onReport({ report: "gap", text: "some of what it said is lost, and it is ended for that" });
    this.kill();
  }

  end(exit: Exit): void {
    if (this.hasEnded) return;
    this.hasEnded = true;
    this.events.onExit(exit);
    this.onEnded();
  }

  /** It obeys somebody else now: whatever it is told, it is gone. */
  abandon(): void {
    this.isAbandoned = true;
  }

  private say(what: HostOrder["what"]): void {
    if (this.isAbandoned) setImmediate(() => this.end({ kind: "clean", how: "obeys another coordinator" }));
    else if (!this.hasEnded) this.outbox.say({ driver: this.driver, life: this.life, child: this.number, n: ++this.told, what });
  }
}

/** What it says that it refused is its word, whatever name it gives itself. */
const vouched = (said: Report, by: string): Report =>
  said.report !== "counts" ? said : { ...said, counts: { ...said.counts, refusals: said.counts.refusals.map((one) => ({ ...one, by })) } };

export interface RosterOptions {
  readonly store: Store;
  readonly run: RunRecord;
  /** Counts those who have coordinated the run, from 1. */
  readonly driver: number;
  readonly onLine: (text: string) => void;
  /** It has heard from the server. */
  readonly onAlive: () => void;
}

/** While hosts are waited for, so often one looks who has joined; later, as often as leases are renewed. */
const joiningMs = 200;

export class Roster {
  private readonly options: RosterOptions;
  private readonly ranges: readonly Range[];
  private fleet: Fleet | undefined;
  private reports: Following | undefined;
  private clock: Subscription | undefined;
  private looking: NodeJS.Timeout | undefined;
  private readonly tally = new RefusedTally();
  private ended = false;
  private whole: (() => void) | undefined;

  constructor(options: RosterOptions) {
    const { store, run } = options;
    this.options = options;
    this.ranges = Array.from({ length: run.layout.hosts }, (_, host) => ({
      host,
      outbox: new Outbox<HostOrder>(store, ordersSubject(store.run, host)),
      seen: undefined,
      tenure: undefined,
      children: 0,
      current: undefined,
    }));
  }

  /** Resolves when every range has a host. */
  async gather(): Promise<void> {
    const { store } = this.options;
    this.reports = hear(store, reportsSubject(store.run, "*"), (value, subject) => this.onReport(value, subject));
    await new Promise<void>((resolve) => {
      this.whole = resolve;
      void this.lookAll();
    });
    this.whole = undefined;
  }

  /** How many ranges have a host. */
  get joined(): number {
    return this.ranges.filter(isHeld).length;
  }

  /** Which hosts were refused what they reported. */
  readonly refusals = (): readonly Refused[] => this.tally.all;

  /** Starts hosts where they have joined, and coordinators here; the journals of both go into the stream. */
  readonly launch =
    (here: Launch): Launch =>
    (given, events) => {
      const spec = { ...given, journal: this.placeOf(given), copies: this.copies };
      return spec.role === "coordinator" ? here(spec, events) : this.launchHost(spec, events);
    };

  readonly livesOf = (host: number): readonly CpuLifeId[] => this.livesIn(this.ranges[host] as Range);

  readonly attach = (fleet: Fleet): void => {
    this.fleet = fleet;
    const { connection, run } = this.options.store;
    this.clock = connection.subscribe(clockSubject(run), {
      callback: (error, msg) => {
        if (error === null) msg.respond(JSON.stringify({ sinceNs: fleet.now() }));
      },
    });
  };

  /** The hosts obey somebody else now. */
  abandon(): void {
    this.ended = true;
    clearTimeout(this.looking);
    for (const { current } of this.ranges) current?.abandon();
  }

  /** How long the run has been going, in ns. */
  now(): number {
    return this.fleet?.now() ?? 0;
  }

  /** What the hosts were told last may still have to leave. */
  async end(): Promise<void> {
    this.ended = true;
    clearTimeout(this.looking);
    this.clock?.unsubscribe();
    this.reports?.stop();
    await Promise.all(this.ranges.map(({ outbox }) => outbox.end(storeLimits.askMs)));
  }

  private get copies(): number {
    return this.options.run.copies;
  }

  /** Each life of a process has a part of its own. */
  private placeOf({ role, number, journal, lives }: ProcessSpec): ProcessSpec["journal"] {
    if (journal === null) return null;
    const { mode, fullEntries } = journal;
    return { part: role === "host" ? `host-${number}-${lives?.[0]?.[1] ?? 1}` : `coordinator-${number}`, mode, fullEntries };
  }

  private livesIn({ host, tenure }: Range): readonly CpuLifeId[] {
    const incarnation = firstIncarnation(tenure?.life ?? 1, this.options.driver);
    return toArray(cpusOf(this.options.run.layout, host)).map((cpu) => [cpu, incarnation]);
  }

  private launchHost(spec: ProcessSpec, events: ChildEvents): Supervised {
    const range = this.ranges[spec.number] as Range;
    const launched = new JoinedProcess(spec, this.options.driver, range.tenure?.life ?? 0, ++range.children, range.outbox, events);
    if (isHeld(range)) {
      range.current = launched;
      launched.start();
    } else setImmediate(() => launched.end({ kind: "killed", how: "has no host" }));
    return launched;
  }

  private onReport(value: unknown, subject: string): void {
    const host = Number(subject.slice(subject.lastIndexOf(".") + 1));
    const current = this.ranges[host]?.current;
    const report = readReport(value);
    if (report === undefined) return this.refuse(host, "is no report of a host");
    if (current === undefined || report.driver !== this.options.driver || report.life !== current.life || report.child !== current.number)
      return;
    const why = current.hear(report);
    if (why !== undefined) this.refuse(host, why);
  }

  private refuse(host: number, why: string, what = "a report"): void {
    if (this.tally.all.every((one) => one.who !== `host-${host}`)) this.options.onLine(`host ${host} was refused ${what}, which ${why}`);
    this.tally.add({ by: "the driver", who: `host-${host}`, what, why, times: 1 });
  }

  // ---- who is there ----

  private async lookAll(): Promise<void> {
    for (const range of this.ranges) {
      try {
        await this.look(range);
        this.options.onAlive();
      } catch {
        // No answer: nobody is dead for that.
      }
      if (this.ended) return;
    }
    if (this.joined === this.ranges.length) this.whole?.();
    const everyMs = this.whole === undefined ? renewEveryNs(this.options.run.leaseNs) / 1e6 : joiningMs;
    this.looking = setTimeout(() => void this.lookAll(), everyMs);
  }

  private async look(range: Range): Promise<void> {
    const { store, run, onLine } = this.options;
    const key = hostKey(range.host);
    const { revision, value } = await read(store, key);
    if (this.ended) return;
    range.seen = sighting(range.seen, revision, monotonicNs());
    const before = range.tenure;
    const found = this.tenureIn(range, value);
    range.tenure = found;
    if (before !== undefined && (found?.life !== before.life || found.state !== "held")) this.bury(range, before);
    if (found?.state !== "held") return;
    if (found.life !== before?.life || before.state !== "held") return this.welcome(range, found);
    if (!isOver(range.seen, run.leaseNs, monotonicNs())) return;
    const dead: Tenure = { ...found, state: "dead" };
    const written = await change(store, key, revision, dead);
    if (written === null) return;
    range.seen = sighting(range.seen, written, monotonicNs());
    range.tenure = dead;
    onLine(`host ${range.host} has been silent for longer than its lease: it has fenced itself, and its CPUs are dead`);
    this.bury(range, found);
  }

  /** None where a host has made up a life beyond those that there can be. */
  private tenureIn({ host }: Range, value: unknown): Tenure | undefined {
    const found = readTenure(value);
    if (found === undefined || found.life <= mostLives) return found;
    this.refuse(host, "names a life beyond those that a range can have", "a lease");
    return undefined;
  }

  private bury(range: Range, { life, state }: Tenure): void {
    const { current } = range;
    if (state !== "held" || current === undefined || current.life !== life) return;
    range.current = undefined;
    current.end({ kind: "killed", how: "its host is gone" });
  }

  private welcome(range: Range, { life }: Tenure): void {
    this.options.onLine(
      `host ${range.host} has joined${life === 1 ? "" : ` again, in life ${life}`} (${this.joined} of ${this.ranges.length})`,
    );
    this.fleet?.startHost(range.host, this.livesIn(range));
  }
}
