// An IPI broadcast with wait: the atom of everything else. Simulated as one round of breakpoint patching.
import { type Chapter, exactly, type Line } from "../line.ts";
import { type Machine, modelOf, type Round, runMachine, shipped } from "../machine.ts";
import { overSeeds, type Spread } from "../sample.ts";
import { idle } from "../workloads.ts";

const seeds = 25;

/** Ask every CPU to serialise itself, and wait until all have. */
export const broadcastUs = (cpus: number, profile?: Machine["profile"]): Spread =>
  overSeeds(seeds, (seed) => {
    const machine: Machine = { model: modelOf("immediate"), cpus, workload: idle, ...(profile && { profile }) };
    const { askedAt, endedAt } = runMachine(machine, seed).rounds.find(({ phase }) => phase === "poke") as Round;
    return (endedAt - askedAt) / 1_000;
  });

const rule = "rule of thumb of 1 µs and 0.2 µs a receiver (unseel.com/cs/tlb-shootdown; weak)";

const byRule = "The cost of a further receiver is this very rule; only the rest is found.";

/** The shootdown's part of an munmap of one page, which is a broadcast with wait and the flush that it asks for. */
const shootdown = (sockets: number, cpus: number, us: number): Line => ({
  quantity: `broadcast, ${cpus} CPUs on ${sockets} sockets`,
  unit: "µs",
  simulated: broadcastUs(cpus, { ...shipped, cpusPerSocket: cpus / sockets }),
  published: exactly(us),
  source: "about so much, in the text of LATR (Kumar and others, ASPLOS 2018); the machines had 2 sockets of 8 and 8 sockets of 15 cores",
  why: "An IPI between any two sockets is simulated as equally slow, and sending as equally dear. Eight sockets are not all neighbours, and a receiver far away costs the sender more.",
});

export const broadcasts = (): Chapter => ({
  title: "An IPI broadcast with wait",
  method: "A `poke` round of `immediate` on an idle machine: from asking to the last ack.",
  lines: [
    {
      quantity: "broadcast, 2 CPUs",
      unit: "µs",
      simulated: broadcastUs(2),
      published: exactly(1.76),
      source: "KVM guest, 2 pinned CPUs, idle=poll, x2APIC (cover letter of IPI virtualisation, Zeng Guang, kvm list)",
      why: "A simulated ack is a message as slow as the IPI; a real one is a write to shared memory, which costs 0.3 µs of these 1.76.",
    },
    {
      quantity: "broadcast, 64 CPUs",
      unit: "µs",
      simulated: broadcastUs(64),
      published: exactly(14),
      source: rule,
      given: true,
      why: byRule,
    },
    {
      quantity: "broadcast, 256 CPUs",
      unit: "µs",
      simulated: broadcastUs(256),
      published: exactly(50),
      source: rule,
      given: true,
      why: byRule,
    },
    shootdown(2, 16, 6),
    shootdown(8, 120, 80),
  ],
});
