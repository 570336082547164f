// `quiesce up`: a run that is spread over hosts, by one command: its coordinator here, its hosts as processes here or elsewhere.
import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { findNatsServer } from "../../infra/bootstrap/natsServer.ts";
import { quoted as quotedForServer } from "../../shared/live/server/config.ts";
import { startGuarded } from "../../shared/live/server/guarded.ts";
import { portsOf } from "../../shared/live/server/ports.ts";
import { NatsServerFailed } from "../../shared/live/server/server.ts";
import { BadInput } from "../../shared/machine/badInput.ts";
import { runNamed } from "./cluster/named.ts";
import { type CoordinatorTexts, coordinator } from "./coordinator.ts";
import type { RunRequest } from "./run.ts";
import { collectAll } from "./settings/collect.ts";
import { configure } from "./settings/configuration.ts";
import { reading } from "./settings/reading.ts";
import { quoted, withoutSecret } from "./settings/repro.ts";
import { count } from "./settings/values.ts";

export interface UpTexts extends CoordinatorTexts {
  readonly here: string | undefined;
  readonly print: boolean;
}

type Request = Omit<RunRequest, "spread" | "checkDeterminism">;

const main = fileURLToPath(new URL("main.ts", import.meta.url));

/** A server that was just started takes this long to listen at most, and to end. */
const serverLimits = { startMs: 10_000, stopMs: 3_000 } as const;

interface OwnServer {
  readonly url: string;
  readonly stop: () => Promise<void>;
}

const serverText = (directory: string, password: string): string =>
  [
    'listen: "127.0.0.1:-1"',
    `ports_file_dir: ${quotedForServer(directory)}`,
    `jetstream: { store_dir: ${quotedForServer(directory)} }`,
    `authorization: { user: up, password: ${quotedForServer(password)} }`,
    "",
  ].join("\n");

/** A server on this machine's loopback, with a password that nobody else knows. */
const startServer = async (): Promise<OwnServer> => {
  const found = await findNatsServer(process.env, (text) => process.stderr.write(`quiesce: ${text}\n`));
  if (found.kind !== "binary") throw new NatsServerFailed("a server for `up` needs a nats-server executable: or name one with --nats");
  const directory = mkdtempSync(join(tmpdir(), "quiesce-up-"));
  const password = randomBytes(18).toString("base64url");
  const config = join(directory, "nats.conf");
  // Not in the command line, which everybody may read; the directory is this user's alone.
  writeFileSync(config, serverText(directory, password), { mode: 0o600 });
  const server = await startGuarded(found.path, ["-c", config], directory);
  const stop = async (): Promise<void> => {
    await server.stop(serverLimits.stopMs);
    rmSync(directory, { recursive: true, force: true });
  };
  for (const until = performance.now() + serverLimits.startMs; performance.now() < until && !server.hasEnded(); await sleep(10)) {
    const ports = portsOf(directory, server.pid);
    if (ports !== undefined) return { url: `nats://up:${password}@127.0.0.1:${ports.port}`, stop };
  }
  await stop();
  throw new NatsServerFailed(`the NATS server at ${found.path} does not listen`);
};

/**
 * Its session is its own: Ctrl-C is for the coordinator, and a host ends with its run. The channel between us carries nothing; that it
 * closes tells the host that we are gone, even by SIGKILL.
 */
const startHost = (url: string, run: string): ChildProcess =>
  spawn(process.execPath, ["--disable-warning=ExperimentalWarning", main, "cpu", "--join", "--run", run], {
    stdio: ["ignore", "ignore", "inherit", "ipc"],
    detached: true,
    // Not in the command line, which everybody may read.
    env: { ...process.env, QUIESCE_NATS: url },
  });

/** One that could not be started has no process. */
const hasEnded = ({ pid, exitCode, signalCode }: ChildProcess): boolean => pid === undefined || exitCode !== null || signalCode !== null;

const endHosts = async (hosts: readonly ChildProcess[]): Promise<void> => {
  for (const host of hosts) if (!hasEnded(host)) host.kill("SIGTERM");
  await Promise.all(hosts.map((host) => hasEnded(host) || new Promise((resolve) => host.on("close", resolve))));
};

/** Gives the exit code of the coordinator. */
export const up = async (request: Request, { here: hereText, print, ...texts }: UpTexts): Promise<number> => {
  const run = texts.run === undefined ? `up-${randomBytes(3).toString("hex")}` : runNamed("run", texts.run);
  const { hosts, natsUrl } = configure(collectAll(request.flags, process.env, request.scenario));
  const here = reading("--here", hereText, count(0, hosts)) ?? hosts;
  if (natsUrl === null && here < hosts)
    throw new BadInput("", "--here", "hosts on other machines need a server that they can reach: name it with --nats");
  if (print && natsUrl !== null)
    process.stderr.write(
      `on the other machines, ${hosts - here} of:\n  quiesce cpu --join --nats ${quoted(withoutSecret(natsUrl))} --run ${run}\n`,
    );
  const own = natsUrl === null ? await startServer() : null;
  const url = own?.url ?? (natsUrl as string);
  const started = Array.from({ length: here }, () => startHost(url, run));
  try {
    // Rejects if one cannot be started.
    await Promise.all(started.map((host) => once(host, "spawn")));
    return await coordinator({ ...request, flags: new Map([...request.flags, ["nats", [url]]]) }, { ...texts, run });
  } finally {
    await endHosts(started);
    await own?.stop();
  }
};
