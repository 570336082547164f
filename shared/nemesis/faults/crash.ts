// An actor dies with all that it knew, and perhaps starts again as a new incarnation or life.
import { type Death, readDeath, textOfDeath } from "../death.ts";
import type { ActorWord } from "../word.ts";

export type Crash = Death & { readonly fault: "crash" };

export const crash: ActorWord<Crash> = {
  help: "CPUs or the coordinator die and, with `restart after`, start again",
  example: "crash cpu 2 at disable-irq restart after 5ms",
  read: (reader) => ({ fault: "crash", ...readDeath(reader) }),
  print: textOfDeath,
};
