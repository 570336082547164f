// A second coordinator starts by mistake while the first still lives and does not know of it.
import { type Moment, momentClauses, momentHint, printMoment } from "../actors.ts";
import { need, takeClauses, takeOneOf } from "../reader.ts";
import type { ActorWord } from "../word.ts";

export interface Second {
  readonly fault: "second";
  readonly actor: "coordinator";
  readonly when: Moment;
}

export const second: ActorWord<Second> = {
  help: "a second coordinator starts beside the first",
  example: "second coordinator at run",
  read: (reader) => {
    const actor = takeOneOf(reader, "actor", ["coordinator"]);
    const given = takeClauses<Second>(reader, momentClauses);
    return { fault: "second", actor, when: need(reader, given.when, momentHint) };
  },
  print: ({ when }) => `second coordinator ${printMoment(when)}`,
};
