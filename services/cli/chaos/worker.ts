// A thread of a chaos study: takes stretches of runs, and gives what the study keeps of each.
import { parentPort, workerData } from "node:worker_threads";
import { type Trial, takeTrial } from "../../../shared/chaos/trial.ts";
import type { CrewData } from "../threads/crew.ts";
import { Cases, type Study } from "./cases.ts";

/** Runs by their numbers, the last one not included. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

const { data: study, stop } = workerData as CrewData<Study>;
const cases = new Cases(study);

/** After an interrupt it gives what it has. */
const take = ({ from, to }: Stretch): Trial[] => {
  const trials: Trial[] = [];
  for (let index = from; index < to && Atomics.load(stop, 0) === 0; index++) trials.push(takeTrial(cases.caseAt(index)));
  return trials;
};

parentPort?.on("message", (stretch: Stretch) => parentPort?.postMessage(take(stretch)));
