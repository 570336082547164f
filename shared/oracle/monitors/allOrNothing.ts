// all-or-nothing: the decision of an epoch reaches every CPU, or none.
//
// Rests on the first `decided` of each epoch, on the version in every `running`, `resumed` and census, and on a look at every living
// participant when the epoch is closed. Whoever opened an epoch may have died before it could say so: what a takeover makes of such an
// epoch is an abort that no `opened` came before. While a transition is under way both of its versions are seen, and whoever starts may
// start on either.
import type { Outcome } from "../../protocol/messages.ts";
import { initialVersion } from "../../protocol/setup.ts";
import { forEveryModel, type Monitor } from "../monitor.ts";

const unknown = -1;

export const allOrNothing: Monitor = {
  name: "all-or-nothing",
  about: "consistency",
  guarantee: "after exit all CPUs and all later tasks see the decided version, and after an abort no version and no patch state changed",
  appliesTo: forEveryModel,
  watch: (roster, breach) => {
    const memory = {
      versions: new Int32Array(roster.cpus).fill(unknown),
      outcomes: new Map<number, Outcome>(),
      inForce: initialVersion,
    };
    const { versions, outcomes } = memory;

    /** Until its own exit a CPU resolves calls as it did before. */
    const unchanged = (cpu: number, incarnation: number, version: number, at: number): void => {
      if (roster.way !== "stop" && (version === roster.base || version === roster.target)) return;
      if (versions[cpu] === unknown || versions[cpu] === version || !roster.lives(cpu, incarnation)) return;
      breach({ reason: `cpu ${cpu} came from version ${versions[cpu]} to ${version} without an exit`, at, cpu });
      versions[cpu] = version;
    };

    return {
      memory,
      on: {
        decided: ({ epoch, outcome }) => {
          if (outcomes.has(epoch)) return;
          outcomes.set(epoch, outcome);
          if (outcome === "committed" && epoch === roster.epoch) memory.inForce = roster.target;
        },
        booted: ({ cpu, incarnation }) => {
          if (roster.lives(cpu, incarnation)) versions[cpu] = unknown;
        },
        running: ({ cpu, incarnation, version }, at) => {
          if (!roster.lives(cpu, incarnation)) return;
          versions[cpu] = version;
          const { inForce } = memory;
          const mayStart = version === inForce || (roster.way !== "stop" && roster.isOpen && version === roster.target);
          if (!mayStart) breach({ reason: `cpu ${cpu} starts on version ${version} while ${inForce} is in force`, at, cpu });
        },
        held: ({ cpu, incarnation, census }, at) => unchanged(cpu, incarnation, census.version, at),
        voted: ({ cpu, incarnation, census }, at) => unchanged(cpu, incarnation, census.version, at),
        resumed: ({ cpu, incarnation, epoch, outcome: heard, version, census }, at) => {
          unchanged(cpu, incarnation, census.version, at);
          if (!roster.lives(cpu, incarnation)) return;
          versions[cpu] = version;
          const { inForce } = memory;
          const outcome = outcomes.get(epoch);
          if (heard !== outcome)
            breach({ reason: `cpu ${cpu} leaves epoch ${epoch} as ${heard}, but it was ${outcome ?? "not yet decided"}`, at, cpu });
          else if (version !== inForce) {
            breach({ reason: `cpu ${cpu} goes on with version ${version} after epoch ${epoch} was ${heard} with ${inForce}`, at, cpu });
          }
        },
        closed: ({ epoch, version }, at) => {
          if (epoch !== roster.epoch) return;
          const { inForce } = memory;
          if (version !== inForce) breach({ reason: `epoch ${epoch} closed with version ${version}, but ${inForce} was decided`, at });
          for (let cpu = 0; cpu < roster.cpus; cpu++) {
            if (versions[cpu] === inForce || versions[cpu] === unknown || !roster.takesPart(cpu)) continue;
            breach({ reason: `cpu ${cpu} has version ${versions[cpu]} after epoch ${epoch} was closed with ${inForce}`, at, cpu });
          }
        },
      },
    };
  },
};
