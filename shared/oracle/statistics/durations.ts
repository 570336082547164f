// How long the parts of a stop or a transition took: of the committed epochs where there are any, else of all; the longest counts.
//
// A stop is timed for each CPU from its stopper's arrival (`stopped`) to its `resumed`: that is how long no task ran there. Interrupts
// are off from `voted` to `resumed`. A transition lasts from the first asking to switch to the decision.
import type { Handlers } from "../monitor.ts";

type Spans = Record<"gather" | "stop" | "irqsOff" | "decide" | "switching", number | null>;

const noSpans = (): Spans => ({ gather: null, stop: null, irqsOff: null, decide: null, switching: null });

const longer = (a: number | null, b: number | null): number | null => (a === null ? b : b === null ? a : Math.max(a, b));

const longest = (a: Spans, b: Spans): Spans => ({
  gather: longer(a.gather, b.gather),
  stop: longer(a.stop, b.stop),
  irqsOff: longer(a.irqsOff, b.irqsOff),
  decide: longer(a.decide, b.decide),
  switching: longer(a.switching, b.switching),
});

export class Durations {
  private epoch = noSpans();
  private current = 0;
  private committed: Spans | null = null;
  private other = noSpans();
  private isCommitted = false;
  private lastVoteAt: number | null = null;
  private gatheredFrom: number | null = null;
  private switchingFrom: number | null = null;
  private readonly stoppedAt: Float64Array;
  private readonly votedAt: Float64Array;

  constructor(cpus: number) {
    this.stoppedAt = new Float64Array(cpus).fill(-1);
    this.votedAt = new Float64Array(cpus).fill(-1);
  }

  readonly on: Handlers = {
    opened: ({ epoch }) => this.begin(epoch),
    asked: ({ ask }, at) => {
      if (ask.do === "gather") this.gatheredFrom ??= at;
      if (ask.do === "start") this.switchingFrom ??= at;
    },
    "round-ended": ({ phase }, at) => {
      if (phase === "gather" && this.gatheredFrom !== null) this.epoch.gather = at - this.gatheredFrom;
    },
    booted: ({ cpu }) => this.forget(cpu),
    stopped: ({ cpu }, at) => {
      this.stoppedAt[cpu] = at;
    },
    voted: ({ cpu }, at) => {
      this.votedAt[cpu] = at;
      this.lastVoteAt = at;
    },
    decided: ({ outcome }, at) => {
      this.isCommitted ||= outcome === "committed";
      if (this.lastVoteAt !== null) this.epoch.decide ??= at - this.lastVoteAt;
      if (this.switchingFrom !== null) this.epoch.switching ??= at - this.switchingFrom;
    },
    resumed: ({ cpu }, at) => {
      const stopped = this.stoppedAt[cpu] as number;
      const voted = this.votedAt[cpu] as number;
      if (stopped >= 0) this.epoch.stop = longer(this.epoch.stop, at - stopped);
      if (voted >= 0) this.epoch.irqsOff = longer(this.epoch.irqsOff, at - voted);
      this.forget(cpu);
    },
    withdrew: ({ cpu }, at) => {
      const stopped = this.stoppedAt[cpu] as number;
      if (stopped >= 0) this.epoch.stop = longer(this.epoch.stop, at - stopped);
      this.forget(cpu);
    },
  };

  result(): Spans {
    this.end();
    return this.committed ?? this.other;
  }

  /** Whoever lost its term may tell late of an epoch that is over. */
  private begin(epoch: number): void {
    if (epoch <= this.current) return;
    this.end();
    this.current = epoch;
  }

  private end(): void {
    if (this.current > 0) {
      if (this.isCommitted) this.committed = longest(this.committed ?? noSpans(), this.epoch);
      else this.other = longest(this.other, this.epoch);
    }
    this.epoch = noSpans();
    this.isCommitted = false;
    this.lastVoteAt = null;
    this.gatheredFrom = null;
    this.switchingFrom = null;
  }

  private forget(cpu: number): void {
    this.stoppedAt[cpu] = -1;
    this.votedAt[cpu] = -1;
  }
}
