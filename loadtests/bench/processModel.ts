// What messages and processes cost on this machine, measured so that the virtual engine can be told: PING, the server, hosts, coordinator.
//
// PING and the server are timed bare. Processes are timed on live rounds of three small machines on one core, where a round is the sum of
// its parts: what a further CPU adds is the cost of an ack, and what a further host adds that of a message.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import shipped from "../../shared/kernel/data/profiles.json" with { type: "json" };
import type { ProcessCosts } from "../../shared/kernel/profile.ts";
import { floor } from "./floor.ts";
import { descendants, onCpuNs } from "./processes.ts";
import { coordinatorProcess, cpuProcess, live, patchesOf } from "./subject.ts";

/** In µs. */
export interface Measured {
  /** PING and its answer, with the server's own part in a message: on one core, and free. */
  readonly carry: { readonly pinned: number; readonly free: number };
  /** For each message that a process takes up, and each CPU in it. */
  readonly host: { readonly message: number; readonly packet: number };
  readonly coordinator: { readonly message: number; readonly packet: number };
  /** The coordinator's part in a round, however many hosts there are. */
  readonly ask: number;
}

/** The smallest and a larger machine, on one host. */
const small = 8;
const large = 512;

/** Whose live rounds the costs are taken from, so that their prediction is given. */
export const isGiven = (cpus: number, hosts: number, pinned: boolean): boolean =>
  pinned && ((hosts === 1 && (cpus === small || cpus === large)) || (hosts === 2 && cpus === small));

const folder = mkdtempSync(join(tmpdir(), "bench-processes-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));

const written = (name: string, content: unknown): string => {
  const path = join(folder, `${name}.json`);
  writeFileSync(path, JSON.stringify(content));
  return path;
};

interface Rounds {
  readonly p50Us: number;
  /** The hosts' share of the time that hosts and coordinator were on a core: that does not depend on who else was on it. */
  readonly hostShare: number;
}

interface Look {
  readonly hostNs: number;
  readonly coordinatorNs: number;
}

const lookAt = (driver: number): Look => {
  const total = (text: string): number => descendants(driver, text).reduce((sum, pid) => sum + (onCpuNs(pid) ?? 0), 0);
  return { hostNs: total(cpuProcess), coordinatorNs: total(coordinatorProcess) };
};

/** One run, with looks at its processes from outside: the last half of them, when everything is warm, tells who was on the core. */
const roundsOf = async (cpus: number, hosts: number, patches: number): Promise<Rounds> => {
  const looks: Look[] = [];
  let timer: NodeJS.Timeout | undefined;
  const watch = (pid: number): void => {
    timer = setInterval(() => looks.push(lookAt(pid)), 20);
  };
  const run = { cpus, hosts, patches: patchesOf(cpus, patches), pinned: true };
  const { p50Us = Number.NaN } = await live(run, watch).finally(() => clearInterval(timer));
  const during = looks.filter(({ hostNs, coordinatorNs }) => hostNs > 0 && coordinatorNs > 0);
  const [from, to] = [during[during.length >> 1], during.at(-1)];
  if (from === undefined || to === undefined || from === to)
    throw new Error("the rounds were over too soon to be looked at: more --patches");
  const [hostNs, coordinatorNs] = [to.hostNs - from.hostNs, to.coordinatorNs - from.coordinatorNs];
  return { p50Us, hostShare: hostNs / (hostNs + coordinatorNs) };
};

const clamp = (value: number, most: number): number => Math.min(Math.max(0, value), most);

export const measureProcesses = async (patches: number): Promise<Measured> => {
  const carry = async (pinned: boolean): Promise<number> => {
    const { p50Us = Number.NaN, messageUs = Number.NaN } = await floor("ping", {}, pinned)();
    return p50Us + messageUs;
  };
  const carried = { pinned: await carry(true), free: await carry(false) };
  const one = await roundsOf(small, 1, patches);
  const many = await roundsOf(large, 1, patches);
  const two = await roundsOf(small, 2, patches);
  const further = large - small;
  const workOf = ({ p50Us }: Rounds): number => Math.max(0, p50Us - 2 * carried.pinned);
  // What a further CPU costs, and a further host: who was on a core for it tells whose cost it is.
  const packets = Math.max(0, (workOf(many) - workOf(one)) / further);
  const hostPacket = clamp((workOf(many) * many.hostShare - workOf(one) * one.hostShare) / further, packets);
  const messages = Math.max(0, two.p50Us - one.p50Us - 2 * carried.pinned);
  const hostMessage = clamp(workOf(one) * one.hostShare - small * hostPacket, messages);
  return {
    carry: carried,
    host: { message: hostMessage, packet: hostPacket },
    coordinator: { message: messages - hostMessage, packet: packets - hostPacket },
    ask: Math.max(0, workOf(one) - messages - small * packets),
  };
};

const nsOf = (us: number): number => Math.round(us * 1_000);

/** The shipped profile, but for CPUs that are processes: nothing takes time but what was measured. */
export const profileOf = (measured: Measured, cpus: number, hosts: number, pinned: boolean): string => {
  const { carry, host, coordinator, ask } = measured;
  const processes: ProcessCosts = {
    cores: pinned ? 1 : 2,
    carryNs: nsOf(pinned ? carry.pinned : carry.free),
    host: { messageNs: nsOf(host.message), packetNs: nsOf(host.packet) },
    coordinator: { messageNs: nsOf(coordinator.message), packetNs: nsOf(coordinator.packet) },
    askNs: nsOf(ask),
  };
  const none = { ipiNs: { near: 0, far: 0, jitter: 0 }, sendNs: 0, stopperWakeNs: 0, writeNs: 0 };
  const cpusPerSocket = Math.ceil(cpus / hosts);
  return written("profile", { ...shipped[0], ...none, name: "measured", cpusPerSocket, processes });
};
