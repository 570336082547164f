// The CPU's side of a transition: its tasks are brought over one by one, and each ack says who is still missing.
//
// Every ask that brings tasks over says where to, so that it can be obeyed whatever was lost before it (docs/protocol.md, transition).
import type { Blocker } from "../../kernel/life.ts";
import { isSwitchAsk, type Outcome, type SwitchAsk, type TextAsk, type TransitionAsk } from "../messages.ts";
import { ack, busyOf, done, ignore, leave, nameLastOut, ofRound, type Up } from "./rounds.ts";
import type { CpuContext, Turn } from "./state.ts";

/** Does what a round of a transition asks. */
export const obeyTransition = <L>(state: Up<L>, context: CpuContext<L>, turn: Turn, ask: TransitionAsk): void => {
  context.life.advance(state.life, turn.at);
  if (isSwitchAsk(ask)) bringOver(state, context, turn, ask);
  else end(state, context, turn, ask.do === "complete" ? "committed" : "aborted", ask.version);
};

const bringOver = <L>(state: Up<L>, context: CpuContext<L>, turn: Turn, ask: SwitchAsk): void => {
  const isCaller = ask.caller === state.cpu;
  state.stage = "switching";
  context.life.aim(state.life, {
    target: ask.target,
    from: ask.from,
    batch: ask.batch,
    looks: ask.do !== "signal",
    caller: isCaller,
    signals: ask.do === "signal",
    forces: ask.do === "force",
  });
  const pending = context.life.pending(state.life);
  tellSwitched(state, context, turn, ask.target, pending);
  const walks = ask.do === "start" || ask.do === "reverse";
  const walkNs = walks ? (isCaller ? context.walkNs.walker : context.walkNs.other) : pending.length * context.walkNs.task;
  ack(state, context, turn, { kind: "pending", busy: pending.map(busyOf) }, walkNs);
};

const tellSwitched = <L>(state: Up<L>, context: CpuContext<L>, turn: Turn, target: number, pending: readonly Blocker[]): void => {
  turn.announce({ ...ofRound(state, "switched"), target, pending: pending.length, ...context.life.switches(state.life) });
  nameLastOut(state, turn, pending[0], null);
};

/** Whoever still has tasks that have not switched is not done, and no coordinator that keeps the rules says so. */
const end = <L>(state: Up<L>, context: CpuContext<L>, turn: Turn, outcome: Outcome, version: number): void => {
  const pending = state.stage === "switching" ? context.life.pending(state.life) : [];
  if (!context.rules.mayEnd(pending.length)) {
    ignore(state, turn, `${outcome === "committed" ? "complete" : "cancel"} with ${pending.length} tasks pending`);
    return;
  }
  tellSwitched(state, context, turn, version, pending);
  const census = context.life.census(state.life);
  context.life.settle(state.life, version);
  state.version = version;
  turn.announce({ ...ofRound(state, "resumed"), outcome, version, census, straddles: [] });
  leave(state, context, turn, state.epoch, outcome);
  ack(state, context, turn, done);
};

/** Serialises this CPU; where functions switch by themselves, their calls resolve to the target from the first step on. */
export const obeyText = <L>(state: Up<L>, context: CpuContext<L>, turn: Turn, ask: TextAsk): void => {
  if (ask.do === "sync") {
    ack(state, context, turn, done, context.stopperWakeNs);
    return;
  }
  context.life.advance(state.life, turn.at);
  const { batch, step, target, from } = ask;
  turn.announce({ ...ofRound(state, "poked"), batch, step, target });
  const isOver = state.epoch <= state.leftEpoch;
  if (!isOver && step === 1 && context.functionsSwitch) {
    context.life.redirect(state.life, batch, { target, from });
    tellSwitched(state, context, turn, target, []);
  }
  ack(state, context, turn, done);
};
