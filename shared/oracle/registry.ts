// Every monitor by name: a new one is a file beside these and a line here.
import type { Model } from "../consistency/model.ts";
import type { Monitor } from "./monitor.ts";
import { allAcked } from "./monitors/allAcked.ts";
import { allOrNothing } from "./monitors/allOrNothing.ts";
import { conservation } from "./monitors/conservation.ts";
import { converges } from "./monitors/converges.ts";
import { decision } from "./monitors/decision.ts";
import { leftKernel } from "./monitors/leftKernel.ts";
import { noFalseComplete } from "./monitors/noFalseComplete.ts";
import { offStack } from "./monitors/offStack.ts";
import { oneInstant } from "./monitors/oneInstant.ts";
import { oneUniverse } from "./monitors/oneUniverse.ts";
import { released } from "./monitors/released.ts";
import { rounds } from "./monitors/rounds.ts";
import { undo } from "./monitors/undo.ts";
import { wholeCall } from "./monitors/wholeCall.ts";

export const monitors: readonly Monitor[] = [
  allAcked,
  oneInstant,
  leftKernel,
  offStack,
  oneUniverse,
  wholeCall,
  allOrNothing,
  decision,
  rounds,
  released,
  noFalseComplete,
  undo,
  conservation,
  converges,
];

/** The promises of a model. */
export const monitorsOf = (model: Pick<Model, "leave" | "switch">): readonly Monitor[] =>
  monitors.filter((monitor) => monitor.appliesTo(model.leave, model.switch));

/** The promises of other models about what code tasks see: what a run breaks of them tells how this model differs. */
export const foreignMonitorsOf = (model: Pick<Model, "leave" | "switch">): readonly Monitor[] =>
  monitors.filter((monitor) => monitor.about === "consistency" && !monitor.appliesTo(model.leave, model.switch));
