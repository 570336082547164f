// What has become of a coordinator whose term somebody else has taken: it can write nothing any more, and in time nobody hears it either.
import { admittedIncarnation } from "../../protocol/coordinator/register.ts";
import type { CoordinatorState } from "../../protocol/coordinator/state.ts";
import type { Message, Register } from "../../protocol/messages.ts";
import type { ActorState } from "./actors.ts";
import { askedBy, isAckOf } from "./repeats.ts";

/** Somebody else has taken the term: whatever it asks of the register, it stands down by the answer (C6). */
export const isFenced = ({ term, life }: CoordinatorState, record: Register | null): boolean =>
  term > 0 && record !== null && (record.term !== term || record.holder !== life);

/** Whatever this coordinator says to the CPU is late, or for a life that has ended; and it can admit no other. */
const hasOutgrown = (actor: ActorState, coordinator: CoordinatorState): boolean =>
  actor.kind !== "cpu" || actor.state.life === null || actor.state.term > coordinator.term;

const mayBeWelcome = (actor: ActorState, { record }: CoordinatorState): boolean =>
  actor.kind === "cpu" &&
  actor.state.life === null &&
  (record === null || actor.state.incarnation <= admittedIncarnation(record, actor.state.cpu));

/** What would follow such a round is asked of the register first. */
const isLast = ({ round }: CoordinatorState): boolean =>
  round?.ask.do === "exit" || round?.ask.do === "complete" || round?.ask.do === "cancel";

/**
 * Nothing new that a fenced coordinator can still say is heard by anybody: it would ask the register first, or all CPUs have outgrown it,
 * or one has that it waits for. In a stop no round ends without each of its CPUs; before the decision a death does not shorten it but
 * ends the epoch (`shrinks`: after it a death may). That it repeats what it has said makes up for a loss, and no more.
 */
export const isInert = (
  coordinator: CoordinatorState,
  cpus: readonly ActorState[],
  inbox: readonly Message[],
  { stops, shrinks }: { readonly stops: boolean; readonly shrinks: boolean },
): boolean => {
  if (cpus.some((actor) => mayBeWelcome(actor, coordinator))) return false;
  const asked = askedBy(coordinator);
  if (asked === undefined ? coordinator.activity !== "waiting" : isLast(coordinator)) return true;
  const outgrown = cpus.map((actor) => hasOutgrown(actor, coordinator));
  if (outgrown.every((is) => is)) return true;
  const waits = stops && (coordinator.record?.state === "open" || !shrinks);
  return waits && asked?.missing.some((cpu) => outgrown[cpu] && !inbox.some((msg) => isAckOf(msg, asked.stamp, cpu))) === true;
};
