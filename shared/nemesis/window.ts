// A stretch of a run's time: `from 1ms for 5ms`.
import { peek, type Reader } from "./reader.ts";
import { printDuration, takeDuration } from "./units.ts";

/** From `fromNs` on and, with `forNs`, before `fromNs + forNs`. */
export interface Window {
  readonly fromNs: number;
  readonly forNs?: number;
}

/** Reads what follows `from`. */
export const takeWindow = (reader: Reader): { readonly window: Window } => {
  const fromNs = takeDuration(reader);
  if (peek(reader).text !== "for") return { window: { fromNs } };
  reader.next++;
  return { window: { fromNs, forNs: takeDuration(reader) } };
};

export const windowClauses = { from: takeWindow };

/** With a space before it, as the last clause of a fault; nothing where the fault lasts as long as the run. */
export const printWindow = (window: Window | undefined): string => {
  if (window === undefined) return "";
  const { fromNs, forNs } = window;
  return ` from ${printDuration(fromNs)}${forNs === undefined ? "" : ` for ${printDuration(forNs)}`}`;
};

export const isWithin = (window: Window | undefined, at: number): boolean =>
  window === undefined || (at >= window.fromNs && at < window.fromNs + (window.forNs ?? Number.POSITIVE_INFINITY));
