// rounds: asked in order, answered by everyone, obeyed once and never backwards.
//
// The coordinator's side rests on `asked` and `round-ended` of each term: what may follow what, and acks that are matched by as many
// CPUs that announced what the round is for (a copied or foreign ack is matched by nobody). Deaths may shorten only `run` and `exit`.
// The CPU's side rests on the stamps of its facts: they never go back, and an epoch once left is never entered again.
import { filter, forEach, size, without } from "../../machine/cpuSet.ts";
import type { Phase, Stamp } from "../../protocol/messages.ts";
import type { FactOf, Handlers, Monitor } from "../monitor.ts";
import { forEveryModel } from "../monitor.ts";
import type { Roster } from "../roster.ts";

type Breaches = Parameters<Monitor["watch"]>[1];
type Asked = FactOf<"asked">;

/** The round that a term asked last. */
interface Current {
  readonly asked: Asked;
  /** Tells rounds apart in the marks of CPUs. */
  readonly serial: number;
  readonly size: number;
  /** CPUs that announced what this round is for. */
  answers: number;
  ended: boolean;
  acks: number;
}

/** What each phase may follow within one term and epoch; `taken over` is what a new term finds. */
const mayFollow: Readonly<Record<Phase, ReadonlyArray<Phase | "opened" | "taken over">>> = {
  gather: ["opened", "gather"],
  prepare: ["opened", "gather"],
  "disable-irq": ["prepare"],
  run: ["disable-irq", "run", "taken over"],
  exit: ["run", "gather", "prepare", "disable-irq", "taken over"],
  poke: [],
  start: [],
  check: [],
  signal: [],
  reverse: [],
  force: [],
  sync: [],
  complete: [],
  cancel: [],
};

const isEarly = (phase: Phase): boolean => phase !== "run" && phase !== "exit";

export const rounds: Monitor = {
  name: "rounds",
  guarantee: "rounds come in order, and each is acked once per term by each participant",
  appliesTo: forEveryModel,
  watch: (roster, breach) => {
    const terms = new Map<number, Current>();
    const marks = new Marks(roster, terms, breach);
    const asking: Handlers = {
      asked: (fact, at) => {
        const before = terms.get(fact.term);
        const previous = before?.asked.epoch === fact.epoch ? before : undefined;
        judgeOrder(fact, previous, roster, (reason) => breach({ reason, at }));
        judgeAudience(fact, roster, (reason) => breach({ reason, at }));
        terms.set(fact.term, { asked: fact, serial: marks.nextSerial(), size: size(fact.of), answers: 0, ended: false, acks: 0 });
      },
      "round-ended": (fact, at) => {
        const current = terms.get(fact.term);
        if (current === undefined || current.asked.epoch !== fact.epoch || current.asked.round !== fact.round) {
          breach({ reason: `round ${fact.round} of epoch ${fact.epoch} ended, which was not under way`, at });
          return;
        }
        current.ended = true;
        current.acks = fact.acks;
        marks.judgeEnd(current, at);
      },
    };
    return { on: { ...asking, ...marks.on } };
  },
};

const nameOf = ({ ask, round, epoch, term }: Asked): string => `${ask.do} (round ${round} of epoch ${epoch}, term ${term})`;

/** What came before must be over, unless this ends the epoch early. */
const judgeOrder = (asked: Asked, previous: Current | undefined, roster: Roster, say: (reason: string) => void): void => {
  const phase = asked.ask.do;
  const began = asked.epoch === roster.epoch && asked.term === roster.term ? "opened" : "taken over";
  const after = previous?.asked.ask.do ?? began;
  const expected = (previous?.asked.round ?? 0) + 1;
  if (asked.round !== expected) say(`${nameOf(asked)} is asked where round ${expected} comes next`);
  if (!mayFollow[phase].includes(after)) say(`${nameOf(asked)} is asked after ${after}`);
  if (previous === undefined) return;
  const early = isEarly(previous.asked.ask.do);
  if (asked.ask.do === "exit" && asked.ask.outcome === "aborted") {
    if (!early) say(`${nameOf(asked)} aborts after ${after}`);
  } else if (!previous.ended) say(`${nameOf(asked)} is asked before ${after} has ended`);
  else if (phase === "exit" && early) say(`${nameOf(asked)} commits after ${after}, without a run`);
  else if (early && previous.acks < previous.size)
    say(`${nameOf(asked)} is asked after ${previous.acks} of ${previous.size} acks of ${after}`);
  else if (phase === "exit") judgeShortfall(previous, roster, (reason) => say(`${nameOf(asked)} is asked after ${reason}`));
};

/** After the decision, whoever has not acked must be dead. */
const judgeShortfall = ({ asked, acks, size: asks }: Current, roster: Roster, say: (reason: string) => void): void => {
  if (asked.epoch !== roster.epoch || acks >= asks) return;
  const dead = size(filter(asked.of, (cpu) => !roster.takesPart(cpu)));
  if (acks + dead < asks) say(`${acks} acks of ${asked.ask.do} from ${asks} CPUs, ${dead} of them dead`);
};

/** Before the decision every participant is asked; after it, every one that lives. */
const judgeAudience = (asked: Asked, roster: Roster, say: (reason: string) => void): void => {
  if (asked.epoch !== roster.epoch || size(asked.of) === roster.participantCount) return;
  forEach(without(roster.participants, asked.of), (cpu) => {
    if (isEarly(asked.ask.do) || roster.takesPart(cpu)) say(`${nameOf(asked)} leaves out cpu ${cpu}`);
  });
};

/** What each CPU has obeyed and left. */
class Marks {
  private readonly roster: Roster;
  private readonly terms: ReadonlyMap<number, Current>;
  private readonly breach: Breaches;
  private readonly term: Int32Array;
  private readonly epoch: Int32Array;
  private readonly round: Int32Array;
  private readonly left: Int32Array;
  /** The round that each CPU was counted in last. */
  private readonly counted: Int32Array;
  private serial = 0;

  constructor(roster: Roster, terms: ReadonlyMap<number, Current>, breach: Breaches) {
    this.roster = roster;
    this.terms = terms;
    this.breach = breach;
    this.term = new Int32Array(roster.cpus);
    this.epoch = new Int32Array(roster.cpus);
    this.round = new Int32Array(roster.cpus);
    this.left = new Int32Array(roster.cpus);
    this.counted = new Int32Array(roster.cpus);
  }

  readonly on: Handlers = {
    booted: ({ cpu, incarnation }) => {
      if (!this.roster.lives(cpu, incarnation)) return;
      this.term[cpu] = 0;
      this.left[cpu] = 0;
    },
    held: (fact, at) => this.obeyed(fact, "gather", at),
    stopped: (fact, at) => this.obeyed(fact, "prepare", at),
    voted: (fact, at) => this.obeyed(fact, "disable-irq", at),
    wrote: (fact, at) => this.obeyed(fact, "run", at),
    resumed: (fact, at) => {
      this.obeyed(fact, "exit", at);
      this.leave(fact);
    },
    withdrew: (fact) => this.leave(fact),
  };

  nextSerial(): number {
    return ++this.serial;
  }

  /** Acks must have CPUs behind them; and whoever lives must have left when the exit is over. */
  judgeEnd(current: Current, at: number): void {
    const { asked, size: asks, acks, answers } = current;
    const say = (reason: string) => this.breach({ reason: `${nameOf(asked)} ended with ${reason}`, at });
    if (acks > asks) say(`${acks} acks of ${asks} CPUs`);
    if (isEarly(asked.ask.do) && acks > answers) say(`${acks} acks, but only ${answers} CPUs did it`);
    if (asked.ask.do !== "exit" || asked.epoch !== this.roster.epoch) return;
    judgeShortfall(current, this.roster, say);
    forEach(asked.of, (cpu) => {
      if (this.roster.takesPart(cpu) && (this.left[cpu] as number) < asked.epoch) say(`cpu ${cpu} still inside`);
    });
  }

  private obeyed(fact: Stamp & { readonly cpu: number; readonly incarnation: number }, phase: Phase, at: number): void {
    const { cpu, incarnation, term, epoch, round } = fact;
    if (!this.roster.lives(cpu, incarnation)) return;
    const order = term - (this.term[cpu] as number) || epoch - (this.epoch[cpu] as number) || round - (this.round[cpu] as number);
    if (order < 0 && this.term[cpu] !== 0)
      this.breach({ reason: `cpu ${cpu} obeyed ${phase} of round ${round}, epoch ${epoch}, term ${term} after a later one`, at, cpu });
    if (epoch <= (this.left[cpu] as number))
      this.breach({ reason: `cpu ${cpu} obeyed ${phase} of epoch ${epoch}, which it had left`, at, cpu });
    this.term[cpu] = term;
    this.epoch[cpu] = epoch;
    this.round[cpu] = round;
    const current = this.terms.get(term);
    if (current === undefined || current.serial === this.counted[cpu]) return;
    if (current.asked.epoch !== epoch || current.asked.round !== round || current.asked.ask.do !== phase) return;
    this.counted[cpu] = current.serial;
    current.answers++;
  }

  private leave({ cpu, incarnation, epoch }: { readonly cpu: number; readonly incarnation: number; readonly epoch: number }): void {
    if (this.roster.lives(cpu, incarnation) && epoch > (this.left[cpu] as number)) this.left[cpu] = epoch;
  }
}
