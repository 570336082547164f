// The liveness bound: how long a run that is not disturbed any more may take (monitor `converges`).
import type { Model } from "../consistency/model.ts";
import { batchesOf } from "./batches.ts";
import type { Ended } from "./observer.ts";
import type { Setup } from "./setup.ts";

/** How long to wait for a model that sets no limit: as the freezer does, but until its signals have had their effect. */
const patienceNs = ({ gradual }: Model): number => {
  const untilSignals = gradual === null ? 0 : 1.75 * gradual.checkNs * (gradual.signalEvery + 2);
  return Math.max(20_000_000_000, untilSignals);
};

/** Rounds of a whole stop: up to two gathers, prepare, disable-irq, run, exit. Of a transition, beside the checks: pokes to and fro, ends. */
const roundsOf = (setup: Setup): number => (setup.model.gradual === null ? 6 : 6 * batchesOf(setup).length + 8);

/** How a run ends whose bound has passed: nothing bounds a transition while tasks have not switched. */
export const overdue = ({ model }: Pick<Setup, "model">): Ended => (model.gradual === null ? "stuck" : "open");

/** A slow delivery, for the bound: two orders of magnitude over the far latency. */
const slowestDeliveryNs = (setup: Setup): number =>
  100 * (setup.profile.ipiNs.far + setup.profile.ipiNs.jitter) + setup.cpus * setup.profile.sendNs;

/** However early it is healed, a run goes on until its last operation was to begin. */
const pacedNs = ({ pace, operations }: Setup): number => (pace === undefined ? 0 : pace.firstNs + operations.length * pace.everyNs);

/** `operations x attempts x (limit + pause) + 2 x rounds x (resendCap + slowest delivery) + restart + pace`, in ns. */
export const convergenceBoundNs = (setup: Setup): number => {
  const { model, resend, operations } = setup;
  const tries = operations.length * model.attempts;
  return (
    tries * ((model.limitNs ?? patienceNs(model)) + model.retryNs + 2 * roundsOf(setup) * (resend.capNs + slowestDeliveryNs(setup))) +
    setup.bootLimitNs +
    pacedNs(setup)
  );
};
