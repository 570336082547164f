// A process is killed at whatever instruction it happens to be, and perhaps started again.
//
// Live it is SIGKILL from outside: all CPUs of the process die with the one that is named. In virtual time it is a crash.
import { type Death, readDeath, textOfDeath } from "../death.ts";
import type { ActorWord } from "../word.ts";

export type Kill = Death & { readonly fault: "kill" };

export const kill: ActorWord<Kill> = {
  help: "the processes of CPUs or the coordinator get SIGKILL (in virtual time they crash)",
  example: "kill cpu 2 from 800ms restart after 50ms",
  read: (reader) => ({ fault: "kill", ...readDeath(reader) }),
  print: textOfDeath,
};
