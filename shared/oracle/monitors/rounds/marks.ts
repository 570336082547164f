// The CPU's side of the monitor of rounds: what each has obeyed and left.
import { filter, forEach, size } from "../../../machine/cpuSet.ts";
import { isSwitchAsk, type Phase, type Stamp } from "../../../protocol/messages.ts";
import type { Handlers, Monitor } from "../../monitor.ts";
import type { Roster } from "../../roster.ts";
import { type Asked, type Current, isLast, isShown, judgeShortfall, nameOf, serialOf } from "./current.ts";

type Breaches = Parameters<Monitor["watch"]>[1];
type Done = Stamp & { readonly fact: string; readonly cpu: number; readonly incarnation: number };

const bringing: readonly Phase[] = ["start", "check", "signal", "reverse", "force"];
const leaving: readonly Phase[] = ["exit", "complete", "cancel"];
const only = { gather: ["gather"], prepare: ["prepare"], vote: ["disable-irq"], run: ["run"], poke: ["poke"] } as const;

/** What each CPU has obeyed and left. */
export class Marks {
  private readonly roster: Roster;
  private readonly terms: ReadonlyMap<number, Current>;
  private readonly breach: Breaches;
  private readonly term: Int32Array;
  private readonly epoch: Int32Array;
  private readonly round: Int32Array;
  private readonly left: Int32Array;
  /** The round that each CPU was counted in last. */
  private readonly counted: Float64Array;

  constructor(roster: Roster, terms: ReadonlyMap<number, Current>, breach: Breaches) {
    this.roster = roster;
    this.terms = terms;
    this.breach = breach;
    this.term = new Int32Array(roster.cpus);
    this.epoch = new Int32Array(roster.cpus);
    this.round = new Int32Array(roster.cpus);
    this.left = new Int32Array(roster.cpus);
    this.counted = new Float64Array(roster.cpus);
  }

  readonly on: Handlers = {
    booted: ({ cpu, incarnation }) => {
      if (!this.roster.lives(cpu, incarnation)) return;
      this.term[cpu] = 0;
      this.left[cpu] = 0;
    },
    held: (fact, at) => this.obeyed(fact, only.gather, at),
    stopped: (fact, at) => this.obeyed(fact, only.prepare, at),
    voted: (fact, at) => this.obeyed(fact, only.vote, at),
    wrote: (fact, at) => this.obeyed(fact, only.run, at),
    switched: (fact, at) => this.obeyed(fact, bringing, at),
    // Redirections go when all have left.
    poked: (fact, at) => this.obeyed(fact, only.poke, at, true),
    resumed: (fact, at) => {
      this.obeyed(fact, leaving, at);
      this.leave(fact);
    },
    withdrew: (fact) => this.leave(fact),
  };

  /** Acks must have CPUs behind them; and whoever lives must have left when the exit is over. */
  judgeEnd(current: Current, at: number): void {
    const { asked, size: asks, acks, answers } = current;
    const say = (reason: string) => this.breach({ reason: `${nameOf(asked)} ended with ${reason}`, at });
    if (acks > asks) say(`${acks} acks of ${asks} CPUs`);
    if (isShown(asked) && acks > answers + this.haveLeft(asked))
      say(`${acks} acks, but only ${answers === 1 ? "1 CPU" : `${answers} CPUs`} did it`);
    if (!isLast(asked.ask.do) || asked.epoch !== this.roster.epoch) return;
    judgeShortfall(current, this.roster, say);
    forEach(asked.of, (cpu) => {
      if (!this.hasLeft(cpu, asked.epoch) && !this.roster.isLostSince(cpu, current.losses)) say(`cpu ${cpu} still inside`);
    });
  }

  /** Whoever began to run in the middle of a transition may have come after its decision, and was then never inside. */
  private hasLeft(cpu: number, epoch: number): boolean {
    return (this.left[cpu] as number) >= epoch || (epoch === this.roster.epoch && this.roster.isNewborn(cpu));
  }

  /** CPUs that ack such a round without a word, for nothing is left for them to do: only tasks that are asked to switch again know them. */
  private haveLeft({ ask, of, epoch }: Asked): number {
    return isSwitchAsk(ask) ? size(filter(of, (cpu) => this.hasLeft(cpu, epoch))) : 0;
  }

  private obeyed(fact: Done, asked: readonly Phase[], at: number, mayHaveLeft = false): void {
    const { cpu, incarnation, term, epoch, round } = fact;
    if (!this.roster.lives(cpu, incarnation)) return;
    const order = term - (this.term[cpu] as number) || epoch - (this.epoch[cpu] as number) || round - (this.round[cpu] as number);
    const what = asked.length === 1 ? asked[0] : fact.fact === "switched" ? "a switch" : "an end";
    if (order < 0 && this.term[cpu] !== 0)
      this.breach({ reason: `cpu ${cpu} obeyed ${what} of round ${round}, epoch ${epoch}, term ${term} after a later one`, at, cpu });
    if (epoch <= (this.left[cpu] as number) && !mayHaveLeft)
      this.breach({ reason: `cpu ${cpu} obeyed ${what} of epoch ${epoch}, which it had left`, at, cpu });
    this.term[cpu] = term;
    this.epoch[cpu] = epoch;
    this.round[cpu] = round;
    const current = this.terms.get(term);
    const serial = serialOf(fact);
    if (current === undefined || this.counted[cpu] === serial) return;
    if (current.asked.epoch !== epoch || current.asked.round !== round || !asked.includes(current.asked.ask.do)) return;
    this.counted[cpu] = serial;
    current.answers++;
  }

  private leave({ cpu, incarnation, epoch }: { readonly cpu: number; readonly incarnation: number; readonly epoch: number }): void {
    if (this.roster.lives(cpu, incarnation) && epoch > (this.left[cpu] as number)) this.left[cpu] = epoch;
  }
}
