// Function calls on another CPU with wait (R10): the background traffic of a kernel, and the classic way to deadlock a rendezvous.

import { anotherCpu } from "../../kernel/program.ts";
import { oneCpu } from "../../machine/cpuSet.ts";
import { exponential } from "../../machine/random.ts";
import { pause } from "../backoff.ts";
import type { Call } from "../messages.ts";
import { type CpuContext, type CpuState, none, type Turn } from "./state.ts";

/** A waiting call is reported when it is this old (csd_lock_timeout, kernel/smp.c). */
const callStuckNs = 5_000_000_000;

/** Arms the next call of this CPU, if it makes any. */
export const planCall = <L>(state: CpuState<L>, context: CpuContext<L>, turn: Turn): void => {
  if (context.crossCallsPerSecond === 0 || context.cpus < 2) return;
  turn.setTimer("call", Math.max(1, Math.round(exponential(state.random, 1e9 / context.crossCallsPerSecond))));
};

/** The running task calls another CPU and spins for the answer. */
export const startCall = <L>(state: CpuState<L>, context: CpuContext<L>, turn: Turn): void => {
  if (state.life === null || (state.stage !== "running" && state.stage !== "switching") || state.call !== null) return;
  const callee = anotherCpu(state.cpu, context.cpus, state.random);
  if (state.dead?.[callee] !== undefined) return planCall(state, context, turn);
  context.life.advance(state.life, turn.at);
  state.call = { id: state.nextCall++, callee, sinceNs: turn.at, tries: 0, reported: false };
  context.life.spin(state.life, true);
  sendCall(state, context, turn);
};

const sendCall = <L>(state: CpuState<L>, context: CpuContext<L>, turn: Turn): void => {
  const call = state.call as NonNullable<CpuState<L>["call"]>;
  turn.toCpus(oneCpu(call.callee), { kind: "call", id: call.id, incarnation: state.incarnation });
  turn.setTimer("call-again", pause(context.resend, call.tries, state.random));
};

/** No answer yet: ask again, and say so once when the wait is long enough to be a lock-up. */
export const repeatCall = <L>(state: CpuState<L>, context: CpuContext<L>, turn: Turn): void => {
  const { call } = state;
  if (call === null) return;
  call.tries++;
  const waitedNs = turn.at - call.sinceNs;
  if (!call.reported && waitedNs >= callStuckNs) {
    call.reported = true;
    turn.announce({ fact: "call-stuck", cpu: state.cpu, incarnation: state.incarnation, callee: call.callee, waitedNs });
  }
  sendCall(state, context, turn);
};

/** Ends the wait for `callee`, if that is whom this CPU waits for. Returns true if a wait ended. */
export const endCall = <L>(state: CpuState<L>, context: CpuContext<L>, turn: Turn, callee: number, id: number | null): boolean => {
  const { call } = state;
  if (call === null || state.life === null || call.callee !== callee || (id !== null && id !== call.id)) return false;
  context.life.advance(state.life, turn.at);
  context.life.spin(state.life, false);
  state.call = null;
  turn.cancelTimer("call-again");
  turn.announce({
    fact: "call-ended",
    cpu: state.cpu,
    incarnation: state.incarnation,
    callee,
    waitedNs: turn.at - call.sinceNs,
    resent: call.tries,
  });
  planCall(state, context, turn);
  return true;
};

/** Somebody calls this CPU: the work is done once, every copy is answered; with interrupts off for the vote, after `exit`. */
export const serveCall = <L>(state: CpuState<L>, turn: Turn, caller: number, msg: Call): void => {
  if (msg.incarnation > (state.dead?.[caller] ?? Infinity)) delete state.dead?.[caller];
  const last = state.served?.[caller];
  const older = last !== undefined && (msg.incarnation < last[0] || (msg.incarnation === last[0] && msg.id < last[1]));
  if (older) return;
  if (state.stage === "voted" || state.stage === "ran") {
    const owed = state.owed.some((call) => call.caller === caller && call.id === msg.id && call.incarnation === msg.incarnation);
    if (!owed) state.owed = [...state.owed, { caller, id: msg.id, incarnation: msg.incarnation }];
    return;
  }
  serve(state, turn, caller, msg);
};

const serve = <L>(state: CpuState<L>, turn: Turn, caller: number, call: { readonly id: number; readonly incarnation: number }): void => {
  const { id, incarnation } = call;
  state.served ??= {};
  state.served[caller] = [incarnation, id];
  turn.toCpus(oneCpu(caller), { kind: "call-done", id, incarnation });
};

/** Interrupts are on again: answer what came meanwhile. */
export const serveOwed = <L>(state: CpuState<L>, turn: Turn): void => {
  for (const call of state.owed) serve(state, turn, call.caller, call);
  state.owed = none;
};
