// Which trace a round belongs to, in the words of W3C Trace Context: whoever knows the run and the round knows it, and nobody need be told.
//
// A coordinator asks, hosts answer and the driver draws the spans afterwards: each of them works out the same ids.
import { createHash } from "node:crypto";
import { isAsked } from "./asked.ts";

const hex = (text: string, digits: number): string => createHash("sha256").update(text).digest("hex").slice(0, digits);

/** The trace of an attempt: one epoch of a run. */
export const traceIdOf = (run: string, epoch: number): string => hex(`trace ${run} ${epoch}`, 32);

/** The span of the attempt as a whole. */
export const attemptSpanOf = (run: string, epoch: number): string => hex(`attempt ${run} ${epoch}`, 16);

export interface RoundId {
  readonly term: number;
  readonly epoch: number;
  readonly round: number;
}

export const roundSpanOf = (run: string, { term, epoch, round }: RoundId): string => hex(`round ${run} ${epoch} ${term} ${round}`, 16);

const traceparentOf = (run: string, round: RoundId): string => `00-${traceIdOf(run, round.epoch)}-${roundSpanOf(run, round)}-01`;

/** What one frame says of rounds: the last one that it names; undefined where it names none, as greetings do. */
export type ContextOf = (said: ReadonlyArray<object>) => string | undefined;

const roundIn = (said: ReadonlyArray<object>): RoundId | undefined => {
  for (let i = said.length - 1; i >= 0; i--) {
    const item = said[i] as { readonly msg?: object };
    const { term, epoch, round } = (item.msg ?? item) as Partial<RoundId>;
    if (term !== undefined && epoch !== undefined && round !== undefined) return { term, epoch, round };
  }
  return undefined;
};

const contextOf = (run: string): ContextOf => {
  let last: RoundId | undefined;
  let text = "";
  return (said) => {
    const round = roundIn(said);
    if (round === undefined) return undefined;
    if (last === undefined || round.term !== last.term || round.epoch !== last.epoch || round.round !== last.round) {
      last = round;
      text = traceparentOf(run, round);
    }
    return text;
  };
};

const noContext: ContextOf = () => undefined;

/** For a process of a run, if its environment asks for traces. */
export const contextFor = (run: string, env: NodeJS.ProcessEnv): ContextOf => (isAsked(env, "TRACES") ? contextOf(run) : noContext);
