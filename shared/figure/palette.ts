// Colours: one hue for each model in every figure, all of which a colour-blind reader can tell apart; and apart from them, those of states.
//
// The eight of Okabe and Ito, Color Universal Design (2008), without the black and the yellow that white paper swallows.
const hues = ["#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9"] as const;

const ofModel: Readonly<Record<string, string>> = {
  simple: hues[0],
  kgraft: hues[1],
  kpatch: hues[2],
  ksplice: hues[3],
  hybrid: hues[4],
  immediate: hues[5],
};

/** What is measured of the harness and not of a model. */
export const floorColour = "#767676";

/** The colour of a curve: that of its model, where it names one that has one; else one by its place. */
export const colourOf = (model: string | null, place: number): string =>
  (model === null ? undefined : ofModel[model]) ?? (hues[place % hues.length] as string);

/**
 * What a CPU is at. From one to the next along a stop the lightness falls, and rises again with the new version: they can be told apart
 * without any hue.
 */
export const stateColours = {
  "old version": "#d9dde3",
  "leaving the kernel": "#c9b6e4",
  held: "#93b7e0",
  stopped: "#4b76b5",
  "interrupts off": "#1c2f5e",
  switching: "#e8c15a",
  patched: "#57b894",
  down: "#3b3b3b",
} as const;

export type StateShown = keyof typeof stateColours;

/** Of what a round asks, and of what is answered. */
export const askColour = "#2f6db3";
export const answerColour = "#6f7885";

/** Of what went wrong, and of what was repeated: always with a shape of its own beside it. */
export const lostColour = "#c4332b";
export const againColour = "#b35900";
