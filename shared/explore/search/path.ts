// A path as the actions that lead from the initial state to one that a search has found.
import type { Result } from "./search.ts";
import type { Row, System } from "./system.ts";

const same = (a: Row, b: Row, width: number): boolean => {
  for (let i = 0; i < width; i++) if (a[i] !== b[i]) return false;
  return true;
};

/**
 * The numbers of the actions on the shortest path to this state. Where states stand for others that differ by renaming, the actions are
 * those of one path without renaming: each leads to a state that the one on the found path stands for.
 */
export const actionsTo = (system: System, { pathTo, read }: Pick<Result, "pathTo" | "read">, state: number): readonly number[] => {
  const [, ...rest] = pathTo(state);
  const wanted = new Int32Array(system.width);
  const next = new Int32Array(system.width);
  const seen = new Int32Array(system.width);
  const actions: number[] = [];
  let here = Int32Array.from(system.initial);
  for (const number of rest) {
    read(number, wanted);
    let there: Row | undefined;
    system.successors(here, next, (action) => {
      if (there !== undefined) return;
      seen.set(next);
      system.canonical?.(seen);
      if (!same(seen, wanted, system.identity)) return;
      there = Int32Array.from(next);
      actions.push(action);
    });
    if (there === undefined) throw new Error(`no step leads to state ${number} of the path: the system is not deterministic`);
    here = Int32Array.from(there);
  }
  return actions;
};
