// A process's own journal: every turn is in the file before that turn's outputs leave, so a killed process leaves what it has said.
import { closeSync, openSync, writeSync } from "node:fs";
import { journalEncoder } from "../../journal/encode.ts";
import type { FaultApplied, Observer, TurnTaken } from "../../protocol/observer.ts";
import type { ProcessSpec } from "./control.ts";

/** Buffers the lines of one turn of the process; `commit` writes them out with one call (a write without fsync survives SIGKILL). */
export interface JournalFile extends Observer {
  readonly commit: () => void;
  readonly close: () => void;
}

/** The system may take a part of a large write only. */
const writeAll = (file: number, text: string): void => {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
};

export const openJournal = (journal: ProcessSpec["journal"]): JournalFile => {
  if (journal === null) return { turn: () => undefined, fault: () => undefined, commit: () => undefined, close: () => undefined };
  const { path, mode, fullEntries } = journal;
  const file = openSync(path, "a");
  const encoder = journalEncoder({ mode, fullEntries });
  let pending = "";
  const commit = (): void => {
    if (pending === "") return;
    writeAll(file, pending);
    pending = "";
  };
  return {
    turn: (turn: TurnTaken) => {
      pending += encoder.turn(turn);
    },
    fault: (fault: FaultApplied) => {
      pending += encoder.fault(fault);
    },
    commit,
    close: () => {
      commit();
      closeSync(file);
    },
  };
};
