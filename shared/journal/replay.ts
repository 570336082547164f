// Replay: the recorded inputs, fed to the machines again, must give the recorded outputs.
//
// It works on the journal of any engine, because a machine's step depends on nothing but its state and its input. A divergence
// means that the code is another one, that the journal was changed, or that a machine looked at something that it should not.
import { type Actor, actorName } from "../machine/machine.ts";
import { machinesOf } from "../mutants/machines.ts";
import { type ActorLife, lifeOfActor, type Machines } from "../protocol/machines.ts";
import type { AnyOutput } from "../protocol/observer.ts";
import type { Setup } from "../protocol/setup.ts";
import { outputText } from "./encode.ts";
import type { RecordedTurn } from "./turns.ts";

/** The first place where the machine did something else than is recorded; null stands for nothing at all. */
export interface Divergence {
  readonly seq: number;
  readonly at: number;
  readonly clock: number;
  readonly actor: Actor;
  readonly expected: string | null;
  readonly got: string | null;
}

export const divergenceText = ({ seq, at, clock, actor, expected, got }: Divergence): string =>
  `entry ${seq} of ${actorName(actor)} (at ${at} ns, clock ${clock}): recorded ${expected ?? "nothing more"}, replayed ${got ?? "nothing more"}`;

export class Replay {
  turns = 0;
  private readonly machines: Machines;
  private readonly lives = new Map<Actor, ActorLife>();

  constructor(setup: Setup) {
    this.machines = machinesOf(setup);
  }

  /** Takes one recorded turn again. Undefined if all that came of it is as recorded. */
  take(turn: RecordedTurn): Divergence | undefined {
    this.turns++;
    if (turn.input.kind === "start") this.lives.set(turn.actor, lifeOfActor(this.machines, turn.actor));
    const life = this.lives.get(turn.actor);
    if (life === undefined) return this.divergence(turn, 0, JSON.stringify(turn.input), "no such actor: it was never started");
    let outputs: readonly AnyOutput[];
    try {
      outputs = life.step(turn.input);
    } catch (error) {
      // A recorded input that the machine cannot digest is a divergence as well: the recording machine did digest it.
      return this.divergence(turn, 0, JSON.stringify(turn.input), `the machine failed on it: ${String(error)}`);
    }
    return this.compare(turn, outputs);
  }

  private compare(turn: RecordedTurn, outputs: readonly AnyOutput[]): Divergence | undefined {
    for (let i = 0; i < Math.max(outputs.length, turn.outputs.length); i++) {
      const recorded = turn.outputs[i];
      const again = outputs[i];
      const expected = recorded === undefined ? null : outputText(recorded);
      const got = again === undefined ? null : outputText(again);
      if (expected !== got) return this.divergence(turn, i + 1, expected, got);
    }
    return undefined;
  }

  private divergence(turn: RecordedTurn, offset: number, expected: string | null, got: string | null): Divergence {
    const seq = (turn.entries[0]?.seq ?? 0) + offset;
    return { seq, at: turn.input.at, clock: turn.clock, actor: turn.actor, expected, got };
  }
}
