// What a fact, a message and a moment are called, in the formats that are lines of text.
import { labelOf, noteOf } from "../chaos/picture.ts";
import { format } from "../machine/cpuSet.ts";
import { actorName, isCoordinator } from "../machine/machine.ts";
import type { Fact } from "../protocol/facts.ts";
import { destinationText, type Moment, partyText } from "./moment.ts";

/** What an actor announces where it is worth a line; what CPUs come to be at is told as their state. */
export const factText = (fact: Fact): string | undefined => {
  switch (fact.fact) {
    case "asked":
      return `asks cpu ${format(fact.of)} for ${fact.ask.do} #${fact.round}`;
    case "round-ended":
      return `${fact.phase} #${fact.round} ended: ${fact.acks} acks, ${fact.resent} resent, ${fact.late} late`;
    case "blocked":
      return `waits for ${fact.task} in ${fact.function}: ${fact.why}`;
    case "admitted":
      return `admits cpu ${partyNumbers(fact.incarnations)}`;
    case "finished":
      return `finished: ${fact.outcome}, version ${fact.version}`;
    case "interrupts-off":
      return `interrupts are off for ${fact.forNs} ns`;
    case "ignored":
    case "disregarded":
      return `ignores ${fact.message}`;
    case "call-stuck":
      return `waits for cpu ${fact.callee} to answer a call, for ${fact.waitedNs} ns so far`;
    case "resumed":
      // Told as a state.
      return undefined;
    default:
      return noteOf(fact);
  }
};

const partyNumbers = (incarnations: ReadonlyArray<readonly [number, number]>): string =>
  partyText(incarnations.map(([cpu]) => cpu)).replace(/^cpu /, "");

/** One line of what an actor does, without who it is; undefined of what is worth none. */
export const sentence = (moment: Moment): string | undefined => {
  switch (moment.is) {
    case "state":
      return `is ${moment.text}`;
    case "sent": {
      const { to, msg, again, id } = moment.sent;
      return `sends ${labelOf(msg)} to ${destinationText(to)}${again ? ", again" : ""} (message ${id})`;
    }
    case "arrived": {
      const { from, msg, copy, sent } = moment;
      const which = sent === null ? "" : ` (message ${sent.id})`;
      return `gets ${labelOf(msg)} from ${isCoordinator(from) ? actorName(from) : `cpu ${from}`}${copy ? ", a copy" : ""}${which}`;
    }
    case "missed":
      return `${labelOf(moment.sent.msg)} never reaches ${partyText(moment.by)}: ${moment.why} (message ${moment.sent.id})`;
    case "fact":
      return factText(moment.fact);
    case "timeout":
      return `timer ${moment.timer}`;
    case "fault":
      return `** ${moment.text}`;
  }
};
