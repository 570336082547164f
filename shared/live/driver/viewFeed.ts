// Tells whoever looks on how the run stands, a few dozen times a second and never more: the run does not wait for them.
import type { CoordinatorFact } from "../../protocol/facts.ts";
import type { Bus } from "../bus/bus.ts";
import { subjectsOf } from "../bus/subjects.ts";
import { encodeView, isShown, type ViewFrame, viewLimits } from "../bus/viewFrame.ts";
import type { ProcessCounts } from "../process/control.ts";

/** What a frame says that nobody tells the feed. */
export interface Standing {
  readonly at: number;
  readonly settled: boolean;
  readonly counts: Pick<ProcessCounts, "packets" | "faults">;
}

export class ViewFeed {
  private readonly bus: Bus;
  private readonly subject: string;
  private readonly standing: () => Standing;
  private readonly timer: NodeJS.Timeout;
  private facts: ViewFrame["facts"][number][] = [];
  private omitted = 0;
  private number = 0;
  private toldCounts = "";

  constructor(bus: Bus, run: string, standing: () => Standing) {
    this.bus = bus;
    this.subject = subjectsOf(run).view;
    this.standing = standing;
    this.timer = setInterval(() => this.tell(), viewLimits.pauseMs).unref();
  }

  fact(at: number, fact: CoordinatorFact): void {
    if (!isShown(fact)) return;
    if (this.facts.length < viewLimits.facts) this.facts.push([at, fact]);
    else this.omitted++;
  }

  private tell(): void {
    const { at, settled, counts } = this.standing();
    const { packets, faults } = counts;
    const text = JSON.stringify([packets, faults]);
    const frame = { number: ++this.number, at, facts: this.facts, omitted: this.omitted, settled };
    const { dropped } = this.bus.counts;
    this.bus.publish(this.subject, encodeView(text === this.toldCounts ? frame : { ...frame, counts: { packets, faults } }));
    // A frame that could not leave is missing by its number, and the next one says what it would have said.
    if (this.bus.counts.dropped !== dropped) return;
    this.toldCounts = text;
    this.facts = [];
  }

  /** Says the last of it. */
  end(): void {
    clearInterval(this.timer);
    this.tell();
  }
}
