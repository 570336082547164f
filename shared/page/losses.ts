// What of a live run a page has not heard, in one line: nothing where nothing is missing.
import { listed } from "./leftOut.ts";

export interface Losses {
  /** Frames of the driver that were not sent, or did not arrive: their numbers are missing. */
  frames: number;
  /** Facts that were too many for a frame. */
  facts: number;
  /** Messages that were too many while the page asked what had been. */
  messages: number;
  /** What was said and is no message of this run. */
  refused: number;
}

const counted = (count: number, one: string): readonly string[] => (count === 0 ? [] : [`${count} ${one}${count === 1 ? "" : "s"}`]);

export const lossesText = ({ frames, facts, messages, refused }: Losses): string => {
  const parts = [...counted(frames, "frame"), ...counted(facts, "fact"), ...counted(messages, "message")];
  const missing = parts.length === 0 ? "" : `Left out of this view: ${listed(parts)}.`;
  const wrong = refused === 0 ? "" : `Refused as no ${refused === 1 ? "message" : "messages"} of this run: ${refused}.`;
  return [missing, wrong].filter((text) => text !== "").join(" ");
};
