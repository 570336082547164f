// Starts bare host processes and waits until each of them listens.
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { NatsConnection } from "nats";

export interface Hosts {
  readonly url: string;
  readonly cpus: number;
  readonly hosts: number;
  readonly bytesPerCpu: number;
}

const program = fileURLToPath(new URL("./natsHost.ts", import.meta.url));
// Compiled code read back from here halves what a process costs to start: a floor without it would be easy to beat.
const NODE_COMPILE_CACHE = fileURLToPath(new URL("../../../.cache/compile", import.meta.url));

/** The process ids, once all are ready. The CPUs are dealt evenly, and the first hosts take what is left over. */
export const startHosts = async (nc: NatsConnection, { url, cpus, hosts, bytesPerCpu }: Hosts): Promise<readonly number[]> => {
  let waiting = hosts;
  const ready = new Promise<void>((resolve) => {
    nc.subscribe("floor.ready", {
      callback: () => {
        if (--waiting === 0) resolve();
      },
    });
  });
  await nc.flush();
  const pids: number[] = [];
  for (let host = 0; host < hosts; host++) {
    const share = Math.floor(cpus / hosts) + (host < cpus % hosts ? 1 : 0);
    const args = [program, url, String(host), String(share), String(bytesPerCpu)];
    const child = spawn(process.execPath, args, { stdio: ["pipe", "inherit", "inherit"], env: { ...process.env, NODE_COMPILE_CACHE } });
    if (child.pid === undefined) throw new Error(`host ${host} did not start`);
    pids.push(child.pid);
  }
  await ready;
  return pids;
};
