// The page of a search through every interleaving: what may go wrong, how far it went, what holds, and the way to what does not.
import { levelsFigure } from "../../figure/levels.ts";
import { countText, plural } from "../../figure/numbers.ts";
import { colourOf } from "../../figure/palette.ts";
import { sequenceFigure } from "../../figure/sequence.ts";
import type { Explored } from "../exploreSummary.ts";
import { sequenceOf } from "./exploreSequence.ts";
import { html } from "./html.ts";
import { linesOf, type Origin } from "./origin.ts";
import type { Page, Section } from "./page.ts";
import { type Picture, pictureShown, tableOf } from "./parts.ts";
import { usText } from "./words.ts";

/** Each budget in words: one, and several. */
const budgetWords: ReadonlyArray<readonly [name: keyof Explored["budgets"], one: string, more: string]> = [
  ["drops", "packet lost", "packets lost"],
  ["copies", "packet arrives twice", "packets arrive twice"],
  ["cpuCrashes", "CPU crashes, and starts anew", "CPUs crash, and start anew"],
  ["coordinatorCrashes", "coordinator crashes, and is followed by another", "coordinators crash, and are followed by others"],
  ["secondCoordinator", "more coordinator starts beside the one that lives", "more coordinators start beside the one that lives"],
  ["calls", "call of one CPU on another", "calls of one CPU on another"],
  ["checks", "check finds tasks that have not switched", "checks find tasks that have not switched"],
];

const whichOf = ({ model, mutant, cpus, topology }: Explored): string =>
  `${mutant === null ? model : `mutant ${mutant} of ${model}`}, ${plural(cpus, "CPU")}${topology === "flat" ? "" : ` by ${topology}`}`;

const endings: Readonly<Record<Explored["ended"], string>> = {
  exhausted: "every interleaving was tried",
  violated: "the search ends at the first broken guarantee, by a shortest way",
  states: "the limit of states was reached",
  memory: "the limit of memory was reached",
  time: "the limit of time was reached",
};

const isCutOff = ({ levels, depth, ended }: Explored): boolean => ended !== "exhausted" && levels.length > depth + 1;

/** Longer ways are no picture; the folder has all steps. */
const mostRows = 150;

const sequence = (document: Explored): readonly Picture[] => {
  const { counterexample, cpus } = document;
  if (counterexample === null || counterexample.steps.length === 0) return [];
  const { property, reason, steps } = counterexample;
  const shown = steps.slice(0, mostRows);
  const some = shown.length < steps.length ? `the first ${shown.length} of ${plural(steps.length, "step")}` : plural(steps.length, "step");
  return [
    {
      name: "sequence",
      svg: sequenceFigure({
        title: `The way to what is broken: ${whichOf(document)}`,
        subtitle: `${some}, from when all CPUs are up and the first epoch is about to be opened; no way is shorter`,
        ...sequenceOf(shown, cpus),
        end: `${property}: ${reason}`,
      }),
      about:
        "Read it from top to bottom: a row is a step, a line down is an actor, an arrow is a packet from the step in which it left to the step in which it arrives. There is no time in it, only an order.",
      table: {
        head: ["step", "what happens", "announced", "changes"],
        rows: steps.map(({ text, facts, changes }, place) => [
          place + 1,
          text,
          facts.join("; "),
          changes.map(({ of, field, before, after }) => `${of}, ${field}: ${before || "none"} → ${after || "none"}`).join("; "),
        ]),
      },
    },
  ];
};

const growth = (document: Explored): readonly Picture[] => {
  const { levels, model } = document;
  return levels.length < 2
    ? []
    : [
        {
          name: "levels",
          svg: levelsFigure({
            title: `States by depth: ${whichOf(document)}`,
            subtitle: `${plural(document.states, "state")}; ${endings[document.ended]}`,
            levels,
            isCutOff: isCutOff(document),
            colour: colourOf(model, 0),
          }),
          about:
            "How many states were met for the first time after so many steps. Where it comes down to nothing by itself, everything was tried.",
          table: { head: ["steps", "states met first"], rows: levels.map((count, depth) => [depth, count]) },
        },
      ];
};

export const explorePictures = (document: Explored): readonly Picture[] => [...sequence(document), ...growth(document)];

const verdictOf = ({ verdict, counterexample }: Explored): string => {
  if (verdict === "valid") return "Every interleaving was tried, and every guarantee holds";
  return verdict === "violated" && counterexample !== null ? `${counterexample.property}: ${counterexample.reason}` : "Unknown";
};

/** A mutant that nobody saw was given too little room. */
const reasonsOf = ({ verdict, ended, depth, mutant }: Explored): readonly string[] => {
  if (verdict !== "unknown") return [];
  if (ended === "exhausted")
    return [`${mutant ?? "what is wrong"} was not seen: give it more room (more that may go wrong, attempts, CPUs)`];
  return [`${endings[ended]} at depth ${depth}: of what lies deeper nothing is known`];
};

const outcomes = { holds: "✓ holds", violated: "✗ violated", unknown: "? unknown" } as const;

const kinds = { always: "in every state", sometimes: "in some state", goal: "can be reached from every state" } as const;

const guaranteesOf = ({ properties, ended }: Explored): Section => ({
  id: "guarantees",
  title: "Guarantees",
  body: html`${tableOf("Guarantees", {
    head: ["guarantee", "", "what it says", "asked"],
    rows: properties.map(({ name, kind, says, outcome }) => [name, outcomes[outcome], says, kinds[kind]]),
  })}<p class="aside">${ended === "exhausted" ? "What holds was looked at in every state." : `Unknown is what could still be broken in states that were not tried: ${endings[ended]}.`}</p>`,
});

const budgetsOf = ({ budgets, attempts, exact }: Explored): Section => {
  const rows = budgetWords.flatMap(([name, one, more]) => (budgets[name] === 0 ? [] : [[budgets[name] === 1 ? one : more, budgets[name]]]));
  return {
    id: "budgets",
    title: "What may go wrong",
    body: html`${rows.length === 0 ? html`<p>Nothing.</p>` : tableOf("What may go wrong", { head: ["what", "times at most, in all"], rows })}<p class="aside">Tried is every order in which packets arrive and timers run out, with ${plural(attempts, "attempt")} at most${exact ? ", and with all that monitors remember told apart" : ""}. Time is ignored.</p>`,
  };
};

export const explorePage = (document: Explored, pictures: readonly Picture[], origin: Origin): Page => {
  const { verdict, states, transitions, depth, seconds, megabytes, run, attempts, counterexample } = document;
  return {
    lead: ["quiesce explore", whichOf(document), plural(attempts, "attempt")],
    tone: verdict,
    verdict: verdictOf(document),
    reasons: reasonsOf(document),
    numbers: [
      ["states", countText(states)],
      ["transitions", countText(transitions)],
      ["depth", countText(depth), "steps to the furthest state"],
      ["took", usText(seconds * 1e6), `${countText(megabytes)} MB`],
    ],
    sections: [
      guaranteesOf(document),
      { id: "pictures", title: "Pictures", body: html`${pictures.map(pictureShown)}` },
      budgetsOf(document),
    ],
    lines: [
      ...(counterexample === null ? [] : [{ what: "step through it", line: `./quiesce replay ${origin.folder}` }]),
      ...linesOf(origin),
    ],
    footer: [run, ...origin.recorded],
  };
};
