// The attempts of a run as a tracer draws them: rounds, and the CPUs that were slowest to answer, folded from facts.
import { size } from "../../shared/machine/cpuSet.ts";
import type { CoordinatorFact, CpuFact, Fact } from "../../shared/protocol/facts.ts";
import type { Phase } from "../../shared/protocol/messages.ts";

/** CPUs drawn of one attempt: those that answered last. */
const cpusDrawn = 64;

export interface RoundTimes {
  readonly term: number;
  readonly round: number;
  readonly phase: Phase;
  readonly startNs: number;
  endNs: number | null;
  acks: number;
  resent: number;
  late: number;
}

/** What became of a CPU in an attempt, and when. */
export interface CpuTimes {
  readonly cpu: number;
  readonly moments: Array<readonly [fact: CpuFact["fact"], atNs: number]>;
}

export interface Attempt {
  readonly epoch: number;
  readonly operation: string;
  readonly attempt: number;
  readonly target: number;
  readonly participants: number;
  readonly startNs: number;
  endNs: number | null;
  outcome: string | null;
  /** Why it was aborted. */
  reason: string | null;
  decidedNs: number | null;
  readonly rounds: RoundTimes[];
  /** The slowest, once the attempt is over. */
  cpus: readonly CpuTimes[];
}

type Drawn = Extract<CpuFact, { readonly fact: "held" | "stopped" | "voted" | "wrote" | "switched" | "resumed" }>;

const drawn: ReadonlySet<string> = new Set<Drawn["fact"]>(["held", "stopped", "voted", "wrote", "switched", "resumed"]);

const isDrawn = (fact: Fact): fact is Drawn => drawn.has(fact.fact);

/** The answers for which others wait: not that it goes on. */
const answeredAt = ({ moments }: CpuTimes): number => moments.findLast(([fact]) => fact !== "resumed" && fact !== "wrote")?.[1] ?? 0;

const slowest = (cpus: Iterable<CpuTimes>): readonly CpuTimes[] =>
  [...cpus].toSorted((a, b) => answeredAt(b) - answeredAt(a)).slice(0, cpusDrawn);

export class AttemptsFold {
  private readonly attempts = new Map<number, Attempt>();
  private readonly cpus = new Map<number, Map<number, CpuTimes>>();

  announce(at: number, fact: Fact): void {
    if (isDrawn(fact)) this.ofCpu(at, fact);
    else if ("life" in fact && "epoch" in fact) this.ofCoordinator(at, fact);
  }

  result(): readonly Attempt[] {
    for (const epoch of [...this.cpus.keys()]) this.settle(epoch);
    return [...this.attempts.values()];
  }

  private ofCpu(at: number, { fact, cpu, epoch }: Drawn): void {
    const cpus = this.cpus.get(epoch);
    const times = cpus?.get(cpu) ?? { cpu, moments: [] };
    times.moments.push([fact, at]);
    cpus?.set(cpu, times);
  }

  private ofCoordinator(at: number, fact: CoordinatorFact): void {
    if (fact.fact === "opened") return this.opened(at, fact);
    const attempt = "epoch" in fact ? this.attempts.get(fact.epoch) : undefined;
    if (attempt === undefined) return;
    if (fact.fact === "asked")
      attempt.rounds.push({
        term: fact.term,
        round: fact.round,
        phase: fact.ask.do,
        startNs: at,
        endNs: null,
        acks: 0,
        resent: 0,
        late: 0,
      });
    else if (fact.fact === "round-ended") {
      const round = attempt.rounds.findLast(({ term, round }) => term === fact.term && round === fact.round);
      if (round !== undefined) Object.assign(round, { endNs: at, acks: fact.acks, resent: fact.resent, late: fact.late });
    } else if (fact.fact === "decided") {
      attempt.decidedNs = at;
      attempt.reason = fact.reason?.why ?? null;
    } else if (fact.fact === "closed") {
      attempt.endNs = at;
      attempt.outcome = fact.outcome;
      this.settle(fact.epoch);
    }
  }

  private opened(at: number, fact: Extract<CoordinatorFact, { fact: "opened" }>): void {
    const { epoch, operation, attempt, target } = fact;
    this.cpus.set(epoch, new Map());
    this.attempts.set(epoch, {
      epoch,
      operation,
      attempt,
      target,
      participants: size(fact.participants),
      startNs: at,
      endNs: null,
      outcome: null,
      reason: null,
      decidedNs: null,
      rounds: [],
      cpus: [],
    });
  }

  /** The rest of its CPUs are forgotten: of a million the moments of 64 are kept. */
  private settle(epoch: number): void {
    const attempt = this.attempts.get(epoch);
    const cpus = this.cpus.get(epoch);
    if (attempt !== undefined && cpus !== undefined) attempt.cpus = slowest(cpus.values());
    this.cpus.delete(epoch);
  }
}
