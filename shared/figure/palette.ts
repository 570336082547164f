// Colours: one hue for each model in every figure, all of which a colour-blind reader can tell apart.
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
