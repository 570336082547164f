// What may happen in transitions of a machine whose rules hold, as facts: no monitor of their models may object, wherever one is cut off.
import type { Leave, Switch } from "../../shared/consistency/model.ts";
import type { Fact } from "../../shared/protocol/facts.ts";
import { asked, boot, closed, decided, died, ended, finished, opened, resumed, type Scene, scene, start, took } from "./stories.ts";
import { bring, complete, halfway, leave, poked, pokes, redirects, switchAsk, switched, sync, waits } from "./transitionStories.ts";

const s = scene();
const second = scene({ term: 2 });
const survivor = scene({ of: [0, 0], cpus: [0] });
const reborn = (cpu: number): Scene => ({ ...s, cpus: [cpu], incarnation: 2 });

/** To the point where one task of CPU 1 is pending. */
const opening: readonly Fact[] = [...start, opened(s), ...pokes(s, 1), ...bring(s, 4, "start", 1, {}, halfway)];

const limit: Fact = decided(s, "aborted", {
  why: "limit",
  cpus: [1, 1],
  busy: [{ cpu: 1, task: "web-1", function: "vfs_read", why: "in the kernel" }],
});

/** A task that switched in the kernel, where no patched function is on its stack, and then ran the new version. */
const asleep = { ...halfway, inKernel: 1, mixed: 1 };

export interface GoodTransition {
  /** A model that makes no more promises than the story keeps. */
  readonly model: { readonly leave: Leave; readonly switch: Switch };
  readonly facts: readonly Fact[];
}

const kgraft = { leave: "kernel", switch: "task" } as const;
const hybrid = { leave: "patched-set", switch: "task" } as const;
const immediate = { leave: "function", switch: "function" } as const;

export const committed: readonly Fact[] = [
  ...opening,
  ...bring(s, 5, "check", 1, {}, halfway),
  ...bring(s, 6, "signal", 1, {}, halfway),
  ...bring(s, 7, "check", 1),
  decided(s, "committed"),
  ...complete(s, 8),
  finished(s, "committed", 1),
];

export const reversed: readonly Fact[] = [
  ...opening,
  limit,
  ...sync(s, 5),
  ...bring(s, 6, "reverse", 0, { count: 3, pending: 1 }, { count: 2 }),
  ...bring(s, 7, "check", 0, { count: 4 }),
  ...pokes(s, 8, 0),
  ...sync(s, 11),
  asked(s, 12, { do: "cancel", version: 0 }),
  switched(s, 0, 12, 0, { count: 4 }),
  resumed(s, 0, "aborted", 12),
  switched(s, 1, 12, 0),
  resumed(s, 1, "aborted", 12),
  ended(s, 12, "cancel"),
  closed(s, "aborted"),
];

export const redirected: readonly Fact[] = [
  ...start,
  opened(s),
  ...redirects(s, 1, 1, 0),
  ...redirects(s, 4, 1, 1),
  decided(s, "committed"),
  ...complete(s, 7, { count: 0, firstAt: null, lastAt: null }),
];

export const goodTransitions: Readonly<Record<string, GoodTransition>> = {
  "a transition that is checked again until all have switched": { model: kgraft, facts: committed },
  "a transition whose redirections are made unconditional": {
    model: kgraft,
    facts: [
      ...opening,
      ...bring(s, 5, "check", 1),
      decided(s, "committed"),
      ...leave(s, 6, "complete"),
      ...pokes(s, 7),
      closed(s, "committed"),
    ],
  },
  "a transition by stack checks, with a sync": {
    model: hybrid,
    facts: [
      ...start,
      opened(s),
      ...pokes(s, 1),
      ...bring(s, 4, "start", 1, {}, asleep),
      ...bring(s, 5, "check", 1, {}, { inKernel: 1, mixed: 1 }),
      decided(s, "committed"),
      ...sync(s, 6),
      ...leave(s, 7, "complete", { inKernel: 1, mixed: 1 }),
      closed(s, "committed"),
    ],
  },
  "a transition that is turned back": { model: kgraft, facts: reversed },
  "a transition that is turned back by force": {
    model: kgraft,
    facts: [
      ...opening,
      limit,
      ...bring(s, 5, "reverse", 0, { count: 3, pending: 1 }, { count: 2 }),
      ...bring(s, 6, "force", 0, { count: 4, inKernel: 1, forced: 1, mixed: 1 }),
      ...pokes(s, 7, 0),
      asked(s, 10, { do: "cancel", version: 0 }),
      switched(s, 0, 10, 0, { count: 4, inKernel: 1, forced: 1, mixed: 1 }),
      resumed(s, 0, "aborted", 10),
      switched(s, 1, 10, 0),
      resumed(s, 1, "aborted", 10),
      ended(s, 10, "cancel"),
      closed(s, "aborted"),
    ],
  },
  "a transition that is turned back in the middle of a check": {
    model: hybrid,
    facts: [
      ...opening,
      asked(s, 5, switchAsk("check", 1)),
      switched(s, 0, 5, 1),
      ended(s, 5, "check", 1),
      limit,
      switched(s, 1, 5, 1, halfway),
      waits(s, 1, 5),
      ...bring(s, 6, "reverse", 0, { count: 4 }, { count: 2 }),
      asked(s, 7, { do: "cancel", version: 0 }),
      switched(s, 0, 7, 0, { count: 4 }),
      resumed(s, 0, "aborted", 7),
      switched(s, 1, 7, 0),
      resumed(s, 1, "aborted", 7),
      ended(s, 7, "cancel"),
      closed(s, "aborted"),
    ],
  },
  "a transition that is forced": {
    model: kgraft,
    facts: [
      ...opening,
      asked(s, 5, switchAsk("check", 1)),
      ended(s, 5, "check", 0),
      ...bring(s, 6, "force", 1, {}, { inKernel: 1, forced: 1, mixed: 1 }),
      decided(s, "committed"),
      asked(s, 7, { do: "complete", version: 1 }),
      switched(s, 0, 7, 1),
      resumed(s, 0, "committed", 7),
      switched(s, 1, 7, 1, { inKernel: 1, forced: 1, mixed: 1 }),
      resumed(s, 1, "committed", 7),
      ended(s, 7, "complete"),
      closed(s, "committed"),
    ],
  },
  "a death in the middle of a transition, and a new life that joins it": {
    model: hybrid,
    facts: [
      ...opening,
      asked(s, 5, switchAsk("check", 1)),
      switched(s, 0, 5, 1),
      died(s, 1),
      ended(s, 5, "check", 1),
      decided(s, "committed"),
      ...leave(survivor, 6, "complete"),
      closed(s, "committed"),
      ...boot(1, 2, 1),
    ],
  },
  "a CPU that joins a transition and is turned back with it": {
    model: hybrid,
    facts: [
      ...opening,
      died(s, 1),
      ...boot(1, 2, 1),
      limit,
      asked(s, 5, switchAsk("reverse", 0)),
      switched(s, 0, 5, 0, { count: 4 }),
      switched(reborn(1), 1, 5, 0),
      ended(s, 5, "reverse"),
      asked(s, 6, { do: "cancel", version: 0 }),
      switched(s, 0, 6, 0, { count: 4 }),
      resumed(s, 0, "aborted", 6),
      switched(reborn(1), 1, 6, 0),
      resumed(reborn(1), 1, "aborted", 6),
      ended(s, 6, "cancel"),
      closed(s, "aborted"),
    ],
  },
  "a takeover of an open transition": {
    model: kgraft,
    facts: [
      ...opening,
      took(second),
      opened(second),
      ...pokes(second, 1),
      ...bring(second, 4, "start", 1, {}, halfway),
      ...bring(second, 5, "check", 1),
      { fact: "stood-down", life: 0, term: 1 },
      decided(second, "committed"),
      ...complete(second, 6),
    ],
  },
  "a takeover of a transition that nobody announced": {
    model: kgraft,
    facts: [
      ...start,
      took(second),
      opened(second),
      ...pokes(second, 1),
      ...bring(second, 4, "start", 1),
      decided(second, "committed"),
      ...complete(second, 5),
    ],
  },
  "a takeover in the middle of the end": {
    model: kgraft,
    facts: [
      ...opening,
      ...bring(s, 5, "check", 1),
      decided(s, "committed"),
      asked(s, 6, { do: "complete", version: 1 }),
      switched(s, 0, 6, 1),
      resumed(s, 0, "committed", 6),
      took(second),
      decided(second, "committed"),
      asked(second, 1, { do: "complete", version: 1 }),
      switched(second, 1, 1, 1),
      resumed(second, 1, "committed", 1),
      ended(second, 1, "complete"),
      closed(second, "committed"),
    ],
  },
  "a takeover in the middle of turning back": {
    model: kgraft,
    facts: [
      ...opening,
      limit,
      ...bring(s, 5, "reverse", 0, { pending: 2 }, { count: 2 }),
      took(second),
      decided(second, "aborted", { why: "takeover", cpus: [], busy: [] }),
      ...bring(second, 1, "reverse", 0),
      ...leave(second, 2, "cancel"),
      closed(second, "aborted"),
    ],
  },
  "patch and unpatch by transitions": {
    model: kgraft,
    facts: [
      ...committed,
      ...[scene({ epoch: 2, operation: "unpatch", base: 1, target: 0 })].flatMap((undo) => [
        opened(undo),
        ...pokes(undo, 1),
        ...bring(undo, 4, "start", 0),
        decided(undo, "committed"),
        ...pokes(undo, 5, 0),
        ...leave(undo, 8, "complete"),
        closed(undo, "committed"),
      ]),
    ],
  },
  "redirections of functions that switch by themselves": { model: immediate, facts: redirected },
  "redirections that are taken back": {
    model: immediate,
    facts: [
      ...start,
      opened(s),
      asked(s, 1, { do: "poke", batch: 0, step: 1, target: 1, from: 0 }),
      poked(s, 0, 1, 0, 1, 1),
      switched(s, 0, 1, 1, { count: 0 }),
      ended(s, 1, "poke", 1),
      decided(s, "aborted", { why: "limit", cpus: [], busy: [] }),
      ...redirects(s, 2, 0),
      ...leave(s, 5, "cancel", { count: 0 }),
      closed(s, "aborted"),
    ],
  },
  "functions that each task comes to when it is in none of them": {
    model: { leave: "patched-set", switch: "function" },
    facts: [
      ...start,
      opened(s),
      ...[0, 1].flatMap((batch) => [
        ...pokes(s, 1 + 4 * batch, 1, batch),
        asked(s, 4 + 4 * batch, switchAsk("start", 1, batch)),
        ...s.cpus.map((cpu) => switched(s, cpu, 4 + 4 * batch, 1, { count: 2 + 2 * batch })),
        ended(s, 4 + 4 * batch, "start"),
      ]),
      decided(s, "committed"),
      ...complete(s, 9, { count: 4 }),
    ],
  },
};
