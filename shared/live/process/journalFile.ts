// A process's own journal: every turn is in the file before that turn's outputs leave, so a killed process leaves what it has said.
import { closeSync, openSync, writeSync } from "node:fs";
import { PartEncoder, type StepTaken } from "../../journal/part.ts";
import type { FaultApplied } from "../../protocol/observer.ts";
import type { Bus } from "../bus/bus.ts";
import { userOf } from "../bus/subjects.ts";
import type { ProcessSpec } from "./control.ts";
import { openJournalPart } from "./journalPart.ts";

/** Keeps the steps of one turn of the process; `commit` writes them out with one call (a write without fsync survives SIGKILL). */
export interface JournalFile {
  readonly step: (step: StepTaken) => void;
  readonly fault: (fault: FaultApplied) => void;
  readonly commit: () => void;
  readonly close: () => Promise<void>;
}

/** Where the text of a journal goes. */
export interface JournalText {
  readonly write: (text: string) => void;
  readonly close: () => Promise<void>;
}

/** Text that takes more bytes than this gets a buffer of its own. */
const bufferBytes = 1 << 16;

const openFile = (path: string): JournalText => {
  const file = openSync(path, "a");
  const buffer = Buffer.allocUnsafeSlow(bufferBytes);
  return {
    write: (text) => {
      // A character is at most three bytes.
      const fits = 3 * text.length <= bufferBytes;
      const bytes = fits ? buffer : Buffer.from(text);
      const end = fits ? buffer.write(text) : bytes.length;
      // The system may take a part of a large write only.
      for (let at = 0; at < end; ) at += writeSync(file, bytes, at, end - at);
    },
    close: async () => closeSync(file),
  };
};

export const openJournal = ({ journal, run, role, number }: ProcessSpec, bus: Bus): JournalFile => {
  if (journal === null) return { step: () => undefined, fault: () => undefined, commit: () => undefined, close: async () => undefined };
  const place = "path" in journal ? openFile(journal.path) : openJournalPart(bus, run, userOf({ role, number }), journal.part);
  const encoder = new PartEncoder(journal.mode, journal.fullEntries);
  const commit = (): void => {
    const text = encoder.take();
    if (text !== "") place.write(text);
  };
  return {
    step: (step) => encoder.step(step),
    fault: (fault) => encoder.fault(fault),
    commit,
    close: () => {
      commit();
      return place.close();
    },
  };
};
