// What the end of each round waited for: from its last answer back along what arrived last, to the asking.
import { type Actor, isCoordinator } from "../../machine/machine.ts";
import type { Film, MessageFilmed } from "./film.ts";

/** Along an actor's lane, or from one to the other. */
export interface CriticalLeg {
  readonly from: Actor;
  readonly to: Actor;
  readonly fromNs: number;
  readonly toNs: number;
}

type Arrived = MessageFilmed & { readonly arrivedNs: number };

const isArrived = (message: MessageFilmed): message is Arrived => message.arrivedNs !== null && !message.copy;

const last = (messages: readonly Arrived[], until: number): Arrived | undefined => {
  let found: Arrived | undefined;
  for (const message of messages) if (message.arrivedNs <= until && message.arrivedNs >= (found?.arrivedNs ?? 0)) found = message;
  return found;
};

/** From the coordinator that asked, to the arrival of the round's last answer; in the order of time. */
const pathOf = (messages: readonly Arrived[], endedNs: number): readonly CriticalLeg[] => {
  const byReceiver = Map.groupBy(messages, ({ to }) => to);
  const legs: CriticalLeg[] = [];
  let message = last(
    messages.filter(({ to }) => isCoordinator(to)),
    endedNs,
  );
  // A way by a tree goes by one combiner after the other; it is never longer than there are messages.
  while (message !== undefined && legs.length <= 2 * messages.length) {
    const { from, to, sentNs, arrivedNs } = message;
    legs.push({ from, to, fromNs: sentNs, toNs: arrivedNs });
    if (isCoordinator(from)) break;
    message = last(byReceiver.get(from) ?? [], sentNs);
    if (message !== undefined) legs.push({ from, to: from, fromNs: message.arrivedNs, toNs: sentNs });
  }
  return legs.reverse();
};

export const criticalPath = ({ rounds, messages }: Film): readonly CriticalLeg[] => {
  const byRound = Map.groupBy(messages.filter(isArrived), ({ round }) => round);
  const legs: CriticalLeg[] = [];
  for (const { round, endedNs } of rounds) {
    if (endedNs === null) continue;
    const path = pathOf(byRound.get(round) ?? [], endedNs);
    const [first] = path;
    const before = legs.at(-1);
    // Between two rounds the coordinator is at work.
    if (before !== undefined && first !== undefined && before.to === first.from && first.fromNs > before.toNs)
      legs.push({ from: first.from, to: first.from, fromNs: before.toNs, toNs: first.fromNs });
    legs.push(...path);
  }
  return legs;
};
