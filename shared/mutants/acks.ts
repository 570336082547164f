// Mutants that count acks wrongly (C2), or ask for them only once (C3).
import { hybrid } from "../consistency/hybrid.ts";
import { simple } from "../consistency/simple.ts";
import { size } from "../machine/cpuSet.ts";
import { admittedIncarnation } from "../protocol/coordinator/register.ts";
import { coordinatorRules } from "../protocol/coordinator/rules.ts";
import { isSwitchAsk } from "../protocol/messages.ts";
import { deafTo } from "./around.ts";
import { inPatchedFunctions, retryingAtOnce, reversedBeforeTheFirstCheck, unpatchingToo } from "./grounds.ts";
import type { Mutant } from "./mutant.ts";

export const acks: readonly Mutant[] = [
  {
    name: "majority-is-enough",
    rule: "C2: a round ends when every participant has acked",
    instead: "it ends when more than half of them have",
    variant: { coordinator: { isRoundOver: ({ missing, of }) => 2 * missing < size(of) || missing === 0 } },
    model: simple,
    faults: [],
    caughtBy: ["rounds", "all-acked"],
  },
  {
    name: "stale-epoch-counts",
    rule: "C2: an ack counts for the epoch that it names",
    instead: "it counts for a later epoch as well, if the number of the round is the same",
    variant: {
      coordinator: { isOfRound: ({ term, round }, msg) => msg.term === term && msg.round === round?.number },
    },
    model: simple,
    ground: (setup) => retryingAtOnce(inPatchedFunctions(setup)),
    faults: ["crash cpu 3 at gather", "delay 300us..1ms of ack during gather", "drop 30% of stop during gather"],
    caughtBy: ["rounds"],
  },
  {
    name: "copied-ack-counts-twice",
    rule: "C2: each ack counts once",
    instead: "each copy of it counts too",
    variant: { coordinator: { isCopy: () => false } },
    model: simple,
    faults: ["duplicate 30% of ack after 1us..50us", "delay 100us..300us of ack from cpu 3"],
    caughtBy: ["rounds", "all-acked"],
  },
  {
    name: "old-incarnation-counts",
    rule: "C2, C5: what is said by or of an older life of a CPU means nothing",
    instead: "it is taken for the life that was admitted: its death, too",
    variant: {
      coordinator: {
        isOfMember: (record, cpu) => admittedIncarnation(record, cpu) > 0,
        isDeathOfMember: (record, cpu) => admittedIncarnation(record, cpu) > 0,
      },
    },
    model: simple,
    ground: unpatchingToo,
    faults: ["crash cpu 1 at prepare restart after 20us", "second coordinator from 5ms"],
    caughtBy: ["rounds", "one-instant"],
  },
  {
    name: "acks-before-reversal-count",
    rule: "C2: an ack counts for the round that it names",
    instead: "of a transition it also counts for later rounds, be they a way back",
    variant: {
      coordinator: {
        isOfRound: (state, msg) =>
          coordinatorRules.isOfRound(state, msg) ||
          (state.round !== null &&
            isSwitchAsk(state.round.ask) &&
            msg.term === state.term &&
            msg.epoch === state.record?.epoch &&
            msg.round < state.round.number),
      },
    },
    model: hybrid,
    ground: (setup) => reversedBeforeTheFirstCheck(inPatchedFunctions(setup)),
    faults: ["duplicate 50% of ack after 50us..1ms", "drop 50% of transition during reverse"],
    caughtBy: ["rounds"],
  },
  {
    name: "round-never-repeated",
    rule: "C3: missing acks are asked for again",
    instead: "each round is asked once",
    variant: { aroundCoordinator: (machine) => deafTo(machine, "resend") },
    model: simple,
    faults: ["drop 10% of stop during exit"],
    caughtBy: ["converges"],
  },
];
