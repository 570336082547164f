// Who has joined a run, as its driver sees it: waits for all, speaks with their processes, and finds out who is dead.
//
// A host is dead when its agent says that its process is gone, or when its lease is over and the driver has written so into its record
// before another renewal of it: then it has stopped by its own clock (lease.ts), and nothing of it can come back but as another life.
import type { Subscription } from "nats";
import { toArray } from "../../machine/cpuSet.ts";
import { cpusOf } from "../bus/layout.ts";
import { clockSubject, ordersSubject, reportsSubject } from "../bus/subjects.ts";
import type { ChildEvents, Exit, Launch, Supervised } from "../driver/child.ts";
import type { Fleet } from "../driver/fleet.ts";
import { monotonicNs } from "../process/clock.ts";
import type { CpuLifeId, Order, ProcessSpec } from "../process/control.ts";
import type { Following } from "./follow.ts";
import { firstIncarnation, isOver, renewEveryNs, type Sighting, sighting } from "./lease.ts";
import { type HostOrder, type HostReport, hear, Outbox } from "./mail.ts";
import { hostKey, type RunRecord, readTenure, type Tenure } from "./records.ts";
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

  hear({ what }: HostReport): void {
    if (this.hasEnded) return;
    if ("exit" in what) this.end(what.exit);
    else this.events.onReport(what.report);
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
    else if (!this.hasEnded) this.outbox.say({ driver: this.driver, life: this.life, child: this.number, what });
  }
}

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
    this.reports = hear<HostReport>(store, reportsSubject(store.run, "*"), (report, subject) => this.onReport(report, subject));
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

  private onReport(report: HostReport, subject: string): void {
    const range = this.ranges[Number(subject.slice(subject.lastIndexOf(".") + 1))];
    const current = range?.current;
    if (current === undefined || report.driver !== this.options.driver || report.life !== current.life || report.child !== current.number)
      return;
    current.hear(report);
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
    const found = readTenure(value);
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
