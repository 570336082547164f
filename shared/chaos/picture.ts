// A run as a sequence of messages and of what came of them, for whoever draws it: as far as its first breach, if it has one.
import type { Actor } from "../machine/machine.ts";
import type { Fate } from "../nemesis/packet.ts";
import { judgeOf } from "../oracle/judgement.ts";
import type { Fact } from "../protocol/facts.ts";
import { isRoundMessage, type Message } from "../protocol/messages.ts";
import { runVirtual } from "../virtual/engine.ts";
import type { Carried } from "../virtual/network.ts";
import type { Case } from "./trial.ts";

export type Step =
  | {
      readonly kind: "message";
      readonly at: number;
      readonly from: Actor;
      readonly to: Actor;
      readonly label: string;
      readonly fate: Fate;
      readonly arrivesAt: number;
    }
  | { readonly kind: "note"; readonly at: number; readonly actor: Actor; readonly text: string }
  | { readonly kind: "breach"; readonly at: number; readonly text: string };

/** An ask or an answer in as few words as there are: `gather #1`, `ack #3 busy`. */
export const labelOf = (msg: Message): string => {
  if (isRoundMessage(msg)) return `${msg.ask.do} #${msg.round}`;
  if (msg.kind !== "ack") return msg.kind;
  return msg.report.kind === "done" ? `ack #${msg.round}` : `ack #${msg.round} ${msg.report.kind}`;
};

/** Greetings and calls between CPUs matter where something befalls them; else they are the noise behind the picture. */
const isNoise = ({ kind, fate }: Carried): boolean =>
  fate.kind === "pass" && (kind === "call" || kind === "call-done" || kind === "reschedule" || kind === "hello" || kind === "welcome");

/** What is worth a note of what an actor announces. */
export const noteOf = (fact: Fact): string | undefined => {
  switch (fact.fact) {
    case "took":
      return fact.term > 1 ? `takes term ${fact.term}` : undefined;
    case "stood-down":
      return "stands down";
    case "opened":
      return `opens epoch ${fact.epoch}: ${fact.operation}`;
    case "decided":
      return `epoch ${fact.epoch} ${fact.outcome}${fact.reason === null ? "" : ` (${fact.reason.why})`}`;
    case "closed":
      return `closes epoch ${fact.epoch}`;
    case "died":
      return `hears that cpu ${fact.cpu} died`;
    case "wrote":
      return "writes the text";
    case "withdrew":
      return "withdraws";
    case "resumed":
      return `goes on with version ${fact.version}`;
    case "switched":
      return fact.pending > 0 ? `${fact.pending} tasks pending` : undefined;
    default:
      return undefined;
  }
};

export const pictureOf = ({ setup, plan, timeLimitNs, eventLimit }: Case): readonly Step[] => {
  const judge = judgeOf(setup);
  const steps: Step[] = [];
  /** Machines that break rules may talk for ever; what comes after the breach is not drawn anyway. */
  const isDrawn = (): boolean => steps.length < mostSteps && !judge.isViolated();
  const { end, faults } = runVirtual({
    setup,
    plan,
    timeLimitNs,
    eventLimit: Math.min(eventLimit, mostEvents),
    observer: {
      turn: (turn) => {
        const { actor, input, outputs } = turn;
        const drawn = isDrawn();
        judge.observer.turn(turn);
        for (const output of drawn ? outputs : []) {
          const text = output.kind === "announce" ? noteOf(output.fact) : undefined;
          if (text !== undefined) steps.push({ kind: "note", at: input.at, actor, text });
        }
      },
      fault: ({ at, actor, text }) => {
        if (isDrawn()) steps.push({ kind: "note", at, actor, text: `** ${text}` });
      },
    },
    onPacket: (packet) => {
      const { at, from, to, msg, fate, arrivesAt } = packet;
      if (isDrawn() && !isNoise(packet)) steps.push({ kind: "message", at, from, to, label: labelOf(msg), fate, arrivesAt });
    },
  });
  const breaches = judge.conclude(end, faults).violations.map(
    ({ monitor, reason, atUs }): Step => ({
      kind: "breach",
      at: Math.round(atUs * 1000),
      text: `${monitor}: ${reason}`,
    }),
  );
  return [...steps, ...breaches.slice(0, mostBreaches)].toSorted((a, b) => a.at - b.at);
};

/** A picture of more is none. */
const mostSteps = 5_000;
const mostEvents = 1_000_000;
const mostBreaches = 3;
