// Bytes on a subject become a message of somebody who may say it, or are refused; for processes and for pages alike.
//
// Who speaks is read from the subject, for which the server vouches. A host speaks for its own CPUs only, and for what those of them
// carry that are combiners: what it says of others is refused whole.
import { type Answer, readAnswers } from "../../protocol/wire/answers.ts";
import { type Ask, readAsks } from "../../protocol/wire/asks.ts";
import type { Frame, Refusal } from "../../protocol/wire/frame.ts";
import { readTold, type Told } from "../../protocol/wire/told.ts";
import { cpusOf, type Layout } from "./layout.ts";
import { readSubject, type Speaker } from "./subjects.ts";
import type { Unseal } from "./unseal.ts";

/** `from` is a coordinator's life or a host's number; `clock` is the speaker's Lamport clock. */
export type Incoming =
  | ({ readonly kind: "asks"; readonly from: number } & Frame<Ask>)
  | ({ readonly kind: "answers"; readonly from: number } & Frame<Answer>)
  | ({ readonly kind: "told"; readonly from: number } & Frame<Told>);

const readFrame = (layout: Layout, from: Speaker, to: string, value: unknown): Incoming | Refusal => {
  const { role, number } = from;
  if (role === "coordinator" && (to === "hosts" || to === "host")) {
    const frame = readAsks(value);
    return typeof frame === "string" ? frame : { kind: "asks", from: number, ...frame };
  }
  if (role === "host" && to === "coordinators") {
    const frame = readAnswers(value, cpusOf(layout, number));
    return typeof frame === "string" ? frame : { kind: "answers", from: number, ...frame };
  }
  if (role === "host" && to === "host") {
    const frame = readTold(value, cpusOf(layout, number));
    return typeof frame === "string" ? frame : { kind: "told", from: number, ...frame };
  }
  return "not a subject of messages";
};

export const readIncoming = (unseal: Unseal, layout: Layout, subject: string, bytes: Uint8Array): Incoming | Refusal => {
  const said = readSubject(subject);
  if (said === undefined) return "not a subject of a run";
  const opened = unseal(bytes);
  return typeof opened === "string" ? opened : readFrame(layout, said.from, said.to, opened.value);
};
