// Every chapter of the calibration, in order.
import { broadcasts } from "./experiments/broadcast.ts";
import { freezer } from "./experiments/freezer.ts";
import { idleTransitions } from "./experiments/idleTransition.ts";
import { oversubscribed } from "./experiments/oversubscribed.ts";
import { realTransitions } from "./experiments/realTransitions.ts";
import { rendezvous } from "./experiments/rendezvous.ts";
import { stackWalks } from "./experiments/stackWalk.ts";
import { textBatches } from "./experiments/textBatches.ts";
import type { Chapter } from "./line.ts";

const experiments: readonly (() => Chapter)[] = [
  broadcasts,
  textBatches,
  stackWalks,
  freezer,
  idleTransitions,
  rendezvous,
  oversubscribed,
  realTransitions,
];

export const chapters = (): readonly Chapter[] => experiments.map((experiment) => experiment());
