// What is asked of every world: that no monitor finds anything, that the patch can be applied at all, and that a way to the end is open.
import type { Property, Row } from "../search/system.ts";
import type { ActorState } from "./actors.ts";
import { timelessMonitors } from "./judges.ts";
import type { ExploreSetup } from "./setup.ts";
import type { World } from "./world.ts";

/** The end of a run: somebody holds the term and is done, nobody else has anything left to do, and every CPU that lives is up. */
class Ends {
  private readonly world: World;
  private readonly atRest: Array<boolean | undefined> = [];

  constructor(world: World) {
    this.world = world;
  }

  isEnd(state: Row): boolean {
    const { layout, registers } = this.world;
    for (let actor = 0; actor < layout.inboxes; actor++) if (!this.isAtRest(state, actor)) return false;
    const record = registers.value(state[layout.register] as number);
    if (record === null) return false;
    const holder = record.holder < layout.lives ? this.world.actorAt(state, layout.coordinator(record.holder)) : undefined;
    return holder?.kind === "coordinator" && holder.state.term === record.term;
  }

  private isAtRest(state: Row, actor: number): boolean {
    const id = state[actor] as number;
    if (id < 0) return true;
    this.atRest[id] ??= isDone(this.world.actors.states.value(id));
    return this.atRest[id];
  }
}

const isDone = (actor: ActorState): boolean => {
  if (actor.kind === "cpu") return actor.state.life !== null && actor.state.call === null;
  return actor.kind !== "coordinator" || actor.state.activity === "finished" || actor.state.activity === "stood-down";
};

export const propertiesOf = (setup: ExploreSetup, world: World): readonly Property[] => {
  const ends = new Ends(world);
  const { layout, judges, registers } = world;
  const found = (state: Row): string | undefined => {
    if (state[layout.broken] === 1) return world.findingIn(state)?.monitor;
    return ends.isEnd(state) ? judges.findingAtEnd(state[layout.judges] as number)?.monitor : undefined;
  };
  return [
    ...timelessMonitors(setup.model).map(({ name }): Property => ({ name, kind: "always", holds: (state) => found(state) !== name })),
    {
      name: "commits",
      kind: "sometimes",
      holds: (state) => ends.isEnd(state) && registers.value(state[layout.register] as number)?.step === setup.operations.length,
    },
    { name: "ends", kind: "goal", holds: (state) => state[layout.broken] === 1 || ends.isEnd(state) },
  ];
};
