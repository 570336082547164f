// The coordinator's side of a stop: from the first gather over the vote to the exit (C4, C5).
import { fromCpus, lowest } from "../../machine/cpuSet.ts";
import type { Outcome, Register } from "../messages.ts";
import { abort, close, commit } from "./decide.ts";
import { ask, askRun } from "./rounds.ts";
import type { CoordinatorContext, CoordinatorState, Round, Turn } from "./state.ts";

export const beginStop = (state: CoordinatorState, context: CoordinatorContext, turn: Turn): void => {
  const { gather } = context.model;
  if (gather === null) ask(state, context, turn, context.rules.beforeVote());
  else ask(state, context, turn, { do: "gather", pass: gather.passes === 2 ? "sleepers" : "all" });
};

/** A round has ended: a `run` also needs its writer (R5). */
export const advanceStop = (state: CoordinatorState, context: CoordinatorContext, turn: Turn, round: Round): void => {
  switch (round.ask.do) {
    case "gather":
      return ask(state, context, turn, round.ask.pass === "sleepers" ? { do: "gather", pass: "all" } : context.rules.beforeVote());
    case "prepare":
      return ask(state, context, turn, { do: "disable-irq", walker: lowest(round.of) });
    case "disable-irq":
      return decide(state, context, turn);
    case "run":
      return context.rules.isWritten(round) || round.of.length === 0
        ? askExit(state, context, turn, "committed")
        : askRun(state, context, turn);
    case "exit":
      return close(state, turn);
    default:
      throw new Error(`${round.ask.do} is no round of a stop`);
  }
};

/** C4: every vote is in. The register decides; until it has answered nothing else is done. */
const decide = (state: CoordinatorState, { rules }: CoordinatorContext, turn: Turn): void => {
  if (rules.mayCommit(state)) commit(state, turn);
  else abort(state, turn, { why: "busy", cpus: fromCpus(state.busyCpus), busy: [...state.busy] });
};

export const askExit = (state: CoordinatorState, context: CoordinatorContext, turn: Turn, outcome: Outcome): void => {
  const record = state.record as Register;
  ask(state, context, turn, { do: "exit", outcome, version: outcome === "committed" ? record.target : record.version });
};
