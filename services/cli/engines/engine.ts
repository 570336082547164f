// What a run hands to its engine, and what it gets back: the same for every engine.

import type { Refused } from "../../../shared/journal/refused.ts";
import type { Viewing } from "../../../shared/live/driver/lookout.ts";
import type { LiveOptions } from "../../../shared/live/run.ts";
import type { FaultCount } from "../../../shared/nemesis/plan.ts";
import type { Judgement } from "../../../shared/oracle/judgement.ts";
import type { Operation } from "../../../shared/protocol/messages.ts";
import type { End } from "../../../shared/protocol/observer.ts";
import type { ProgressOptions } from "../../../shared/report/progressText.ts";
import type { Summary } from "../../../shared/report/summary.ts";
import type { Configuration } from "../settings/configuration.ts";
import type { SpreadOptions } from "./spread.ts";

export interface EngineOptions {
  readonly configuration: Configuration;
  /** The name of the run. */
  readonly run: string;
  /** Where the journal goes. */
  readonly journal: string;
  /** The run folder. */
  readonly folder: string;
  /** Null where nobody watches. */
  readonly progress: ProgressOptions | null;
  /** Of a live run that pages look on at and steer: how, and all operations that it was asked for by its end. */
  readonly viewed?: { readonly viewing: Viewing; readonly operations: () => readonly Operation[] };
  /** Of a live run whose hosts join it. */
  readonly spread?: SpreadOptions;
  /** What coordinators of a live run announce, as it goes; costs nothing where it is left out. */
  readonly onFact?: LiveOptions["onFact"];
  /** What is said on its bus, likewise. */
  readonly onMessage?: LiveOptions["onMessage"];
  /** Something that went wrong and did not end the run, or that did. */
  readonly onNotice: (text: string) => void;
  /** Ends the run early, in good order. */
  readonly signal: AbortSignal;
}

export interface Ran {
  readonly end: End;
  readonly faults: readonly FaultCount[];
  readonly judgement: Judgement;
  readonly wire: Summary["wire"];
  /** Of a live run: who was refused what. */
  readonly refusals?: readonly Refused[];
  /** How long the engine worked, by the clock on the wall. */
  readonly wallMs: number;
}
