// What each fault of the grammar brings: how it is read and printed, and what it is good for. One file per fault in faults/.
import type { Strike } from "./actors.ts";
import type { Costs, Effect, Lasting } from "./condition.ts";
import type { Rule } from "./packet.ts";
import type { Reader } from "./reader.ts";

/** `print`, `rule` and `effect` are methods because the registry hands each word only its own faults, which the compiler cannot follow. */
export interface FaultWord<F> {
  /** One line: what it does. */
  readonly help: string;
  /** In canonical form. */
  readonly example: string;
  /** Reads what follows the fault's own word, to the end of the text. */
  readonly read: (reader: Reader) => F;
  /** The canonical text, with the fault's own word. */
  print(fault: F): string;
}

/** A fault that befalls packets. */
export interface PacketWord<F> extends FaultWord<F> {
  rule(fault: F): Rule;
}

/** A fault that lasts. */
export interface ConditionWord<F extends Lasting> extends FaultWord<F> {
  effect(fault: F, costs: Costs): Effect;
}

/** A fault that strikes actors at a moment: the engine does it, and goes by the data. */
export type ActorWord<F extends Strike> = FaultWord<F>;
