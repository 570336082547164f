// What a patch needed beyond its model's promise, and did not get.
//
// A patch that changes a contract between patched functions (`call`) needs every kernel entry to run one version: each entry that ran
// both counts, and so does each call of a patched function across a stop. A patch that changes the meaning of shared data (`data`) needs
// the old code to be gone everywhere before the new code begins anywhere: each CPU that ran outgoing code after that counts. A local fix
// (`function`) needs nothing.
import type { PatchKind } from "../../kernel/patch.ts";
import type { FactOf, Handlers } from "../monitor.ts";
import type { Roster } from "../roster.ts";

export interface Hazards {
  readonly call: number;
  readonly data: number;
}

export interface HazardCount {
  readonly on: Handlers;
  /** After the last fact. */
  readonly result: () => Hazards;
}

export const hazardsOf = (roster: Roster, kind: PatchKind): HazardCount => {
  switch (kind) {
    case "call":
      return callHazards(roster.cpus);
    case "data":
      return dataHazards(roster);
    case "function":
      return { on: {}, result: () => ({ call: 0, data: 0 }) };
  }
};

const patchedAcross = ({ straddles }: FactOf<"resumed">): number => straddles.filter(({ patched }) => patched !== null).length;

const callHazards = (cpus: number): HazardCount => {
  let call = 0;
  const epochOf = new Int32Array(cpus);
  const life = new Int32Array(cpus);
  const seen = new Float64Array(cpus);
  return {
    on: {
      switched: ({ cpu, incarnation, epoch, mixed }) => {
        const isNew = epochOf[cpu] !== epoch || life[cpu] !== incarnation;
        call += Math.max(0, mixed - (isNew ? 0 : (seen[cpu] as number)));
        epochOf[cpu] = epoch;
        life[cpu] = incarnation;
        seen[cpu] = mixed;
      },
      resumed: (fact) => {
        call += patchedAcross(fact);
      },
    },
    result: () => ({ call, data: 0 }),
  };
};

const dataHazards = (roster: Roster): HazardCount => {
  let data = 0;
  let epoch = 0;
  /** When new code began anywhere, and when old code ended on each CPU, in this epoch. */
  let begun = Infinity;
  const outgoingUntil = new Float64Array(roster.cpus).fill(-1);
  const count = (): void => {
    if (begun < Infinity) data += outgoingUntil.reduce((sum, until) => (until > begun ? sum + 1 : sum), 0);
    begun = Infinity;
    outgoingUntil.fill(-1);
  };
  return {
    on: {
      opened: () => {
        if (epoch === roster.epoch) return;
        epoch = roster.epoch;
        count();
      },
      switched: ({ cpu, epoch: of, outgoingUntil: until, incomingFrom: from }) => {
        if (of !== epoch) return;
        if (from !== null) begun = Math.min(begun, from);
        if (until !== null) outgoingUntil[cpu] = Math.max(outgoingUntil[cpu] as number, until);
      },
      resumed: (fact) => {
        if (patchedAcross(fact) > 0) data++;
      },
    },
    result: () => {
      count();
      return { call: 0, data };
    },
  };
};
