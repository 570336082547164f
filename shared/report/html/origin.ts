// Where a page comes from: what it says beside its document.
import type { Page } from "./page.ts";

/** What a page has to know that its document does not say. */
export interface Origin {
  /** The folder, as it is named on a command line. */
  readonly folder: string;
  /** The line that makes it again. */
  readonly repro: string | null;
  /** Of the manifest: when, by which code, on what. */
  readonly recorded: readonly string[];
  /** What a reader has to know of what is missing. */
  readonly doubts: readonly string[];
  /** There is a journal in the folder. */
  readonly replayable: boolean;
}

/** The lines to copy of anything that is in a folder. */
export const linesOf = ({ folder, repro }: Origin): Page["lines"] => [
  ...(repro === null ? [] : [{ what: "run it again", line: repro }]),
  { what: "this page, made again", line: `./quiesce report ${folder}` },
];
