// Liveness on a finite graph: from every state the goal can be reached, by steps that need no further fault.
//
// Whoever can always still get there and takes every step that stays enabled for ever does get there: what this finds are the states
// from which no way leads to the goal at all, be they ends of their own or circles.
import type { Numbers } from "./store.ts";

/**
 * The first state that cannot come to the goal, or null. `firstEdges` says where the edges of each state begin, and in one entry more
 * where the last one's end.
 */
export const unreachedGoal = (states: number, firstEdges: Numbers, edges: Numbers, isGoal: (state: number) => boolean): number | null => {
  const { starts, sources } = reversed(states, firstEdges, edges);
  const reaches = new Uint8Array(states);
  const queue = new Int32Array(states);
  let queued = 0;
  for (let state = 0; state < states; state++) {
    if (!isGoal(state)) continue;
    reaches[state] = 1;
    queue[queued++] = state;
  }
  for (let done = 0; done < queued; done++) {
    const target = queue[done] as number;
    for (let i = starts[target] as number; i < (starts[target + 1] as number); i++) {
      const source = sources[i] as number;
      if (reaches[source] === 1) continue;
      reaches[source] = 1;
      queue[queued++] = source;
    }
  }
  const first = reaches.indexOf(0);
  return first < 0 ? null : first;
};

/** The same edges by where they lead: a counting sort. */
const reversed = (states: number, firstEdges: Numbers, edges: Numbers): { readonly starts: Int32Array; readonly sources: Int32Array } => {
  const starts = new Int32Array(states + 1);
  for (let i = 0; i < edges.length; i++) starts[edges.at(i)] = (starts[edges.at(i)] as number) + 1;
  let sum = 0;
  for (let state = 0; state <= states; state++) {
    sum += starts[state] as number;
    starts[state] = sum;
  }
  const sources = new Int32Array(edges.length);
  for (let source = 0; source < states; source++) {
    for (let i = firstEdges.at(source); i < firstEdges.at(source + 1); i++) {
      const target = edges.at(i);
      const place = (starts[target] as number) - 1;
      starts[target] = place;
      sources[place] = source;
    }
  }
  return { starts, sources };
};
