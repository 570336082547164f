// Two-phase commit as Gray and Lamport write it down: the graph whose size every explicit-state checker is measured by.
//
// After the module TwoPhase of "Consensus on Transaction Commit" (Gray, Lamport, 2004), as it stands in the TLA+ examples. Messages are
// a set that only grows: one that each resource manager is prepared, one commit, one abort.
import type { Property, Row, System } from "../../shared/explore/search/system.ts";

const working = 0;
const prepared = 1;
const committed = 2;
const aborted = 3;

const managerState = 0;
const commitSent = 1;
const abortSent = 2;
const perResource = 3;

/** Of each resource manager: its state, whether it has said that it is prepared, and whether the manager has heard so. */
const at = (resource: number): number => perResource + 3 * resource;

export const twoPhase = (resources: number): System => {
  const width = at(resources);
  const each = Array.from({ length: resources }, (_, resource) => at(resource));
  return {
    width,
    identity: width,
    bits: 8,
    initial: new Int32Array(width),
    successors: (state, next, reached) => {
      let action = 0;
      const step = (enabled: boolean, change: () => void): void => {
        action++;
        if (!enabled) return;
        next.set(state);
        change();
        reached(action, false);
      };
      const undecided = state[managerState] === working;
      step(undecided && each.every((i) => state[i + 2] === 1), () => {
        next[managerState] = committed;
        next[commitSent] = 1;
      });
      step(undecided, () => {
        next[managerState] = aborted;
        next[abortSent] = 1;
      });
      for (const i of each) {
        step(undecided && state[i + 1] === 1, () => {
          next[i + 2] = 1;
        });
        step(state[i] === working, () => {
          next[i] = prepared;
          next[i + 1] = 1;
        });
        step(state[i] === working, () => {
          next[i] = aborted;
        });
        step(state[commitSent] === 1, () => {
          next[i] = committed;
        });
        step(state[abortSent] === 1, () => {
          next[i] = aborted;
        });
      }
    },
  };
};

const has = (state: Row, resources: number, wanted: number): boolean =>
  Array.from({ length: resources }, (_, resource) => state[at(resource)]).includes(wanted);

/** The property TCConsistent. */
export const consistent = (resources: number): Property => ({
  name: "consistent",
  kind: "always",
  holds: (state) => !(has(state, resources, committed) && has(state, resources, aborted)),
});

export const decided = (resources: number): Property => ({
  name: "decided",
  kind: "goal",
  holds: (state) => !has(state, resources, working) && !has(state, resources, prepared),
});
