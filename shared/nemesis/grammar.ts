// Faults as text: the one grammar of the command line, the scenario file, the dashboard and the minimiser.
import { messageKinds, phases } from "../protocol/messages.ts";
import { attempt, type Problem, takeOneOf } from "./reader.ts";
import { type Fault, type FaultName, faultNames, faultWord } from "./registry.ts";

export const parseFault = (text: string): Fault | Problem =>
  attempt(text, (reader) => faultWord(takeOneOf(reader, "fault", faultNames)).read(reader));

/** The canonical text: it parses to an equal fault. */
export const printFault = (fault: Fault): string => faultWord(fault.fault).print(fault);

export const isProblem = (parsed: Fault | Problem): parsed is Problem => "message" in parsed;

/** For the manual: what faults of packets, and those that last, can be narrowed down to. */
export const faultScopes = `Packets: [10% of | 2nd] KIND|any [from ACTOR] [to ACTOR] [during PHASE] [from TIME [for TIME]]; what lasts: [from TIME [for TIME]].
ACTOR: cpu 0-3,8 or coordinator. KIND: ${messageKinds.join(", ")}.
PHASE: ${phases.join(", ")}.`;

/** For the manual: what there is to say of each fault, in the order of the registry. */
export const faultWords: ReadonlyArray<{ readonly word: FaultName; readonly help: string; readonly example: string }> = faultNames.map(
  (word) => ({ word, help: faultWord(word).help, example: faultWord(word).example }),
);
