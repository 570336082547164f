// What the recorder does: the processes' journals become the run's one, and what they say is judged.
import { entryLine, noteLine } from "../../shared/journal/encode.ts";
import type { FaultCount } from "../../shared/nemesis/plan.ts";
import { type Judgement, judgeOf } from "../../shared/oracle/judgement.ts";
import type { End } from "../../shared/protocol/observer.ts";
import type { Setup } from "../../shared/protocol/setup.ts";
import { JournalFile } from "./journalFile.ts";
import { type MergedParts, mergePartFiles } from "./parts.ts";

/** What a recorder is told. */
export interface RecordOrder {
  readonly setup: Setup;
  /** The run's journal, which has its header already; null for none. */
  readonly journal: string | null;
  /** Each process's own. */
  readonly parts: readonly string[];
  readonly end: End;
  readonly faults: readonly FaultCount[];
}

export const record = async (order: RecordOrder): Promise<Judgement> => {
  const merged = await mergePartFiles(order.parts);
  if (order.journal !== null) writeMerged(order.journal, merged, order);
  const judge = judgeOf(order.setup);
  for (const { at, clock, actor, kind, body } of merged.entries) if (kind === "fact") judge.announce({ at, clock, actor, fact: body });
  return judge.conclude(order.end, order.faults, [...merged.damage, ...merged.gaps.map(({ message }) => message)]);
};

const writeMerged = (journal: string, { entries, full }: MergedParts, { end, faults }: RecordOrder): void => {
  const file = new JournalFile(journal, "append");
  if (!full) file.write(noteLine({ note: "facts-only", entries: 0 }));
  for (const entry of entries) file.write(entryLine(entry));
  file.write(noteLine({ note: "end", end, faults }));
  file.close();
};
