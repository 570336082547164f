// Of a machine's state, only what its further steps depend on: what statistics read, and where in its stream of chance it is, is made the
// same for all. Times are always 0 here.
import type { CoordinatorState } from "../../protocol/coordinator/state.ts";
import type { CpuState } from "../../protocol/cpu/state.ts";
import type { StepwiseLife } from "./stepwiseLife.ts";

/** What chance decides is how long a pause is, and nobody waits here. */
const still = () => ({ a: 0, b: 0, c: 0, d: 1 });

/** A register's revision is one that has been outdated, or the current one: of those that are gone nobody can tell which. */
export const outdated = 0;
export const current = 1;

export const settleCpu = (state: CpuState<StepwiseLife>): void => {
  state.random = still();
  state.helloTries = 0;
  state.updatingSince = 0;
  state.answeredAt = 0;
  state.workNs = 0;
  if (state.call !== null) {
    state.call.tries = 0;
    state.call.reported = false;
  }
  if (state.life !== null) {
    state.life.meets = "user";
    state.life.looked = false;
  }
};

export const settleCoordinator = (state: CoordinatorState): void => {
  state.random = still();
  state.busy = [];
  state.busyCpus = [...new Set(state.busyCpus)].sort((a, b) => a - b);
  state.reason = null;
  // Signals come with every failed check here, or never.
  state.failedChecks = 0;
  if (state.purpose === null) state.proposed = null;
  if (state.activity !== "writing") state.resting = "idle";
  if (state.round !== null) {
    state.round.tries = 0;
    state.round.resent = 0;
    state.round.late = 0;
  }
  if (state.activity === "stood-down") forgetAll(state);
};

/** Whoever has stood down for good does nothing more. */
const forgetAll = (state: CoordinatorState): void => {
  state.record = null;
  state.proposed = null;
  state.purpose = null;
  state.round = null;
  state.plan = [];
  state.operations = [];
  state.greeted = new Map();
  state.dead = new Map();
  state.lost = [];
  state.waiting = [];
  state.busyCpus = [];
  state.revision = outdated;
  state.roundsAsked = 0;
  state.booted = false;
  state.forcing = false;
};
