// The register of a virtual run: one record that is written by compare-and-set on its revision.
import type { Register } from "../protocol/messages.ts";

export class RegisterCell {
  revision = 0;
  record: Register | null = null;
  /** The last writer's: whoever reads what was written comes after it. */
  clock = 0;

  /** Writes where nobody has since `expected`; where it says less than 0, or nothing, somebody only reads. */
  write(expected: number, record: Register | null, clock: number): void {
    if (expected < 0 || expected !== this.revision || record === null) return;
    this.revision++;
    this.record = record;
    this.clock = Math.max(clock, this.clock);
  }
}
