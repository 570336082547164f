// What messages and processes cost on this machine, measured so that the virtual engine can be told: PING, the server, hosts, coordinator.
//
// Processes are timed on long chains of equal rounds with nothing between: `immediate` asks for three a function. All of it on one core,
// where a round is the sum of its parts.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import shipped from "../../shared/kernel/data/profiles.json" with { type: "json" };
import type { ProcessCosts } from "../../shared/kernel/profile.ts";
import { floor } from "./floor.ts";
import { descendants, onCpuNs } from "./processes.ts";
import { coordinatorProcess, cpuProcess, live } from "./subject.ts";

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

/** The smallest and a larger machine, and how many rounds show them warm. */
const small = { cpus: 8, rounds: 3_000 };
const large = { cpus: 512, rounds: 900 };

const folder = mkdtempSync(join(tmpdir(), "bench-processes-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));

const written = (name: string, content: unknown): string => {
  const path = join(folder, `${name}.json`);
  writeFileSync(path, JSON.stringify(content));
  return path;
};

/** A patch of functions that nobody calls. */
const chainOf = (rounds: number): string => {
  const functions = Array.from({ length: Math.round(rounds / 3) }, (_, nth) => `function_${nth}`);
  const patch = { schema: "quiesce.patch/1", id: "chain", title: "a chain of rounds", kind: "function" };
  return written(`chain-${rounds}`, { ...patch, objects: [{ object: "vmlinux", functions }] });
};

interface Chain {
  readonly p50Us: number;
  /** Shares of a core. */
  readonly host: number;
  readonly coordinator: number;
}

interface Look {
  readonly atMs: number;
  readonly hostNs: number;
  readonly coordinatorNs: number;
}

const lookAt = (driver: number): Look => {
  const total = (text: string): number => descendants(driver, text).reduce((sum, pid) => sum + (onCpuNs(pid) ?? 0), 0);
  return { atMs: performance.now(), hostNs: total(cpuProcess), coordinatorNs: total(coordinatorProcess) };
};

/** One run, with looks at its processes from outside: the last half of them, when everything is warm, tells who was on the core. */
const chain = async ({ cpus, rounds }: typeof small, hosts: number): Promise<Chain> => {
  const looks: Look[] = [];
  let timer: NodeJS.Timeout | undefined;
  // A chain on a busy machine may take longer than the model would wait for its CPUs.
  const more = ["--model", "immediate", "--patch", chainOf(rounds), "--limit", "100s"];
  const watch = (pid: number): void => {
    timer = setInterval(() => looks.push(lookAt(pid)), 50);
  };
  const { p50Us = Number.NaN } = await live({ cpus, hosts, patches: 1, pinned: true, more }, watch).finally(() => clearInterval(timer));
  const during = looks.filter(({ hostNs, coordinatorNs }) => hostNs > 0 && coordinatorNs > 0);
  const [from, to] = [during[during.length >> 1], during.at(-1)];
  if (from === undefined || to === undefined || from === to) throw new Error("a chain of rounds was over too soon to be looked at");
  const ns = (to.atMs - from.atMs) * 1e6;
  return { p50Us, host: (to.hostNs - from.hostNs) / ns, coordinator: (to.coordinatorNs - from.coordinatorNs) / ns };
};

const clamp = (value: number, most: number): number => Math.min(Math.max(0, value), most);

export const measureProcesses = async (): Promise<Measured> => {
  const carry = async (pinned: boolean): Promise<number> => {
    const { p50Us = Number.NaN, messageUs = Number.NaN } = await floor("ping", {}, pinned)();
    return p50Us + messageUs;
  };
  const carried = { pinned: await carry(true), free: await carry(false) };
  const one = await chain(small, 1);
  const many = await chain(large, 1);
  const two = await chain(small, 2);
  const further = large.cpus - small.cpus;
  // What a further CPU costs, and a further host: what a process was on the core for tells whose cost it is.
  const packets = Math.max(0, (many.p50Us - one.p50Us) / further);
  const slope = (who: "host" | "coordinator"): number => Math.max(0, many.p50Us * many[who] - one.p50Us * one[who]);
  const hostPacket = (packets * slope("host")) / (slope("host") + slope("coordinator"));
  const messages = Math.max(0, two.p50Us - one.p50Us - 2 * carried.pinned);
  const work = one.p50Us - 2 * carried.pinned;
  const hostMessage = clamp((work * one.host) / (one.host + one.coordinator) - small.cpus * hostPacket, messages);
  return {
    carry: carried,
    host: { message: hostMessage, packet: hostPacket },
    coordinator: { message: messages - hostMessage, packet: packets - hostPacket },
    ask: Math.max(0, work - messages - small.cpus * packets),
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
