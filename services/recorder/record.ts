// What the recorder does: the processes' journals become the run's one, and what they say is judged.
import { entryLine, noteLine } from "../../shared/journal/encode.ts";
import type { Entry } from "../../shared/journal/entry.ts";
import type { PartLengths } from "../../shared/journal/part.ts";
import type { Refused } from "../../shared/journal/refused.ts";
import type { FaultCount } from "../../shared/nemesis/plan.ts";
import { type Judgement, judgeOf } from "../../shared/oracle/judgement.ts";
import type { End } from "../../shared/protocol/observer.ts";
import type { Setup } from "../../shared/protocol/setup.ts";
import { JournalFile } from "./journalFile.ts";
import { arePartsFull, mergePartFiles } from "./parts.ts";

/** What a recorder is told. */
export interface RecordOrder {
  readonly setup: Setup;
  /** The run's journal, which has its header already; null for none. */
  readonly journal: string | null;
  /** Each process's own. */
  readonly parts: readonly string[];
  readonly end: End;
  readonly faults: readonly FaultCount[];
  readonly refusals: readonly Refused[];
  /** Why what they wrote may not be all. */
  readonly doubts: readonly string[];
  /** What they said of how long it is; nothing where they wrote files, which lack nothing. */
  readonly lengths: PartLengths;
}

/** The entries of a run may be many more than fit in memory: they go from the parts to the journal and the judge as they come. */
export const record = ({ setup, journal, parts, end, faults, refusals, doubts, lengths }: RecordOrder): Judgement => {
  const judge = judgeOf(setup);
  const file = journal === null ? null : new JournalFile(journal, "append");
  if (!arePartsFull(parts)) file?.write(noteLine({ note: "facts-only", entries: 0 }));
  const visit = (entry: Entry): void => {
    file?.write(entryLine(entry));
    if (entry.kind === "fact") judge.announce({ at: entry.at, clock: entry.clock, actor: entry.actor, fact: entry.body });
  };
  let foundBefore: boolean | undefined;
  const onLoss = (): void => {
    foundBefore ??= judge.isViolated();
  };
  const { gaps, damage, unsure } = mergePartFiles(parts, visit, { lengths, onLoss });
  for (const one of refusals) file?.write(noteLine({ note: "refused", ...one }));
  file?.write(noteLine({ note: "end", end, faults }));
  file?.close();
  const lost = [...doubts, ...damage, ...gaps.map(({ message }) => message)];
  return judge.conclude(end, faults, lost, foundBefore === true ? [] : [...lost, ...unsure]);
};
