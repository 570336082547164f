// A non-maskable interrupt hits a CPU, whatever it has switched off: right after it has taken up what a phase asks, or at a time.
//
// It runs through a function of the patch. Where the model minds (kpatch's ring of NMI writes, kmod/core/core.c), one between the
// stopper's arrival and the vote makes the vote busy; else it changes nothing.
import type { CpuSet } from "../../machine/cpuSet.ts";
import { type Moment, momentClauses, momentHint, printMoment, printParty, takeCpus } from "../actors.ts";
import { need, takeClauses } from "../reader.ts";
import type { ActorWord } from "../word.ts";

export interface Nmi {
  readonly fault: "nmi";
  readonly actor: CpuSet;
  readonly when: Moment;
}

export const nmi: ActorWord<Nmi> = {
  help: "an NMI in a patched function hits CPUs; before their vote it is a veto for models that mind",
  example: "nmi cpu 3 at run",
  read: (reader) => {
    const actor = takeCpus(reader);
    const given = takeClauses<Nmi>(reader, momentClauses);
    return { fault: "nmi", actor, when: need(reader, given.when, momentHint) };
  },
  print: ({ actor, when }) => `nmi ${printParty(actor)} ${printMoment(when)}`,
};
