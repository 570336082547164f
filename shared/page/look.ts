// How states of CPUs look on the page: their names for readers and their colours, by the palette of all figures.
import { type StateShown, stateColours } from "../figure/palette.ts";
import { type CpuState, cpuStates } from "../report/cpuStates.ts";

const shownAs: Readonly<Record<CpuState, StateShown>> = {
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
};

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
};

export const statesShown = Object.keys(stateColours) as readonly StateShown[];

export type Scheme = "light" | "dark";

export const colourOf = (shown: StateShown, scheme: Scheme): string => (scheme === "dark" ? onDark[shown] : stateColours[shown]);

/** What the state at this place of `cpuStates` is called. */
export const shownOf = (code: number): StateShown => shownAs[cpuStates[code] as CpuState];

/** Of each state the dot of an image: bytes in the order alpha, blue, green, red, as little-endian machines have them. */
export const dotsOf = (scheme: Scheme): Uint32Array =>
  Uint32Array.from(cpuStates, (_, code) => {
    const rgb = Number.parseInt(colourOf(shownOf(code), scheme).slice(1), 16);
    return (0xff000000 | ((rgb & 0xff) << 16) | (rgb & 0xff00) | (rgb >>> 16)) >>> 0;
  });
