// What the page knows of the machine that its server runs, asked for again and again, and the orders that it sends with the token.
import { signal } from "@preact/signals";
import { Film } from "../../../shared/page/film.ts";
import type { Choices, Live, LiveRun, Order, Problem } from "../../serve/api.ts";
import { goTo } from "../route.ts";
import { Link } from "./link.ts";

const pauses = {
  /** Between two questions while nothing is expected, while something is, and while the server is gone. */
  idleMs: 1_000,
  soonMs: 100,
  goneMs: 5_000,
} as const;

const tokenKey = "quiesce-token";

/** It comes after the # of the address that serve prints, so that no server ever sees it, and goes from there at once. */
const takeToken = (): string | null => {
  const given = /^#token=([\w-]+)$/.exec(location.hash)?.[1];
  if (given !== undefined) {
    sessionStorage.setItem(tokenKey, given);
    goTo("#/live", "replace");
  }
  return sessionStorage.getItem(tokenKey);
};

export const token = signal<string | null>(takeToken());
// Opened in a tab that shows the page already, the address changes and nothing is loaded.
addEventListener("hashchange", () => {
  token.value = takeToken();
});
export const run = signal<LiveRun | null>(null);
export const film = signal<Film | null>(null);
export const choices = signal<Choices | null>(null);
/** What went wrong with the last order, or with the server. */
export const trouble = signal("");
/** What came of it if nothing did: much of what is ordered shows only later, or elsewhere. */
export const carriedOut = signal("");
export const isServerGone = signal(false);

let link: Link | undefined;
let joined = "";
/** When a link was last lost, in ms of the page. What the server had been asked before tells of a broker that may be gone. */
let lostMs = Number.NEGATIVE_INFINITY;

/** `askedMs`: when the server was asked, of whom this is the answer. */
const follow = (next: LiveRun | null, askedMs: number): void => {
  // What was ordered of a machine that is over is of no interest any more.
  if (run.value?.phase !== "ended" && next?.phase === "ended") carriedOut.value = "";
  run.value = next;
  if (next === null) return;
  if (film.value === null || joined !== next.run) {
    link?.close();
    link = undefined;
    joined = next.run;
    film.value = new Film(next.cpus);
  }
  if (next.join !== null && link === undefined && askedMs > lostMs) {
    const opened = new Link(film.value, next);
    link = opened;
    // The broker goes with its run, or is started again: the next answer of the server says which.
    const forget = (): void => {
      if (link !== opened) return;
      link = undefined;
      lostMs = performance.now();
    };
    opened.open(next.join).then(forget, forget);
  }
  if (next.phase === "ended") link?.close();
};

const place = (path: string): string => new URL(`api/${path}`, document.baseURI).href;

let timer: ReturnType<typeof setTimeout> | undefined;

const askLater = (): void => {
  clearTimeout(timer);
  const isSoon = run.value !== null && (run.value.phase === "starting" || run.value.phase === "ending");
  timer = setTimeout(ask, isServerGone.value ? pauses.goneMs : isSoon ? pauses.soonMs : pauses.idleMs);
};

const ask = async (): Promise<void> => {
  const askedMs = performance.now();
  try {
    const answer = await fetch(place("live"));
    follow(((await answer.json()) as Live).run, askedMs);
    isServerGone.value = false;
    choices.value ??= (await (await fetch(place("choices"))).json()) as Choices;
  } catch {
    isServerGone.value = true;
  }
  askLater();
};

/** Asks from here on; to be called once. */
export const begin = (): void => {
  if (timer === undefined) void ask();
};

/** Why nothing can be steered; empty where it can. */
export const whyNot = (): string => {
  if (isServerGone.value) return "The server of this page does not answer: quiesce serve has ended.";
  if (token.value === null) return "Steering needs the token: open the address that quiesce serve has printed.";
  return "";
};

const doneText = (order: Order): string => {
  switch (order.do) {
    case "start":
      return "A machine is being started.";
    case "inject":
      return `In force from now on: ${order.fault}`;
    case "operate":
      return `The coordinator is told to ${order.operation}.`;
    case "reverse":
    case "force":
      return `The coordinator is told to ${order.do} the transition.`;
    case "finish":
      return "The machine ends when nothing is still to come.";
    case "stop":
      return "The machine ends at once.";
  }
};

/** True if it has been carried out. */
export const send = async (order: Order): Promise<boolean> => {
  trouble.value = "";
  carriedOut.value = "";
  const askedMs = performance.now();
  try {
    const answer = await fetch(place("control"), {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${token.value ?? ""}` },
      body: JSON.stringify(order),
    });
    const said = (await answer.json()) as Live | Problem;
    if ("error" in said) trouble.value = said.error;
    else {
      carriedOut.value = doneText(order);
      follow(said.run, askedMs);
    }
    askLater();
    return !("error" in said);
  } catch {
    isServerGone.value = true;
    return false;
  }
};
