// What a coordinator writes to the register in the course of an epoch, and the round that it may cut short for that (C4, C5).
import type { AbortReason } from "../facts.ts";
import type { Register } from "../messages.ts";
import { closed, decided } from "./register.ts";
import { endRound } from "./rounds.ts";
import type { CoordinatorState, Purpose, Turn } from "./state.ts";

export const write = (state: CoordinatorState, turn: Turn, purpose: Purpose, record: Register): void => {
  if (state.activity !== "starting" && state.activity !== "writing" && state.activity !== "stood-down") state.resting = state.activity;
  state.purpose = purpose;
  state.proposed = record;
  state.activity = "writing";
  turn.propose(state.revision, record);
};

/** Asks whether this life still holds its term. */
export const checkTerm = (state: CoordinatorState, turn: Turn): void => {
  state.purpose = "check";
  turn.propose(-1, null);
};

export const commit = (state: CoordinatorState, turn: Turn): void => {
  turn.cancelTimer("limit");
  write(state, turn, "commit", decided(state.record as Register, "committed"));
};

export const abort = (state: CoordinatorState, turn: Turn, reason: AbortReason): void => {
  state.reason = reason;
  turn.cancelTimer("limit");
  turn.cancelTimer("check");
  write(state, turn, "abort", decided(state.record as Register, "aborted"));
};

/** Aborts in the middle of a round, or between two. */
export const cutShort = (state: CoordinatorState, turn: Turn, reason: AbortReason): void => {
  if (state.activity === "round") endRound(state, turn);
  abort(state, turn, reason);
};

export const close = (state: CoordinatorState, turn: Turn): void => {
  state.round = null;
  write(state, turn, "close", closed(state.record as Register));
};
