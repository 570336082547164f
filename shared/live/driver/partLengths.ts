// How long each process's part of the journal stream is, as far as its driver knows: so that one that lacks its end is known for that.
//
// A process that ends in good order says how much it has written. One that is killed cannot; but what others have heard of it the stream
// was given before, and has, unless there was a time in which it took nothing: then the last of it may be lost.
import type { PartLengths } from "../../journal/part.ts";
import type { ProcessSpec } from "../process/control.ts";

export class PartLengthsTold {
  private readonly told = new Map<string, number>();
  /** Parts that were begun, by whether their process was killed. */
  private readonly begun = new Map<string, boolean>();
  private hadOutage = false;

  /** It is about to write. */
  begin({ journal }: ProcessSpec): void {
    if (journal !== null && "part" in journal) this.begun.set(journal.part, false);
  }

  /** `again`: how many of its pieces were not taken at once. */
  tell({ journal }: ProcessSpec, bytes: number, again: number): void {
    if (journal !== null && "part" in journal) this.told.set(journal.part, bytes);
    if (again > 0) this.hadOutage = true;
  }

  kill({ journal }: ProcessSpec): void {
    if (journal !== null && "part" in journal && this.begun.has(journal.part)) this.begun.set(journal.part, true);
  }

  /** `reconnects`: how often connections of processes were lost. */
  all(reconnects: number): PartLengths {
    const mayLack = this.hadOutage || reconnects > 0;
    const lengths: Record<string, number | null> = {};
    for (const [part, isKilled] of this.begun) {
      const bytes = this.told.get(part);
      if (bytes !== undefined || !isKilled || mayLack) lengths[part] = bytes ?? null;
    }
    return lengths;
  }
}
