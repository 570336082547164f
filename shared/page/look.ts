// How states of CPUs look on the page: their names for readers and their colours, by the palette of all figures.
import { stateColours, type StateShown as Told } from "../figure/palette.ts";
import { type PageState, pageStates } from "./pageStates.ts";

/** Those of all figures, and one that only a page has which came late or could not keep all of it: that is hatched. */
export type StateShown = Told | typeof unknown;
export const unknown = "unknown";

const shownAs: Readonly<Record<PageState, StateShown>> = {
  dead: "down",
  off: "down",
  running: "old version",
  gathering: "leaving the kernel",
  switching: "switching",
  held: "held",
  stopped: "stopped",
  "irqs off": "interrupts off",
  switched: "patched",
  resumed: "patched",
  unknown: unknown,
};

const onLight: Readonly<Record<StateShown, string>> = { ...stateColours, [unknown]: "#f4f2ec" };

/** On a dark ground lightness goes the other way along a stop, so that what stands out on paper stands out here. */
const onDark: Readonly<Record<StateShown, string>> = {
  "old version": "#39404b",
  "leaving the kernel": "#6d5a94",
  held: "#5780b4",
  stopped: "#84aee6",
  "interrupts off": "#dbe8ff",
  switching: "#b08c2c",
  patched: "#3d9c7a",
  down: "#0a0c0f",
  [unknown]: "#22272f",
};

/** The lines of the hatching. */
const hatches = { light: "#b9b4a6", dark: "#4a515c" } as const;

export const statesShown = Object.keys(onLight) as readonly StateShown[];

export type Scheme = "light" | "dark";

export const colourOf = (shown: StateShown, scheme: Scheme): string => (scheme === "dark" ? onDark : onLight)[shown];

/** What the state at this place of `pageStates` is called. */
export const shownOf = (code: number): StateShown => shownAs[pageStates[code] as PageState];

/** A dot of an image: bytes in the order alpha, blue, green, red, as little-endian machines have them. */
const dotOf = (colour: string): number => {
  const rgb = Number.parseInt(colour.slice(1), 16);
  return (0xff000000 | ((rgb & 0xff) << 16) | (rgb & 0xff00) | (rgb >>> 16)) >>> 0;
};

/** Of each state the dot of an image. */
export const dotsOf = (scheme: Scheme): Uint32Array => Uint32Array.from(pageStates, (_, code) => dotOf(colourOf(shownOf(code), scheme)));

export const hatchOf = (scheme: Scheme): string => hatches[scheme];
export const hatchDotOf = (scheme: Scheme): number => dotOf(hatches[scheme]);
