// Two groups of actors cannot hear each other or, one-way, the second cannot hear the first.
import { isOf, type Party, printParty, takeParty } from "../actors.ts";
import { lost } from "../packet.ts";
import { takeClauses, takeOneOf } from "../reader.ts";
import { isWithin, printWindow, type Window, windowClauses } from "../window.ts";
import type { PacketWord } from "../word.ts";

export interface Partition {
  readonly fault: "partition";
  readonly one: Party;
  readonly other: Party;
  /** Only what `one` says to `other` gets lost. */
  readonly oneWay?: true;
  readonly window?: Window;
}

export const partition: PacketWord<Partition> = {
  help: "what two groups say to each other gets lost or, one-way, what the first says to the second",
  example: "partition cpu 0-3 from cpu 4-7 one-way from 1ms for 5ms",
  read: (reader) => {
    const one = takeParty(reader);
    takeOneOf(reader, "word", ["from"]);
    const other = takeParty(reader);
    const given = takeClauses<Partition>(reader, { ...windowClauses, "one-way": () => ({ oneWay: true }) });
    return { fault: "partition", one, other, ...given };
  },
  print: ({ one, other, oneWay, window }) =>
    `partition ${printParty(one)} from ${printParty(other)}${oneWay === true ? " one-way" : ""}${printWindow(window)}`,
  rule: ({ one, other, oneWay, window }) => ({
    selects: ({ from, to, at }) =>
      isWithin(window, at) && ((isOf(one, from) && isOf(other, to)) || (oneWay !== true && isOf(other, from) && isOf(one, to))),
    forSender: () => () => lost,
  }),
};
