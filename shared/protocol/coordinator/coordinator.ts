// The coordinator machine: it takes a term, admits CPUs, and carries one stop or transition at a time through its rounds to one decision.
import { lifeOf, type Machine } from "../../machine/machine.ts";
import { below, stream } from "../../machine/random.ts";
import type { Fact } from "../facts.ts";
import type { Message, Register } from "../messages.ts";
import { onControl } from "./control.ts";
import { checkTerm } from "./decide.ts";
import { goOn, onAck, onLimit, onLost, onRegister, onWithdraw, proceed } from "./epoch.ts";
import { onDied, onHello } from "./members.ts";
import { askAgain } from "./rounds.ts";
import { type CoordinatorRules, coordinatorRules } from "./rules.ts";
import {
  type CoordinatorContext,
  type CoordinatorInput,
  type CoordinatorState,
  type CoordinatorTimer,
  coordinatorTimers,
  Turn,
} from "./state.ts";
import { onCheck } from "./transition.ts";

export type CoordinatorMachine = Machine<CoordinatorState, Message, CoordinatorTimer, Register, Fact>;

export const coordinatorMachine = (
  options: Omit<CoordinatorContext, "rules">,
  rules: CoordinatorRules = coordinatorRules,
): CoordinatorMachine => {
  const context = { ...options, rules };
  return {
    timers: coordinatorTimers,
    init: (actor) => initial(context, lifeOf(actor)),
    step: (state, input) => {
      const turn = new Turn(input.at);
      onInput(state, context, turn, input);
      return [state, turn.outputs];
    },
  };
};

/** After so many resends of one round a coordinator asks the register whether it still holds its term. */
const triesBeforeCheck = 8;

const initial = (context: CoordinatorContext, life: number): CoordinatorState => ({
  life,
  random: stream(context.seed, `coordinator${life}`),
  activity: "starting",
  resting: "idle",
  purpose: null,
  revision: -1,
  record: null,
  proposed: null,
  term: 0,
  round: null,
  roundsAsked: 0,
  operations: context.operations,
  plan: [],
  failedChecks: 0,
  forcing: false,
  gridNs: gridOf(context),
  busy: [],
  busyCpus: [],
  reason: null,
  greeted: new Map(),
  dead: new Map(),
  lost: [],
  waiting: [],
  booted: false,
});

/** Jiffies count from power-on: where their whole intervals lie is one draw for the machine, whoever coordinates. */
const gridOf = ({ model, seed }: CoordinatorContext): number =>
  model.gradual === null ? 0 : below(stream(seed, "grid"), model.gradual.checkNs);

const onInput = (state: CoordinatorState, context: CoordinatorContext, turn: Turn, input: CoordinatorInput): void => {
  if (state.activity === "stood-down") return;
  if (input.kind === "register") {
    onRegister(state, context, turn, input.revision, input.record);
    goOn(state, context, turn);
    handleWaiting(state, context, turn);
  } else if (state.purpose !== null) wait(state, context, input);
  else handle(state, context, turn, input);
  if (state.purpose === null) proceed(state, context, turn);
};

/** Between asking the register and its answer nothing else is done (C4). A message beyond the limit is lost: it will be repeated. */
const wait = (state: CoordinatorState, context: CoordinatorContext, input: CoordinatorInput): void => {
  if (input.kind !== "deliver" || state.waiting.length < waitingLimit(context)) state.waiting.push(input);
};

const waitingLimit = (context: CoordinatorContext): number => 1024 + 4 * context.cpus;

/** What waited for the answer is handled now, until something of it asks the register again. */
const handleWaiting = (state: CoordinatorState, context: CoordinatorContext, turn: Turn): void => {
  const { waiting } = state;
  let handled = 0;
  while (handled < waiting.length && state.purpose === null && state.activity !== "stood-down") {
    handle(state, context, turn, waiting[handled++] as CoordinatorInput);
  }
  // Whoever has stood down does nothing more, whatever waited (C6).
  state.waiting = state.activity === "stood-down" ? [] : waiting.slice(handled);
};

const handle = (state: CoordinatorState, context: CoordinatorContext, turn: Turn, input: CoordinatorInput): void => {
  onEvent(state, context, turn, input);
  goOn(state, context, turn);
};

const onEvent = (state: CoordinatorState, context: CoordinatorContext, turn: Turn, input: CoordinatorInput): void => {
  switch (input.kind) {
    case "start":
      state.purpose = "read";
      turn.propose(-1, null);
      turn.setTimer("boot", context.bootLimitNs);
      return;
    case "deliver":
      return onMessage(state, context, turn, input.msg);
    case "timeout":
      return onTimeout(state, context, turn, input.timer);
    case "died":
      turn.announce({ fact: "died", life: state.life, term: state.term, cpu: input.cpu, incarnation: input.incarnation });
      if (onDied(state, context, input.cpu, input.incarnation)) onLost(state, context, turn, input.cpu);
      return;
    case "nmi":
      throw new Error("a coordinator is no CPU");
  }
};

const onMessage = (state: CoordinatorState, context: CoordinatorContext, turn: Turn, msg: Message): void => {
  // An answer to a newer coordinator: the register tells whether this life still holds its term.
  if ("term" in msg && msg.term > state.term) return checkTerm(state, turn);
  switch (msg.kind) {
    case "ack":
      return onAck(state, context, turn, msg);
    case "withdraw":
      return onWithdraw(state, context, turn, msg);
    case "hello":
      if (onHello(state, context, turn, msg)) onLost(state, context, turn, msg.cpu);
      return;
    case "control":
      return onControl(state, context, turn, msg);
    default:
      turn.announce({ fact: "disregarded", life: state.life, term: state.term, message: `${msg.kind} is not for a coordinator` });
  }
};

const onTimeout = (state: CoordinatorState, context: CoordinatorContext, turn: Turn, timer: CoordinatorTimer): void => {
  switch (timer) {
    case "boot":
      state.booted = true;
      return;
    case "retry":
      if (state.activity === "pausing") state.activity = "idle";
      return;
    case "resend":
      askAgain(state, context, turn);
      // Silence for so long may mean that the CPUs obey a newer coordinator.
      if (state.activity === "round" && state.round !== null && state.round.tries % triesBeforeCheck === 0) checkTerm(state, turn);
      return;
    case "limit":
      return onLimit(state, context, turn);
    case "check":
      return onCheck(state, context, turn);
  }
};
