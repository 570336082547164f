// Finds a NATS server for this machine, installing one where that is permitted, or says which ways there are to give it one.
import { spawn } from "node:child_process";
import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import { createInterface } from "node:readline";

/** Something that can be started as a NATS server. */
export type NatsServer =
  | { readonly kind: "binary"; readonly path: string }
  | { readonly kind: "container"; readonly docker: string; readonly image: string };

/** What quiesce needs from the machine is not there. The message names the ways to provide it; the command line exits 5. */
export class EnvironmentMissing extends Error {
  override readonly name = "EnvironmentMissing";
}

/** What of the machine the search depends on, besides the environment variables. */
export interface Host {
  /** Searched after `PATH`, which often lacks them for a plain user. */
  readonly systemDirectories: readonly string[];
  readonly root: boolean;
}

type Log = (line: string) => void;
type Environment = Readonly<Record<string, string | undefined>>;

interface PackageManager {
  readonly command: string;
  readonly needsRoot: boolean;
  readonly steps: readonly (readonly string[])[];
}

/** The image of the last resort; docker-compose.yml names the same. */
export const natsImage = "nats:2.11.4-alpine";

/** One step of a package manager may take this long: a slow mirror, or another installation holding the lock. */
const installLimitMs = 180_000;

/** A question that a healthy machine answers at once: is there passwordless sudo, does Docker answer. */
const probeLimitMs = 10_000;

const packageManagers: readonly PackageManager[] = [
  {
    command: "apt-get",
    needsRoot: true,
    steps: [["update"], ["install", "-y", "--no-install-recommends", "nats-server"]],
  },
  { command: "apk", needsRoot: true, steps: [["add", "--no-cache", "nats-server"]] },
  { command: "dnf", needsRoot: true, steps: [["install", "-y", "nats-server"]] },
  { command: "brew", needsRoot: false, steps: [["install", "nats-server"]] },
];

const thisHost: Host = {
  systemDirectories: ["/usr/sbin", "/usr/local/bin", "/usr/local/sbin", "/opt/homebrew/bin"],
  root: process.getuid?.() === 0,
};

const isExecutable = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
};

/** Runs a command to its end, with each line it prints logged; true if it succeeded within the limit. */
const succeeds = (argv: readonly string[], env: Environment, limitMs: number, log: Log): Promise<boolean> =>
  new Promise((resolve) => {
    const [command = "", ...args] = argv;
    const child = spawn(command, args, {
      env: { ...env, DEBIAN_FRONTEND: "noninteractive" },
      stdio: ["ignore", "pipe", "pipe"],
      timeout: limitMs,
    });
    for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on("line", log);
    child.on("error", () => resolve(false));
    child.on("close", (code) => resolve(code === 0));
  });

/** Installs with the first package manager there is; true if all its steps succeeded. */
const install = async (env: Environment, log: Log, root: boolean, find: (command: string) => string | undefined): Promise<boolean> => {
  const manager = packageManagers.find(({ command }) => find(command) !== undefined);
  if (manager === undefined) return false;
  const path = find(manager.command) ?? manager.command;
  const prefix: string[] = [];
  if (manager.needsRoot && !root) {
    const sudo = find("sudo");
    if (sudo === undefined || !(await succeeds([sudo, "-n", "true"], env, probeLimitMs, () => {}))) return false;
    prefix.push(sudo, "-n");
  }
  log(`no nats-server on this machine: installing it with ${manager.command} (at most ${installLimitMs / 1000} s a step)`);
  for (const step of manager.steps) {
    if (await succeeds([...prefix, path, ...step], env, installLimitMs, log)) continue;
    log(`${manager.command} ${step.join(" ")} failed`);
    return false;
  }
  return true;
};

const ways = (searched: readonly string[]): string =>
  [
    "no NATS server is to be had on this machine. Any one of these is enough:",
    "  set QUIESCE_NATS_SERVER to the path of a nats-server executable",
    `  put nats-server where it is looked for: ${searched.join(" ")}`,
    `  run where ${packageManagers.map(({ command }) => command).join(", ")} may install it: as root, or with passwordless sudo`,
    `  start Docker, which then runs ${natsImage}`,
    "  give the address of a server that runs already: --nats nats://HOST:4222",
  ].join("\n");

/** Tries the ways in order of what they cost the machine: given, found, installed, run in a container. */
export const findNatsServer = async (env: Environment, log: Log, host: Host = thisHost): Promise<NatsServer> => {
  const given = env.QUIESCE_NATS_SERVER;
  if (given !== undefined && given !== "") {
    if (isExecutable(given)) return { kind: "binary", path: given };
    throw new EnvironmentMissing(`QUIESCE_NATS_SERVER is ${given}, which is not an executable file`);
  }
  const searched = [...new Set([...(env.PATH ?? "").split(delimiter).filter((directory) => directory !== ""), ...host.systemDirectories])];
  const find = (command: string) => searched.map((directory) => join(directory, command)).find(isExecutable);

  const found = find("nats-server");
  if (found !== undefined) return { kind: "binary", path: found };
  if (await install(env, log, host.root, find)) {
    const installed = find("nats-server");
    if (installed !== undefined) return { kind: "binary", path: installed };
  }
  const docker = find("docker");
  if (docker !== undefined && (await succeeds([docker, "info"], env, probeLimitMs, () => {}))) {
    return { kind: "container", docker, image: natsImage };
  }
  throw new EnvironmentMissing(ways(searched));
};
