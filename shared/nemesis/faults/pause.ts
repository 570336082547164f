// An actor stands still for a while, as a virtual CPU does whose host runs something else, and then goes on as if nothing had been.
import { type Halt, readHalt, textOfHalt } from "../halt.ts";
import type { ActorWord } from "../word.ts";

export type Pause = Halt & { readonly fault: "pause" };

export const pause: ActorWord<Pause> = {
  help: "CPUs or the coordinator stand still for a while",
  example: "pause cpu 2 at prepare for 10ms",
  read: (reader) => ({ fault: "pause", ...readHalt(reader) }),
  print: textOfHalt,
};
