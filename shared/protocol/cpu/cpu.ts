// The CPU machine: a simulated CPU as an actor. It says hello, runs tasks, and obeys the rounds of stops and transitions.
import type { Actor, Machine } from "../../machine/machine.ts";
import { type Random, stream } from "../../machine/random.ts";
import { pause } from "../backoff.ts";
import type { Fact } from "../facts.ts";
import type { Message, Register, Welcome } from "../messages.ts";
import { initialVersion } from "../setup.ts";
import { endCall, planCall, repeatCall, serveCall, startCall } from "./calls.ts";
import { hear, stopWaiting } from "./relay.ts";
import { planReschedules, reschedule } from "./reschedule.ts";
import { receive, type Up } from "./rounds.ts";
import { type CpuRules, cpuRules } from "./rules.ts";
import { type CpuContext, type CpuInput, type CpuState, type CpuTimer, cpuTimers, deferredLimit, none, Turn } from "./state.ts";
import { obeyStop, onGathered, onHoldLimit, onNmi, onSpinEnded } from "./stop.ts";
import { obeyText, obeyTransition } from "./transition.ts";

export type CpuMachine<L> = Machine<CpuState<L>, Message, CpuTimer, Register, Fact>;

export const cpuMachine = <L>(options: Omit<CpuContext<L>, "rules">, rules: CpuRules = cpuRules): CpuMachine<L> => {
  const context = { ...options, rules };
  return {
    timers: cpuTimers,
    init: initial,
    step: (state, input) => {
      const turn = new Turn(input.at);
      onInput(state, context, turn, input);
      return [state, turn.outputs];
    },
  };
};

/** Until the start: one for all CPUs, and nobody draws from it. */
const unseeded: Random = Object.freeze({ a: 0, b: 0, c: 0, d: 0 });

const initial = <L>(cpu: Actor): CpuState<L> => ({
  cpu,
  incarnation: 0,
  life: null,
  random: unseeded,
  helloTries: 0,
  version: initialVersion,
  stage: "running",
  term: 0,
  epoch: 0,
  round: 0,
  ask: null,
  report: null,
  asker: null,
  combining: null,
  updatingSince: 0,
  answeredAt: 0,
  workNs: 0,
  leftEpoch: 0,
  leftHow: "aborted",
  deferred: none,
  call: null,
  nextCall: 0,
  rescheduleAt: 0,
  dead: null,
  served: null,
  owed: none,
  nmi: false,
});

const isUp = <L>(state: CpuState<L>): state is Up<L> => state.life !== null;

const onInput = <L>(state: CpuState<L>, context: CpuContext<L>, turn: Turn, input: CpuInput): void => {
  switch (input.kind) {
    case "start":
      return onStart(state, context, turn, input.incarnation);
    case "deliver":
      return onDeliver(state, context, turn, input.from, input.msg);
    case "timeout":
      return onTimeout(state, context, turn, input.timer);
    case "died":
      state.dead ??= {};
      state.dead[input.cpu] = Math.max(input.incarnation, state.dead[input.cpu] ?? 0);
      if (endCall(state, context, turn, input.cpu, null) && isUp(state)) onSpinEnded(state, context, turn);
      return;
    case "nmi":
      return onNmi(state);
    case "register":
      throw new Error("a CPU never asks for the register");
  }
};

/** R9: from here it repeats `hello` until it is welcomed, and runs nothing. */
const onStart = <L>(state: CpuState<L>, context: CpuContext<L>, turn: Turn, incarnation: number): void => {
  state.incarnation = incarnation;
  state.random = stream(context.seed, `cpu${state.cpu}.${incarnation}`);
  turn.announce({ fact: "booted", cpu: state.cpu, incarnation });
  sayHello(state, context, turn);
};

const sayHello = <L>(state: CpuState<L>, context: CpuContext<L>, turn: Turn): void => {
  turn.toCoordinators({ kind: "hello", cpu: state.cpu, incarnation: state.incarnation });
  turn.setTimer("hello", pause(context.resend, state.helloTries++, state.random));
};

const onTimeout = <L>(state: CpuState<L>, context: CpuContext<L>, turn: Turn, timer: CpuTimer): void => {
  if (timer === "hello") return sayHello(state, context, turn);
  if (!isUp(state)) return;
  switch (timer) {
    case "gathered":
      return onGathered(state, context, turn);
    case "hold-limit":
      return onHoldLimit(state, context, turn);
    case "irqs-on":
      return onInterruptsOn(state, context, turn);
    case "call":
      return startCall(state, context, turn);
    case "call-again":
      return repeatCall(state, context, turn);
    case "reschedule":
      return reschedule(state, context, turn);
    case "combine":
      return stopWaiting(state, context, turn);
  }
};

const onDeliver = <L>(state: CpuState<L>, context: CpuContext<L>, turn: Turn, from: number, msg: Message): void => {
  if (!isUp(state)) {
    if (msg.kind === "welcome") onWelcome(state, context, turn, msg);
    // Whoever calls a CPU that is not up yet must not wait for ever.
    else if (msg.kind === "call") serveCall(state, turn, from, msg);
    return;
  }
  // Its interrupt finds the tasks as they are: nothing comes of it, whenever it is taken.
  if (msg.kind === "reschedule") return;
  const interruptsOnAt = context.life.interruptsOnAt(state.life, turn.at);
  if (interruptsOnAt !== turn.at || state.deferred.length > 0) defer(state, turn, from, msg, interruptsOnAt);
  else handle(state, context, turn, from, msg);
};

/** Interrupts are off in some driver: the message waits until they are on, in the order of arrival. */
const defer = <L>(state: CpuState<L>, turn: Turn, from: number, msg: Message, interruptsOnAt: number): void => {
  if (state.deferred.length === deferredLimit) {
    turn.announce({ fact: "ignored", cpu: state.cpu, incarnation: state.incarnation, message: `${msg.kind}: queue full` });
    return;
  }
  if (state.deferred.length === 0) {
    turn.announce({ fact: "interrupts-off", cpu: state.cpu, incarnation: state.incarnation, forNs: interruptsOnAt - turn.at });
    turn.setTimer("irqs-on", interruptsOnAt - turn.at);
  }
  state.deferred = [...state.deferred, { from, msg }];
};

const onInterruptsOn = <L>(state: Up<L>, context: CpuContext<L>, turn: Turn): void => {
  const waiting = state.deferred;
  state.deferred = none;
  for (const { from, msg } of waiting) handle(state, context, turn, from, msg);
};

const handle = <L>(state: Up<L>, context: CpuContext<L>, turn: Turn, from: number, msg: Message): void => {
  switch (msg.kind) {
    case "stop":
      if (receive(state, context, turn, from, msg) === "obey") obeyStop(state, context, turn, msg.ask);
      return;
    case "transition":
      if (receive(state, context, turn, from, msg) === "obey") obeyTransition(state, context, turn, msg.ask);
      return;
    case "text":
      if (receive(state, context, turn, from, msg) === "obey") obeyText(state, context, turn, msg.ask);
      return;
    case "ack":
      return hear(state, context, turn, msg);
    case "call":
      return serveCall(state, turn, from, msg);
    case "call-done":
      if (msg.incarnation === state.incarnation && endCall(state, context, turn, from, msg.id)) onSpinEnded(state, context, turn);
      return;
    case "welcome":
      // A copy: this incarnation runs already.
      return;
    default:
      turn.announce({ fact: "ignored", cpu: state.cpu, incarnation: state.incarnation, message: `${msg.kind} is not for a CPU` });
  }
};

/** What the tasks of one life of a CPU draw from. */
export const lifeStream = (seed: number, cpu: number, incarnation: number): Random => stream(seed, `life${cpu}.${incarnation}`);

/** R9: tasks run from here on, on the version that the coordinator names. */
const onWelcome = <L>(state: CpuState<L>, context: CpuContext<L>, turn: Turn, msg: Welcome): void => {
  if (!context.rules.isWelcome(state, msg)) {
    turn.announce({ fact: "ignored", cpu: state.cpu, incarnation: state.incarnation, message: "welcome of another incarnation" });
    return;
  }
  state.version = msg.version;
  state.leftEpoch = msg.epoch;
  state.leftHow = "aborted";
  state.term = msg.term;
  state.epoch = msg.epoch;
  state.round = 0;
  state.life = context.life.boot(lifeStream(context.seed, state.cpu, state.incarnation), turn.at, msg.version, state.cpu);
  turn.cancelTimer("hello");
  turn.announce({ fact: "running", cpu: state.cpu, incarnation: state.incarnation, version: msg.version });
  planCall(state, context, turn);
  planReschedules(state, context, turn);
};
