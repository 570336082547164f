// A process is stopped at whatever instruction it happens to be, and goes on a while later.
//
// Live it is SIGSTOP and SIGCONT: all CPUs of the process stand still with the one that is named. In virtual time it is a pause.
import { type Halt, readHalt, textOfHalt } from "../halt.ts";
import type { ActorWord } from "../word.ts";

export type Suspend = Halt & { readonly fault: "suspend" };

export const suspend: ActorWord<Suspend> = {
  help: "the processes of CPUs or the coordinator get SIGSTOP, and SIGCONT a while later (in virtual time they pause)",
  example: "suspend cpu 2 from 800ms for 200ms",
  read: (reader) => ({ fault: "suspend", ...readHalt(reader) }),
  print: textOfHalt,
};
