// The blame report: who held the run up, in which round, and for how long.
//
// A finished round is held up by the CPU that announced last what the round is for; its time counts from the asking. An aborted epoch is
// held up by whoever its reason names, from its opening on. The task comes from what the CPU said of the task that it waited for last,
// or from its busy vote. A transition is held up by the task that switched last, from the opening on, and one that is still open by all
// that have not switched. Whoever withdrew was held up itself, from the opening of the epoch on; and while no coordinator was heard, the row
// names no CPU. Of a machine with a million CPUs only the worst of each round are remembered.
import { forEach, size } from "../machine/cpuSet.ts";
import type { AbortReason } from "../protocol/facts.ts";
import { isSwitchAsk, type Phase } from "../protocol/messages.ts";
import { type Fold, us } from "./fold.ts";
import type { FactOf } from "./monitor.ts";
import type { Roster } from "./roster.ts";
import { Silences } from "./silences.ts";
import { Stragglers } from "./stragglers.ts";

export interface Blame {
  /** Absent where the run waited for a coordinator. */
  readonly cpu?: number;
  readonly task?: string;
  readonly function?: string;
  readonly why: string;
  readonly heldUs: number;
  readonly epoch: number;
  readonly phase: Phase;
}

export interface BlameReport {
  /** The most costly first. */
  readonly blame: readonly Blame[];
  /** Why the last epoch that was aborted was, or what a transition still waits for, in words; undefined if there is neither. */
  readonly blocker: string | undefined;
}

/** At most this many rows, waits of one epoch, and CPUs of one abort. */
const rowLimit = 100;
const waitLimit = 64;
const namedLimit = 16;

/** What a CPU waits for. */
interface Wait {
  readonly why: string;
  readonly task?: string;
  readonly function?: string;
  readonly since: number;
  readonly until: number;
}

/** The waits of an epoch that are expected to end last. */
class WorstWaits {
  private epoch = 0;
  private readonly worst = new Map<number, Wait>();
  /** What a further wait must outlast: the shortest of those that are kept, once there is room for no more. */
  private shortest = -Infinity;

  /** Worth a call of `note`? Nearly all waits of a big machine are not, and cost no more than this. */
  isAmongWorst(epoch: number, until: number): boolean {
    return epoch !== this.epoch || until > this.shortest;
  }

  note(epoch: number, cpu: number, wait: Wait): void {
    if (epoch !== this.epoch) {
      this.worst.clear();
      this.epoch = epoch;
      this.shortest = -Infinity;
    }
    this.worst.set(cpu, wait);
    if (this.worst.size <= waitLimit) return;
    this.worst.delete(this.firstToEnd());
    this.shortest = this.worst.get(this.firstToEnd())?.until ?? -Infinity;
  }

  of(cpu: number, epoch: number): Wait | undefined {
    return epoch === this.epoch ? this.worst.get(cpu) : undefined;
  }

  private firstToEnd(): number {
    let first = -1;
    let until = Infinity;
    for (const [cpu, wait] of this.worst) {
      if (first >= 0 && wait.until >= until) continue;
      first = cpu;
      until = wait.until;
    }
    return first;
  }
}

/** A round under way, and who has come last in it so far. */
interface Open {
  readonly asked: FactOf<"asked">;
  readonly at: number;
  last: number;
  lastAt: number;
}

type OfRound = FactOf<"held" | "stopped" | "voted" | "wrote" | "switched" | "poked" | "resumed">;

/** Rows, most costly first, of which only so many are kept. */
class Rows {
  private rows: Blame[] = [];

  add(row: Blame): void {
    this.rows.push(row);
    if (this.rows.length === 2 * rowLimit) this.rows = this.worst();
  }

  worst(): Blame[] {
    return this.rows.toSorted((a, b) => b.heldUs - a.heldUs || a.epoch - b.epoch || (a.cpu ?? -1) - (b.cpu ?? -1)).slice(0, rowLimit);
  }
}

type Named = Pick<Blame, "task" | "function" | "why"> & { readonly cpu: number };

const named = (cpu: number, { why, task, function: name }: Pick<Wait, "why" | "task" | "function">): Named => ({
  cpu,
  ...(task === undefined ? {} : { task }),
  ...(name === undefined ? {} : { function: name }),
  why,
});

/** Who was waited for last in each round. */
class LastOnes {
  private readonly open = new Map<number, Open>();
  private readonly waits: WorstWaits;
  private readonly rows: Rows;

  constructor(waits: WorstWaits, rows: Rows) {
    this.waits = waits;
    this.rows = rows;
  }

  asked(asked: FactOf<"asked">, at: number): void {
    this.open.set(asked.term, { asked, at, last: -1, lastAt: at });
  }

  came(fact: OfRound, at: number): void {
    const round = this.open.get(fact.term);
    if (round === undefined || round.asked.epoch !== fact.epoch || round.asked.round !== fact.round || at < round.lastAt) return;
    round.last = fact.cpu;
    round.lastAt = at;
  }

  ended({ term, epoch, acks }: FactOf<"round-ended">): void {
    const round = this.open.get(term);
    this.open.delete(term);
    // What an abort cut short was not held up by whoever did answer.
    if (round === undefined || round.last < 0 || acks < size(round.asked.of)) return;
    // Who is waited for from one check to the next is told of once, at the end.
    if (isSwitchAsk(round.asked.ask)) return;
    const wait = this.waits.of(round.last, epoch);
    const why = wait !== undefined && wait.since >= round.at ? wait : { why: "last to answer" };
    this.rows.add({ ...named(round.last, why), heldUs: us(round.lastAt - round.at), epoch, phase: round.asked.ask.do });
  }
}

export const blameFold = (roster: Roster): Fold<BlameReport> => {
  const waits = new WorstWaits();
  const rows = new Rows();
  const lastOnes = new LastOnes(waits, rows);
  let phase: Phase = "gather";
  let blocker: string | undefined;
  const stragglers = new Stragglers(roster, (of, { since, until, ...wait }) => {
    rows.add({ ...named(wait.cpu, wait), heldUs: us(until - since), epoch: of, phase: "check" });
  });
  const silences = new Silences(() => ({ epoch: roster.epoch, phase }));

  const came = (fact: OfRound, at: number): void => {
    silences.answered(at);
    lastOnes.came(fact, at);
  };

  const decided = ({ epoch, outcome, reason }: FactOf<"decided">, at: number): void => {
    if (reason === null || outcome !== "aborted") return;
    // A coordinator whose time is up in the middle of a check knows only of those that have answered it.
    const missing = reason.why === "limit" || reason.why === "reversed" ? stragglers.missing().slice(0, namedLimit) : [];
    const who = missing.length > 0 ? missing.map((one) => named(one.cpu, one)) : whoAborted(reason, (cpu) => waits.of(cpu, epoch));
    const heldUs = epoch === roster.epoch ? us(at - roster.openedAt) : 0;
    // Whoever withdrew has said so itself.
    if (reason.why !== "withdraw") for (const one of who) rows.add({ ...one, heldUs, epoch, phase });
    blocker = `epoch ${epoch} aborted in ${phase} (${reason.why})${who.length > 0 ? `: ${wordsOf(who)}` : ""}`;
  };

  return {
    on: [
      {
        blocked: ({ cpu, epoch, why, task, function: name, forNs }, at) => {
          const until = forNs === null ? Infinity : at + forNs;
          if (waits.isAmongWorst(epoch, until)) waits.note(epoch, cpu, { why, task, function: name, since: at, until });
        },
        "interrupts-off": ({ cpu, forNs }, at) => {
          if (waits.of(cpu, roster.epoch) === undefined)
            waits.note(roster.epoch, cpu, { why: "interrupts off", since: at, until: at + forNs });
        },
        asked: (asked, at) => {
          phase = asked.ask.do;
          lastOnes.asked(asked, at);
        },
        held: came,
        stopped: came,
        voted: came,
        wrote: came,
        switched: came,
        poked: came,
        resumed: came,
        withdrew: ({ cpu, epoch }, at) => {
          const heldUs = epoch === roster.epoch ? us(at - roster.openedAt) : 0;
          rows.add({ cpu, why: "held too long, withdrew", heldUs, epoch, phase });
        },
        "round-ended": (fact) => lastOnes.ended(fact),
        decided,
      },
      silences.on,
      stragglers.on,
    ],
    result: ({ at }) => {
      const missing = roster.isOpen ? stragglers.missing().slice(0, namedLimit) : [];
      for (const one of missing) rows.add({ ...named(one.cpu, one), heldUs: us(at - stragglers.waitingSince), epoch: roster.epoch, phase });
      if (missing.length > 0) blocker = `epoch ${roster.epoch} still in ${phase}: ${wordsOf(missing)}`;
      for (const { ns, place } of silences.found()) rows.add({ why: "no word from a coordinator", heldUs: us(ns), ...place });
      return { blame: rows.worst(), blocker };
    },
  };
};

const whys = {
  limit: "did not answer",
  busy: "busy at the vote",
  death: "died",
  withdraw: "withdrew",
  takeover: "",
  reversed: "turned back",
} as const;

/** Whom the reason of an abort names, with what they waited for. */
const whoAborted = ({ why, cpus, busy }: AbortReason, waitOf: (cpu: number) => Wait | undefined): readonly Named[] => {
  if (why === "busy" && busy.length > 0) return busy.slice(0, namedLimit).map(({ cpu, ...task }) => named(cpu, task));
  const waits: Array<Wait & { readonly cpu: number }> = [];
  const others: Named[] = [];
  forEach(cpus, (cpu) => {
    const isWaiting = why === "limit" || why === "reversed";
    const told = isWaiting ? busy.find((one) => one.cpu === cpu) : undefined;
    const wait = isWaiting ? waitOf(cpu) : undefined;
    if (told !== undefined) others.push(named(cpu, told));
    else if (wait !== undefined) waits.push({ ...wait, cpu });
    else if (others.length < namedLimit) others.push({ cpu, why: whys[why] });
  });
  const longestFirst = waits.toSorted((a, b) => (a.until === b.until ? a.cpu - b.cpu : b.until - a.until));
  return [...longestFirst.map((wait) => named(wait.cpu, wait)), ...others].slice(0, namedLimit);
};

const inWords = ({ cpu, task, function: name, why }: Named): string =>
  `cpu ${cpu}${task === undefined ? "" : `, ${task} in ${name ?? "the kernel"}`}: ${why}`;

/** So many are named in a sentence. */
const wordsOf = (who: readonly Named[]): string => who.slice(0, 3).map(inWords).join("; ");
