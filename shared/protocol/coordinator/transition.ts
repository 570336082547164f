// The coordinator's side of a transition: what an epoch that switches task by task, or function by function, asks and when.
//
// An epoch is a plan: a list of asks, each of which begins when the one before it has ended. Only a round that brings tasks over may
// have to be asked again until none is missing. The plan is made anew at the opening, at the decision, and by whoever takes over;
// nothing in it minds being asked twice, so that a new coordinator goes on with an open transition where it would abort a stop.
import type { Gradual } from "../../consistency/model.ts";
import type { Course } from "../../kernel/life.ts";
import { filter, fromCpus, lowest, noCpus, union } from "../../machine/cpuSet.ts";
import { type Ask, type EndAsk, isSwitchAsk, type Register, type SwitchAsk } from "../messages.ts";
import { close, commit, cutShort } from "./decide.ts";
import { alive, ask, endRound } from "./rounds.ts";
import type { CoordinatorContext, CoordinatorState, Round, Turn } from "./state.ts";

const gradualOf = (context: CoordinatorContext): Gradual => {
  const { gradual } = context.model;
  if (gradual === null) throw new Error("a model that switches the whole kernel has no transition");
  return gradual;
};

// ---- plans ----

const courseThere = ({ target, version }: Register): Course => ({ target, from: version });
const courseBack = ({ version }: Register): Course => ({ target: version, from: version });

/** Three steps for each batch: breakpoint, tail, first byte. */
const pokes = (batch: number, course: Course): Ask[] => ([1, 2, 3] as const).map((step) => ({ do: "poke", batch, step, ...course }));

const eachBatch = (context: CoordinatorContext, asksOf: (batch: number) => Ask[]): Ask[] =>
  Array.from({ length: context.batches }, (_, batch) => asksOf(batch)).flat();

const pokesOfAll = (context: CoordinatorContext, course: Course): Ask[] => eachBatch(context, (batch) => pokes(batch, course));

/** Who asks is settled when it is asked. */
const bring = (how: SwitchAsk["do"], course: Course, batch: number | null): Ask => ({ do: how, ...course, caller: 0, batch });

const openPlan = (context: CoordinatorContext, record: Register): Ask[] => {
  const course = courseThere(record);
  if (context.model.switch === "task") return [...pokesOfAll(context, course), bring("start", course, null)];
  return eachBatch(context, (batch) => [...pokes(batch, course), ...bringing(context, "start", course, batch)]);
};

/** Where functions switch by themselves, and somebody has to leave each of them first. */
const bringing = (context: CoordinatorContext, how: SwitchAsk["do"], course: Course, batch: number): Ask[] =>
  context.model.leave === "function" ? [] : [bring(how, course, batch)];

/**
 * Nobody is missing any more. Redirections above the version that all are on are taken out, an empty work item sees to it that no handler
 * is left in the middle of one, and then every task is let go (klp_complete_transition). Where the policy makes redirections
 * unconditional, those are the last thing to be written.
 */
const endPlan = (context: CoordinatorContext, record: Register, how: EndAsk["do"]): Ask[] => {
  const { pokesAtEnd, sync } = gradualOf(context);
  const version = how === "complete" ? record.target : record.version;
  const isBelow = version < Math.max(record.target, record.version);
  const course = { target: version, from: record.version };
  const text = context.model.switch === "task" && (isBelow || pokesAtEnd) ? pokesOfAll(context, course) : [];
  const end: Ask[] = [...(sync ? [empty] : []), { do: how, version }];
  return pokesAtEnd ? [...end, ...text] : [...text, ...end];
};

const empty: Ask = { do: "sync" };

/** Back to where the tasks came from. */
const abortPlan = (context: CoordinatorContext, record: Register): Ask[] => {
  const course = courseBack(record);
  const back: Ask[] = context.model.switch === "task" ? [bring("reverse", course, null)] : functionsBack(context, course);
  return [...(gradualOf(context).sync ? [empty] : []), ...back, ...endPlan(context, record, "cancel")];
};

/** The last ones first, for they lie on those before them. */
const functionsBack = (context: CoordinatorContext, course: Course): Ask[] =>
  eachBatch(context, (nth) => {
    const batch = context.batches - 1 - nth;
    return [...bringing(context, "reverse", course, batch), ...pokes(batch, course)];
  });

// ---- carrying a plan out ----

export const beginTransition = (state: CoordinatorState, context: CoordinatorContext, turn: Turn): void =>
  setOut(state, context, turn, openPlan(context, state.record as Register));

export const onTransitionCommitted = (state: CoordinatorState, context: CoordinatorContext, turn: Turn): void =>
  follow(state, context, turn, endPlan(context, state.record as Register, "complete"));

export const onTransitionAborted = (state: CoordinatorState, context: CoordinatorContext, turn: Turn): void =>
  setOut(state, context, turn, abortPlan(context, state.record as Register));

/** There or back: either way nobody has been waited for yet, and nobody is forced. */
const setOut = (state: CoordinatorState, context: CoordinatorContext, turn: Turn, plan: readonly Ask[]): void => {
  state.failedChecks = 0;
  state.forcing = false;
  follow(state, context, turn, plan);
};

const follow = (state: CoordinatorState, context: CoordinatorContext, turn: Turn, plan: readonly Ask[]): void => {
  state.plan = plan;
  askNext(state, context, turn);
};

const askNext = (state: CoordinatorState, context: CoordinatorContext, turn: Turn): void => {
  const [next, ...rest] = state.plan;
  state.plan = rest;
  if (next !== undefined) pose(state, context, turn, next);
  else if ((state.record as Register).state === "open") commit(state, turn);
  else close(state, turn);
};

/** A round that brings tasks over is asked by the lowest CPU alive, and learns anew who is missing. */
const pose = (state: CoordinatorState, context: CoordinatorContext, turn: Turn, what: Ask): void => {
  if (!isSwitchAsk(what)) return ask(state, context, turn, what);
  state.busy = [];
  state.busyCpus = [];
  const of = alive(state);
  ask(state, context, turn, { ...what, do: state.forcing ? "force" : what.do, caller: of.length === 0 ? 0 : lowest(of) }, of);
};

export const advanceTransition = (state: CoordinatorState, context: CoordinatorContext, turn: Turn, round: Round): void => {
  if (isSwitchAsk(round.ask) && !context.rules.haveAllSwitched(round)) onPending(state, context, turn, round.ask);
  else askNext(state, context, turn);
};

/** Not everyone has switched: signals if their time has come, and another check later. */
const onPending = (state: CoordinatorState, context: CoordinatorContext, turn: Turn, what: SwitchAsk): void => {
  const { signalEvery } = gradualOf(context);
  // The first look is no retry, and neither are signals.
  if (what.do === "check") {
    state.failedChecks++;
    if (signalEvery > 0 && state.failedChecks % signalEvery === 0) return pose(state, context, turn, { ...what, do: "signal" });
  }
  state.activity = "waiting";
  turn.setTimer("check", delayOf(gradualOf(context), turn.at - state.gridNs));
};

/** `at`: on a clock whose grid lies at whole intervals. A quarter over is rounded down, more is rounded up (kernel/time/timer.c). */
const delayOf = ({ checkNs, onGrid }: Gradual, at: number): number => {
  if (!onGrid) return checkNs;
  const over = (((at + checkNs) % checkNs) + checkNs) % checkNs;
  return over < checkNs / 4 ? checkNs - over : 2 * checkNs - over;
};

export const onCheck = (state: CoordinatorState, context: CoordinatorContext, turn: Turn): void => {
  const last = state.round?.ask;
  if (state.activity === "waiting" && last !== undefined && isSwitchAsk(last)) pose(state, context, turn, { ...last, do: "check" });
};

// ---- what comes between ----

/** Whoever has not switched is to, now, or to go back. Where nobody is being brought over yet, that holds from when they are. */
export const force = (state: CoordinatorState, context: CoordinatorContext, turn: Turn): void => {
  if (!context.rules.mayForce(state) || state.round === null) return;
  state.forcing = true;
  const last = state.round.ask;
  if (!isSwitchAsk(last) || last.do === "force") return;
  if (state.activity === "round") endRound(state, turn);
  turn.cancelTimer("check");
  pose(state, context, turn, last);
};

/** The limit has come while tasks were missing, or CPUs that do not answer. */
export const onTransitionLimit = (state: CoordinatorState, context: CoordinatorContext, turn: Turn): void => {
  if (context.model.onLimit === "force") force(state, context, turn);
  else {
    const { round } = state;
    const silent = round === null ? noCpus : filter(round.of, (cpu) => round.awaited[cpu] === 1);
    cutShort(state, turn, { why: "limit", cpus: union(fromCpus(state.busyCpus), silent), busy: [...state.busy] });
  }
};
