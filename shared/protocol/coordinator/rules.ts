// The rules of a coordinator that decide something by themselves, each in one place, so that a machine can be built with one of them
// replaced: a mutant, which the monitors must catch.
import type { Ack, Hello, Operation, Register, StopAsk } from "../messages.ts";
import { admittedIncarnation, taken, won } from "./register.ts";
import type { CoordinatorContext, CoordinatorState, Round } from "./state.ts";

export interface CoordinatorRules {
  /** C2: the ack is of this very term, epoch and round. */
  readonly isOfRound: (state: CoordinatorState, msg: Ack) => boolean;
  /** C2, C5: it is said by the life that was admitted. */
  readonly isOfMember: (record: Register, cpu: number, incarnation: number) => boolean;
  /** C5: it is the admitted life, or a later one, that has ended. */
  readonly isDeathOfMember: (record: Register, cpu: number, incarnation: number) => boolean;
  /** C2: this CPU's ack has been counted, or nobody waits for it. */
  readonly isCopy: (round: Round, cpu: number) => boolean;
  /** C2: nobody is missing. */
  readonly isRoundOver: (round: Round) => boolean;
  /** What a stop asks when every task is out, or without a gather first: a round of its own before interrupts go off. */
  readonly beforeVote: () => StopAsk;
  /** C4: every vote was clear. */
  readonly mayCommit: (state: CoordinatorState) => boolean;
  /** R5: a `run` ends only when its writer has written. */
  readonly isWritten: (round: Round) => boolean;
  /** T2: a whole round has named nobody who has not switched. */
  readonly haveAllSwitched: (round: Round) => boolean;
  /** C5: the epoch is open, and something of it is being asked or waited for. It may be aborted. */
  readonly isUndecided: (state: CoordinatorState) => boolean;
  /** T5: tasks are being brought over, or back. The decision stays what it is. */
  readonly mayForce: (state: CoordinatorState) => boolean;
  /** C6: the register's answer shows that this life still holds its term, and that what it wanted to write stands there. */
  readonly holdsTerm: (state: CoordinatorState, answer: Register | null) => boolean;
  /** C6: what a new coordinator writes over the record that it finds. */
  readonly takes: (record: Register | null, context: CoordinatorContext, life: number) => Register;
  /** C7: the life that greets has been admitted already. */
  readonly isAdmitted: (record: Register, msg: Hello) => boolean;
  /** C7, T7: not in the middle of a stop. */
  readonly mayAdmit: (state: CoordinatorState, context: CoordinatorContext) => boolean;
  /** T7: whoever joins a transition is born where it leads; a stop lets nobody in. */
  readonly versionAtBirth: (record: Register, context: CoordinatorContext) => number;
  /** To patch is to go one version up, to unpatch is to go back to the one below. */
  readonly targetOf: (operation: Operation, version: number) => number;
}

/** Something of an epoch is being asked, or waited for. */
const isUnderWay = (activity: CoordinatorState["activity"]): boolean => activity === "round" || activity === "waiting";

export const coordinatorRules: CoordinatorRules = {
  isOfRound: ({ term, record, round }, msg) => msg.term === term && msg.epoch === record?.epoch && msg.round === round?.number,
  isOfMember: (record, cpu, incarnation) => incarnation === admittedIncarnation(record, cpu),
  isDeathOfMember: (record, cpu, incarnation) => {
    const member = admittedIncarnation(record, cpu);
    return member > 0 && member <= incarnation;
  },
  isCopy: ({ awaited }, cpu) => awaited[cpu] !== 1,
  isRoundOver: ({ missing }) => missing === 0,
  beforeVote: () => ({ do: "prepare" }),
  mayCommit: ({ busyCpus }) => busyCpus.length === 0,
  isWritten: ({ wrote }) => wrote,
  haveAllSwitched: ({ pending }) => pending === 0,
  isUndecided: ({ activity, record }) => isUnderWay(activity) && record?.state === "open",
  mayForce: ({ activity, record }) => isUnderWay(activity) && (record?.state === "open" || record?.state === "abort"),
  holdsTerm: (state, answer) =>
    state.purpose === "check" ? answer?.term === state.term && answer.holder === state.life : won(state, answer),
  takes: taken,
  isAdmitted: (record, msg) => msg.incarnation === admittedIncarnation(record, msg.cpu),
  mayAdmit: ({ activity }, { model }) =>
    activity === "idle" || activity === "pausing" || activity === "finished" || (model.gradual !== null && isUnderWay(activity)),
  versionAtBirth: (record, { model }) => {
    const goesOn = record.state === "open" || record.state === "commit";
    return model.gradual !== null && goesOn ? record.target : record.version;
  },
  targetOf: (operation, version) => (operation === "patch" ? version + 1 : version - 1),
};
