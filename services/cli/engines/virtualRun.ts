// One virtual run from its order to its judgement, in whichever thread: it watches the order's flag for an interrupt.
import { setFlagsFromString } from "node:v8";
import { headerLine, journalEncoder, journalObserver, noteLine } from "../../../shared/journal/encode.ts";
import { type Header, journalLimits } from "../../../shared/journal/entry.ts";
import type { RequestSink } from "../../../shared/kernel/requests/sink.ts";
import type { Plan } from "../../../shared/nemesis/plan.ts";
import { judgeOf } from "../../../shared/oracle/judgement.ts";
import type { Observer, TurnsAlike } from "../../../shared/protocol/observer.ts";
import type { ProgressOptions } from "../../../shared/report/progressText.ts";
import { runVirtual } from "../../../shared/virtual/engine.ts";
import { JournalComparison, JournalFile } from "../../recorder/journalFile.ts";
import type { Ran } from "./engine.ts";
import { Progress } from "./progress.ts";

/**
 * While a large machine starts, whatever is made lives for long. V8 would conclude that what is made in the same places of the program
 * always does, and put the messages of all later rounds where only a full collection finds them: a third more time, half more memory.
 */
setFlagsFromString("--no-allocation-site-pretenuring");

export interface VirtualOrder {
  readonly header: Header;
  readonly plan: Plan;
  /** Where the journal is written, or what it is compared with; null for none. */
  readonly journal: { readonly path: string; readonly compare: boolean; readonly all: boolean } | null;
  readonly progress: ProgressOptions | null;
  /** Not 0 from when on the run is to end. */
  readonly stop: Int32Array<SharedArrayBuffer>;
}

export interface VirtualAnswer extends Ran {
  /** The first line that differs from the journal that was compared with. */
  readonly firstDifference: number | null;
}

/** How many turns pass between two looks at the clock. */
const turnsBetweenLooks = 64;

/** Who is told of the run beside its journal, its judge and its display. */
export interface Listener {
  readonly observer: Observer;
  readonly requests: RequestSink;
}

export const executeVirtually = ({ header, plan, journal, progress, stop }: VirtualOrder, listener?: Listener): VirtualAnswer => {
  const { setup, timeLimitNs, eventLimit } = header;
  const judge = judgeOf(setup);
  const display = progress === null ? null : new Progress(progress);
  const comparison = journal?.compare === true ? new JournalComparison(journal.path) : null;
  const file = journal !== null && comparison === null ? new JournalFile(journal.path) : null;
  const sink = file ?? comparison;
  sink?.write(headerLine(header));
  file?.flush();
  const fullEntries = journal?.all === true ? Infinity : journalLimits.fullEntries;
  const lines = sink === null ? null : journalObserver(journalEncoder({ mode: header.mode, fullEntries }), sink.write);
  let turns = 0;
  const alike = (turns: TurnsAlike): void => {
    judge.observer.alike?.(turns);
    display?.states.alike(turns);
    display?.tick();
  };
  const observer: Observer = {
    turn: (turn) => {
      lines?.turn(turn);
      judge.observer.turn(turn);
      listener?.observer.turn(turn);
      display?.states.turn(turn);
      if (turns++ % turnsBetweenLooks === 0) display?.tick();
    },
    fault: (fault) => lines?.fault(fault),
    ...(lines === null && listener === undefined && { alike }),
  };
  const requests = listener === undefined ? {} : { requests: listener.requests };
  const startedAt = performance.now();
  const isEnough = () => Atomics.load(stop, 0) !== 0;
  const { end, faults } = runVirtual({ setup, plan, timeLimitNs, eventLimit, observer, isEnough, ...requests });
  const wallMs = performance.now() - startedAt;
  display?.clear();
  sink?.write(noteLine({ note: "end", end, faults }));
  sink?.close();
  return { end, faults, judgement: judge.conclude(end, faults), wire: null, wallMs, firstDifference: comparison?.firstDifference ?? null };
};
