// What a search explores: states as fixed rows of whole numbers, and every step that is enabled in one.
//
// A search knows nothing of what the numbers stand for. Textbook graphs write their variables into them, real machines the ids under
// which their states are interned.

/** One state: `width` whole numbers. */
export type Row = Int32Array;

/** Told of each step: the number of its action, and whether it is a fault. `next` holds where it leads. */
export type Reached = (action: number, fault: boolean) => void;

export interface System {
  /** How many numbers a state has. */
  readonly width: number;
  /** How many of them, from the first on, tell states apart; the rest is carried along from the path that found the state first. */
  readonly identity: number;
  /** Bits that hold any of the numbers: 8 or 16 unsigned, or 32. */
  readonly bits: 8 | 16 | 32;
  readonly initial: Row;
  /** Tries every enabled action of `state`, in an order that is always the same: writes where it leads into `next`, then tells `reached`. */
  readonly successors: (state: Row, next: Row, reached: Reached) => void;
  /** Rewrites a state as the one that stands for all that differ from it by renaming; without it every state stands for itself. */
  readonly canonical?: (state: Row) => void;
}

/**
 * `always`: holds in every state. `sometimes`: holds in some state (a search whose goal is never met has proved nothing).
 * `goal`: from every state one in which it holds can be reached without a further fault.
 */
export interface Property {
  readonly name: string;
  readonly kind: "always" | "sometimes" | "goal";
  readonly holds: (state: Row) => boolean;
}
