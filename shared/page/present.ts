// What every CPU of a live run is at now, and who has not answered yet, as a fold over what is said on the bus.
//
// The page folds what it hears, and so does the server of the page, which hears all from the start: whoever looks on late is given what
// the server has come to (`Snapshot`) and goes on from there. What was heard before and is heard once more changes nothing.
import { type CpuSet, forEach, fromAscending, size } from "../machine/cpuSet.ts";
import type { FaultCount } from "../nemesis/plan.ts";
import { type Ack, isRoundMessage, type Phase, type RoundMessage } from "../protocol/messages.ts";
import type { PacketCounts } from "../protocol/observer.ts";
import type { Answer } from "../protocol/wire/answers.ts";
import type { Ask } from "../protocol/wire/asks.ts";
import type { Told } from "../protocol/wire/told.ts";
import { type CpuState, stateAtAck } from "../report/cpuStates.ts";
import { codeOf, type PageState, pageStates } from "./pageStates.ts";

/** Reasons of busy CPUs that are kept, the latest ones. */
const mostReasons = 8;

/** What is said on the bus. */
type Heard =
  | { readonly kind: "asks"; readonly items: readonly Ask[] }
  | { readonly kind: "answers"; readonly items: readonly Answer[] }
  | { readonly kind: "told"; readonly items: readonly Told[] };

/** What is under way, and how many have not answered. */
export interface Round {
  /** Tells it from every other one. */
  readonly stamp: string;
  readonly epoch: number;
  readonly phase: Phase;
  /** Ns since power-on. */
  readonly since: number;
  readonly of: number;
  readonly acks: number;
}

/** All that somebody needs who has not heard what was said before. */
export interface Snapshot {
  /** Ns since power-on. */
  readonly at: number;
  readonly states: ReadonlyArray<readonly [PageState, CpuSet]>;
  readonly round: Pick<Round, "stamp" | "epoch" | "phase" | "since"> | null;
  readonly asked: CpuSet;
  readonly answered: CpuSet;
  readonly reasons: readonly string[];
  /** What a CPU is at that leaves the epoch. */
  readonly left: "running" | "resumed";
}

/** What a machine that is on has come to, as its server tells pages. */
export interface Standing {
  readonly run: string;
  readonly present: Snapshot;
  readonly faults: readonly FaultCount[];
  readonly packets: PacketCounts;
}

/** Of traffic, what is counted: IPIs sent, sent again, and answers. */
export const trafficKinds = ["sent", "again", "answers"] as const;

/** Told of each change, and when something has been heard to its end. */
interface Watch {
  readonly changed: (cpu: number, code: number) => void;
  readonly heard: () => void;
}

const nobody: Watch = { changed: () => {}, heard: () => {} };

const membersOf = (flags: Uint8Array): CpuSet => fromAscending([...flags.keys()].filter((cpu) => flags[cpu] === 1));

export class Present {
  readonly cpus: number;
  /** The latest time of the run that is known, in ns. */
  at = 0;
  round: Round | null = null;
  /** What answers of the round say of tasks. */
  reasons: readonly string[] = [];
  /** How many CPUs are in each state, in the order of `pageStates`. */
  readonly counts = new Uint32Array(pageStates.length);
  /** Messages since it listens, in the order of `trafficKinds`. */
  readonly traffic = new Float64Array(trafficKinds.length);
  private readonly states: Uint8Array;
  /** CPUs that were asked in this round, and those that have answered. */
  private readonly asked: Uint8Array;
  private readonly answered: Uint8Array;
  private left: Snapshot["left"] = "resumed";
  private readonly watch: Watch;

  constructor(cpus: number, first: PageState, watch: Watch = nobody) {
    this.cpus = cpus;
    this.watch = watch;
    this.states = new Uint8Array(cpus).fill(codeOf(first));
    this.asked = new Uint8Array(cpus);
    this.answered = new Uint8Array(cpus);
    this.counts[codeOf(first)] = cpus;
  }

  // ---- what is heard ----

  /** Time never goes back. */
  pass(at: number): void {
    this.at = Math.max(this.at, at);
  }

  hear(heard: Heard): void {
    if (heard.kind === "asks") for (const item of heard.items) this.ask(item);
    else if (heard.kind === "answers") for (const item of heard.items) this.answer(item);
    else {
      for (const { to, said, msg } of heard.items) {
        if (msg.kind === "ack") this.answer({ from: 0, said, msg });
        else if (isRoundMessage(msg)) this.ask({ to, msg });
      }
    }
  }

  died(cpu: number): void {
    this.set(cpu, "dead");
  }

  private ask({ to, msg }: Ask): void {
    if (msg.kind === "welcome") return this.set(msg.cpu, "running");
    const stamp = `${msg.term} ${msg.epoch} ${msg.round}`;
    const round = stamp === this.round?.stamp ? this.round : this.begin(stamp, msg);
    let again = 0;
    forEach(to, (cpu) => {
      if (cpu >= this.cpus) return;
      again += this.asked[cpu] as number;
      this.asked[cpu] = 1;
      if (msg.ask.do === "gather" && this.answered[cpu] === 0) this.set(cpu, "gathering");
    });
    this.count("sent", size(to));
    this.count("again", again);
    // Whose first packet was lost is heard of only when it is sent again.
    this.round = { ...round, of: round.of + size(to) - again };
    this.watch.heard();
  }

  /** The first of a round that is heard. */
  private begin(stamp: string, { epoch, ask }: RoundMessage): Round {
    this.reasons = [];
    this.asked.fill(0);
    this.answered.fill(0);
    if (ask.do === "exit") this.left = ask.outcome === "committed" && ask.version > 0 ? "resumed" : "running";
    else if (ask.do === "complete" || ask.do === "cancel") this.left = ask.version > 0 ? "resumed" : "running";
    return { stamp, epoch, phase: ask.do, since: this.at, of: 0, acks: 0 };
  }

  private answer({ said, msg }: Answer): void {
    this.count("answers", said);
    if (msg.kind === "hello") return;
    if (msg.kind === "withdraw") return this.set(msg.cpu, "running");
    const { round } = this;
    if (round === null || `${msg.term} ${msg.epoch} ${msg.round}` !== round.stamp) return;
    const state = this.stateAfter(msg, round.phase);
    let more = 0;
    forEach(msg.cpus, (cpu) => {
      if (cpu >= this.cpus) return;
      more += 1 - (this.answered[cpu] as number);
      this.answered[cpu] = 1;
      if (state !== null) this.set(cpu, state);
    });
    this.note(msg);
    this.round = { ...round, acks: round.acks + more };
    this.watch.heard();
  }

  private stateAfter({ report }: Ack, phase: Phase): CpuState | null {
    if (report.kind === "pending" && report.busy.length > 0) return "switching";
    const state = stateAtAck[phase];
    return state === "resumed" ? this.left : state;
  }

  private note({ cpus, report }: Ack): void {
    if (report.kind !== "pending" && report.kind !== "busy") return;
    const [cpu] = cpus;
    const more = report.busy.map(({ task, function: name, why }) => `cpu ${cpu} ${task} in ${name}: ${why}`);
    this.reasons = [...this.reasons, ...more].slice(-mostReasons);
  }

  private count(kind: (typeof trafficKinds)[number], count: number): void {
    const place = trafficKinds.indexOf(kind);
    this.traffic[place] = (this.traffic[place] as number) + count;
  }

  private set(cpu: number, state: PageState): void {
    const next = codeOf(state);
    const before = this.states[cpu];
    if (before === undefined || before === next) return;
    this.states[cpu] = next;
    this.counts[before] = (this.counts[before] as number) - 1;
    this.counts[next] = (this.counts[next] as number) + 1;
    this.watch.changed(cpu, next);
  }

  // ---- what is handed on ----

  snapshot(): Snapshot {
    const { at, round, reasons, left, states } = this;
    const shared = pageStates.map(
      (state, code) => [state, fromAscending([...states.keys()].filter((cpu) => states[cpu] === code))] as const,
    );
    return {
      ...{ at, reasons, left, asked: membersOf(this.asked), answered: membersOf(this.answered) },
      states: shared.filter(([, cpus]) => cpus.length > 0),
      round: round === null ? null : { stamp: round.stamp, epoch: round.epoch, phase: round.phase, since: round.since },
    };
  }

  /** What was, before it listened. */
  restore({ at, states, round, asked, answered, reasons, left }: Snapshot): void {
    this.pass(at);
    for (const [state, cpus] of states) forEach(cpus, (cpu) => this.set(cpu, state));
    this.asked.fill(0);
    this.answered.fill(0);
    forEach(asked, (cpu) => this.asked.fill(1, cpu, cpu + 1));
    forEach(answered, (cpu) => this.answered.fill(1, cpu, cpu + 1));
    this.reasons = reasons;
    this.left = left;
    this.round = round === null ? null : { ...round, of: size(asked), acks: size(answered) };
    this.watch.heard();
  }

  // ---- what is shown ----

  /** True while somebody has not answered. */
  get waits(): boolean {
    return this.round !== null && this.round.acks < this.round.of;
  }

  /** CPUs that the round waits for, the lowest ones first; none once it is over. */
  waitedFor(most: number): readonly number[] {
    const found: number[] = [];
    if (!this.waits) return found;
    for (let cpu = 0; cpu < this.cpus && found.length < most; cpu++) if (this.asked[cpu] === 1 && this.answered[cpu] === 0) found.push(cpu);
    return found;
  }
}
