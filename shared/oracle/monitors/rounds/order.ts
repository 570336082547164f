// The coordinator's side of the monitor of rounds: what may be asked after what, and of whom.
import { forEach, without } from "../../../machine/cpuSet.ts";
import { type Ask, isSwitchAsk, type Phase } from "../../../protocol/messages.ts";
import type { Roster } from "../../roster.ts";
import { type Asked, type Current, isEarly, judgeShortfall, nameOf } from "./current.ts";

type Say = (reason: string) => void;

/** What each phase may follow within one term and epoch; `taken over` is what a new term finds. */
const mayFollow: Readonly<Record<Phase, ReadonlyArray<Phase | "opened" | "taken over">>> = {
  gather: ["opened", "gather"],
  prepare: ["opened", "gather"],
  "disable-irq": ["prepare"],
  run: ["disable-irq", "run", "taken over"],
  exit: ["run", "gather", "prepare", "disable-irq", "taken over"],
  // Redirections come first and go, or are made unconditional, at the end; where functions switch by themselves each has its own, and
  // turning back means poking back.
  poke: ["opened", "taken over", "poke", "start", "check", "signal", "force", "reverse", "complete", "cancel", "sync"],
  start: ["opened", "taken over", "poke"],
  check: ["start", "check", "signal", "reverse", "force"],
  signal: ["start", "check", "reverse"],
  force: ["poke", "start", "check", "signal", "force", "reverse", "sync"],
  reverse: ["taken over", "poke", "start", "check", "signal", "force", "sync"],
  sync: ["taken over", "poke", "start", "check", "signal", "force", "reverse"],
  complete: ["taken over", "poke", "start", "check", "signal", "force", "sync"],
  cancel: ["taken over", "poke", "check", "signal", "force", "reverse", "sync"],
};

/** What comes before must be over, unless this ends the epoch early. */
export const judgeOrder = (asked: Asked, previous: Current | undefined, roster: Roster, say: Say): void => {
  const phase = asked.ask.do;
  const began = asked.epoch === roster.epoch && asked.term === roster.term ? "opened" : "taken over";
  const after = previous?.asked.ask.do ?? began;
  const expected = (previous?.asked.round ?? 0) + 1;
  if (asked.round !== expected) say(`${nameOf(asked)} is asked where round ${expected} comes next`);
  if (!mayFollow[phase].includes(after)) say(`${nameOf(asked)} is asked after ${after}`);
  judgePoke(asked, previous, say);
  if (previous === undefined) return;
  const isOfStop = isEarly(phase) || phase === "run" || phase === "exit";
  if (isOfStop) judgeStop(asked, previous, roster, say);
  else judgeTransition(asked, previous, roster, say);
};

const judgeStop = (asked: Asked, previous: Current, roster: Roster, say: Say): void => {
  const after = previous.asked.ask.do;
  const early = isEarly(after);
  const isExit = asked.ask.do === "exit";
  if (asked.ask.do === "exit" && asked.ask.outcome === "aborted") {
    if (!early) say(`${nameOf(asked)} aborts after ${after}`);
  } else if (!previous.ended) say(`${nameOf(asked)} is asked before ${after} has ended`);
  else if (isExit && early) say(`${nameOf(asked)} commits after ${after}, without a run`);
  else if (early && previous.acks < previous.size)
    say(`${nameOf(asked)} is asked after ${previous.acks} of ${previous.size} acks of ${after}`);
  else if (isExit) judgeShortfall(previous, roster, (reason) => say(`${nameOf(asked)} is asked after ${reason}`));
};

/** Only an abort, and the order to force whoever is missing, may come before everyone has answered; the dead are not waited for. */
const judgeTransition = (asked: Asked, previous: Current, roster: Roster, say: Say): void => {
  const { ask } = previous.asked;
  if (previous.cut || (asked.ask.do === "force" && isSwitchAsk(ask))) return;
  if (!previous.ended) say(`${nameOf(asked)} is asked before ${ask.do} has ended`);
  else judgeShortfall(previous, roster, (reason) => say(`${nameOf(asked)} is asked after ${reason}`));
};

/** Each batch is poked in three steps, and nothing comes between them but an abort. */
const judgePoke = (asked: Asked, previous: Current | undefined, say: Say): void => {
  const before = previous === undefined || previous.cut ? undefined : previous.asked.ask;
  const { ask } = asked;
  const isMidway = before?.do === "poke" && before.step < 3;
  const isNext = before?.do === "poke" && ask.do === "poke" && ask.batch === before.batch && ask.step === before.step + 1;
  if (isMidway && !isNext) say(`${nameOf(asked)} is asked after step ${before.step} of batch ${before.batch}`);
  else if (!isMidway && ask.do === "poke" && ask.step !== 1) say(`${nameOf(asked)} begins batch ${ask.batch} with step ${ask.step}`);
};

/** Before the decision every participant of a stop is asked; after it, and in a transition, every one that lives. */
export const judgeAudience = (asked: Asked, roster: Roster, say: Say): void => {
  if (asked.epoch !== roster.epoch) return;
  forEach(without(roster.participants, asked.of), (cpu) => {
    if (isLeftOut(asked.ask, cpu, roster)) say(`${nameOf(asked)} leaves out cpu ${cpu}`);
  });
};

const isLeftOut = (ask: Ask, cpu: number, roster: Roster): boolean => isEarly(ask.do) || (roster.takesPart(cpu) && !roster.hasJoined(cpu));
