// How the core of livepatching has every task brought over, and what it is told meanwhile: whoever carries a transition out is behind this.
export type Operation = "patch" | "unpatch";

/** What the core hears of a transition that it began. */
export interface TransitionWatcher {
  readonly onStarting: () => void;
  readonly onReversing: () => void;
  readonly onSignaling: () => void;
  readonly onForcing: () => void;
  /** Everybody has switched. */
  readonly onCompleting: () => void;
  /** Nobody's state is looked at any more. */
  readonly onClosed: () => void;
}

/** What came of an attempt to turn a transition: it may have ended meanwhile, or have been turned before. */
export type Turned = "turned" | "over" | "refused";

export interface Transition {
  /** Begins one, and makes the first try to bring everyone over; it may end within this call. */
  readonly begin: (operation: Operation) => void;
  /** Turns the one under way. */
  readonly reverse: () => Turned;
  /** Everybody switches now, whatever is on the stack. */
  readonly force: () => void;
  /** True for the version of tasks that the transition under way has brought to the patched side, or not yet away from it. */
  readonly isPatched: (version: number) => boolean;
}
