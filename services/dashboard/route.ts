// Where the page is: its address, after the #, names the view and what it shows, so that a link shows the same to everybody.
//
// #/live   #/experiments?seed=7   #/runs   #/runs/20261123T135128Z-run-e3db95   #/compare?a=...&b=...   and, as serve prints it, #token=...
import { computed, signal } from "@preact/signals";

export interface Route {
  /** `live`, `experiments`, `runs` or `compare`. */
  readonly view: string;
  /** What comes after it: a run's name. */
  readonly path: readonly string[];
  readonly query: URLSearchParams;
}

/** As it is where it has no meaning: a lone % names nothing that there is. */
const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

const readHash = (hash: string): Route => {
  const [path = "", query = ""] = hash.replace(/^#\/?/, "").split("?");
  const [view = "", ...rest] = path.split("/").map(decoded);
  return { view: view === "" || view.includes("=") ? "live" : view, path: rest, query: new URLSearchParams(query) };
};

const hash = signal(location.hash);
addEventListener("hashchange", () => {
  hash.value = location.hash;
});

export const route = computed(() => readHash(hash.value));

/** An address within the page; what is empty is left out. */
export const addressOf = (view: string, path: readonly string[] = [], query: Readonly<Record<string, string>> = {}): string => {
  const given = new URLSearchParams(Object.entries(query).filter(([, value]) => value !== "")).toString();
  return `#/${[view, ...path].map(encodeURIComponent).join("/")}${given === "" ? "" : `?${given}`}`;
};

/** Goes there. `replace` leaves no entry in the browser's history: for what changes while somebody drags. */
export const goTo = (address: string, how: "push" | "replace" = "push"): void => {
  if (how === "push") location.hash = address;
  else {
    history.replaceState(null, "", address);
    hash.value = address;
  }
};
