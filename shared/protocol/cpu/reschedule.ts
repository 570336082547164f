// Reschedule interrupts: the commonest traffic between CPUs. Nobody waits for them, so that they are an open loop and fill whatever queue there is.
import { anotherCpu } from "../../kernel/program.ts";
import { oneCpu } from "../../machine/cpuSet.ts";
import { exponential } from "../../machine/random.ts";
import type { CpuContext, CpuState, Turn } from "./state.ts";

/** What is further behind its plan than this is never sent: a CPU that stood still is not to make up for all of it at once. */
const mostBehindNs = 100_000_000;

/** A CPU that is up begins, if it sends any. */
export const planReschedules = <L>(state: CpuState<L>, context: CpuContext<L>, turn: Turn): void => {
  if (context.reschedulesPerSecond === 0 || context.cpus < 2) return;
  state.rescheduleAt = turn.at;
  planNext(state, context, turn);
};

/** From plan to plan and not from one that was sent late: being late makes no gap longer. */
const planNext = <L>(state: CpuState<L>, context: CpuContext<L>, turn: Turn): void => {
  do state.rescheduleAt += Math.max(1, Math.round(exponential(state.random, 1e9 / context.reschedulesPerSecond)));
  while (state.rescheduleAt < turn.at - mostBehindNs);
  turn.setTimer("reschedule", Math.max(1, state.rescheduleAt - turn.at));
};

/** One is due. A CPU that is stopped wakes nobody: those that fall into a stop are not sent. */
export const reschedule = <L>(state: CpuState<L>, context: CpuContext<L>, turn: Turn): void => {
  const target = anotherCpu(state.cpu, context.cpus, state.random);
  const runs = state.stage === "running" || state.stage === "switching";
  if (runs && state.dead?.[target] === undefined)
    turn.toCpus(oneCpu(target), { kind: "reschedule", sentNs: turn.at, incarnation: state.incarnation });
  planNext(state, context, turn);
};
