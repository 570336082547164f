// What a mutant is: the machines with one rule replaced, where that shows, and which monitors are expected to see it.
import type { Model } from "../consistency/model.ts";
import type { Setup } from "../protocol/setup.ts";
import type { Variant } from "../protocol/variant.ts";

export interface Mutant {
  /** As the command line and the header of a journal name it. */
  readonly name: string;
  /** The rule that it replaces, as docs/protocol.md numbers it, or the part of the machines that keeps no rule of its own. */
  readonly rule: string;
  /** What the machines do instead. */
  readonly instead: string;
  readonly variant: Variant;
  /** The model that it shows on. */
  readonly model: Model;
  /** What the machine must be like, beside its model, for the mutant to show. */
  readonly ground?: (setup: Setup) => Setup;
  /** Faults, as the grammar writes them, without which it would hardly ever show. */
  readonly faults: readonly string[];
  /** The monitors that are expected to see it: each has fired in some run of it. */
  readonly caughtBy: readonly string[];
  /** It shows only where time passes and requests arrive: the explorer, which has neither, cannot find it. */
  readonly onlyInTime?: true;
  /** What is late changes nothing for it either: the explorer may leave it out, as it does of machines that keep all rules. */
  readonly ignoresLate?: true;
}

/** The run on which the mutant is hunted: a machine of its model, the rule replaced. */
export const groundOf = ({ name, ground }: Mutant, setup: Setup): Setup => ({ ...(ground?.(setup) ?? setup), mutant: name });
