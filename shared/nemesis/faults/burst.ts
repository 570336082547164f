// Packets get lost in bursts: the channel of Gilbert ("Capacity of a burst-noise channel", 1960) and Elliott ("Estimates of error rates
// for codes on burst-noise channels", 1963), Bell System Technical Journal, which loses nothing outside of bursts.
//
// `burst 80% of any lasting 5 every 100`: a burst is 5 packets long on average, from the start of one to the start of the next there
// are 100 on average, and of those in a burst 80% get lost. So a link is in a burst for a twentieth of its packets, and loses 4% of
// all. Each link, from one sender to one receiver, has its bursts for itself, counted in packets that the fault selects.
import type { Actor } from "../../machine/machine.ts";
import { type Random, uniform } from "../../machine/random.ts";
import { isNumberNext } from "../actors.ts";
import { lost, pass } from "../packet.ts";
import { happens, type Packets, packetClauses, printPackets, selects, takeKindName } from "../packets.ts";
import { fail, need, type Reader, take, takeClauses, takeOneOf } from "../reader.ts";
import { percentOf, takeCount } from "../units.ts";
import type { PacketWord } from "../word.ts";

export interface Burst extends Packets {
  readonly fault: "burst";
  /** Of the packets in a burst; without it all get lost. */
  readonly share?: { readonly percent: number };
  /** Mean length of a burst, in packets. */
  readonly lasting: number;
  /** Mean distance from one start to the next, in packets. */
  readonly every: number;
}

const takeShare = (reader: Reader): Pick<Burst, "share"> => {
  if (!isNumberNext(reader)) return {};
  const percent = take(reader, "a share from 0% to 100%", percentOf);
  takeOneOf(reader, "word", ["of"]);
  return { share: { percent } };
};

/** Whether each next packet of a link is in a burst. Lengths are geometric, and the link starts as if it had been up for ever. */
const link = ({ lasting, every }: Burst, random: Random): (() => boolean) => {
  let inBurst = uniform(random) < lasting / every;
  return () => {
    const now = inBurst;
    const turns = uniform(random) < 1 / (now ? lasting : every - lasting);
    inBurst = turns ? !now : now;
    return now;
  };
};

export const burst: PacketWord<Burst> = {
  help: "packets get lost in bursts of a mean length, one every so many packets of a link (Gilbert-Elliott)",
  example: "burst 80% of any lasting 5 every 100",
  read: (reader) => {
    const share = takeShare(reader);
    const kind = takeKindName(reader);
    const given = takeClauses<Burst>(reader, {
      ...packetClauses,
      lasting: (rest) => ({ lasting: takeCount(rest) }),
      every: (rest) => ({ every: takeCount(rest) }),
    });
    const lasting = need(reader, given.lasting, '"lasting PACKETS"');
    const every = need(reader, given.every, '"every PACKETS"');
    if (every <= lasting) fail(reader, () => `bursts of ${lasting} packets every ${every} leave none between them`);
    return { fault: "burst", ...share, kind, ...given, lasting, every };
  },
  print: (fault) => `burst ${printPackets(fault)} lasting ${fault.lasting} every ${fault.every}`,
  rule: (fault) => ({
    selects: (packet) => selects(fault, packet),
    forSender: (random) => {
      const links = new Map<Actor, () => boolean>();
      return ({ to }) => {
        let isInBurst = links.get(to);
        if (isInBurst === undefined) {
          isInBurst = link(fault, random);
          links.set(to, isInBurst);
        }
        return isInBurst() && happens(fault.share?.percent ?? 100, random) ? lost : pass;
      };
    },
  }),
};
