// Whether the reader's page is light or dark, and the colours of the style sheet for those who draw.
import { signal } from "@preact/signals";
import type { Scheme } from "../../../shared/page/look.ts";

const dark = matchMedia("(prefers-color-scheme: dark)");

export const scheme = signal<Scheme>(dark.matches ? "dark" : "light");
dark.addEventListener("change", ({ matches }) => {
  scheme.value = matches ? "dark" : "light";
});

export interface Inks {
  readonly ground: string;
  readonly line: string;
  readonly ink: string;
  readonly quiet: string;
  readonly accent: string;
  readonly bad: string;
  readonly doubt: string;
}

const onLight: Inks = {
  ground: "#ffffff",
  line: "#d9d6cd",
  ink: "#1f2430",
  quiet: "#5b6270",
  accent: "#1f5fbf",
  bad: "#b3261e",
  doubt: "#8a5a00",
};
const onDark: Inks = {
  ground: "#1c2128",
  line: "#333a45",
  ink: "#e6e9ee",
  quiet: "#a0a8b5",
  accent: "#7db0ff",
  bad: "#ff8a80",
  doubt: "#ffca6b",
};

/** Those of style.css, as a canvas takes them. */
export const inksOf = (on: Scheme): Inks => (on === "dark" ? onDark : onLight);
