// What the page asks of the thread beside it, and what that answers.
import type { Header } from "../../../shared/journal/entry.ts";
import type { Recording } from "../../../shared/page/recording.ts";
import type { Summary } from "../../../shared/report/summary.ts";

export type Order =
  /** Run this machine in virtual time. */
  | { readonly do: "simulate"; readonly header: Header }
  /** Read a journal of this server. */
  | { readonly do: "read"; readonly url: string; readonly violations: Summary["violations"] };

export interface Simulated {
  readonly recording: Recording;
  readonly summary: Summary;
}

export interface Read {
  readonly recording: Recording;
  readonly header: Pick<Header, "engine" | "mode" | "seed">;
  readonly model: string;
  /** False if the journal was cut off. */
  readonly ended: boolean;
}

export interface Ordered {
  readonly id: number;
  readonly order: Order;
}

export type Answer =
  | { readonly id: number; readonly result: Simulated | Read }
  /** Why there is no result, in words for who looks at the page. */
  | { readonly id: number; readonly error: string };
