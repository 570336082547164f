// `quiesce keys`: a folder with all that a NATS server and everybody who connects to it need to prove who they are.
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, rmSync, statSync, writeSync } from "node:fs";
import { isIP } from "node:net";
import { dirname, isAbsolute, join, resolve } from "node:path";
import { createUser } from "@nats-io/nkeys";
import { hostLimit } from "../../shared/live/bus/subjects.ts";
import { sharedConfigText, sharedUsers } from "../../shared/live/server/shared.ts";
import { BadInput } from "../../shared/machine/badInput.ts";
import { exitCodes } from "./exit.ts";
import { certificatesFor } from "./keys/authority.ts";
import { reading } from "./settings/reading.ts";
import { count } from "./settings/values.ts";

export interface KeysRequest {
  readonly out: string;
  readonly hosts: string | undefined;
  readonly days: string | undefined;
  /** Names and addresses of the server beside those of this machine to itself. */
  readonly names: readonly string[];
  readonly listen: string | undefined;
  /** Where the server will find the folder. */
  readonly at: string | undefined;
  readonly store: string | undefined;
  readonly replace: boolean;
}

const keyLimits = { hosts: 64, days: 365, longestDays: 3650, names: 64 } as const;

const ofThisMachine = ["localhost", "127.0.0.1", "::1"];

const isHostName = (name: string): boolean =>
  name.length <= 253 && /^(\*\.)?([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)*[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/.test(name);

const namesOf = (given: readonly string[]): readonly string[] => {
  const wrong = given.find((name) => isIP(name) === 0 && !isHostName(name));
  if (wrong !== undefined) throw new BadInput("", "--name", `"${wrong}" is neither a host's name nor an address`);
  if (given.length > keyLimits.names) throw new BadInput("", "--name", `${given.length} names, more than ${keyLimits.names}`);
  return [...new Set([...ofThisMachine, ...given])];
};

const listenOf = (text: string): string => {
  const { 1: host = "", 2: port = "" } = /^(\[[0-9a-fA-F:.]+\]|[^:\s"]+):(\d{1,5})$/.exec(text) ?? [];
  const isAddress = isIP(host.replace(/^\[|\]$/g, "")) !== 0 || isHostName(host);
  if (isAddress && Number(port) <= 65_535) return text;
  throw new BadInput("", "--listen", `"${text}" is not HOST:PORT, like 0.0.0.0:4222`);
};

/** Control characters would end the line of the configuration that names it. */
const pathOf = (flag: string, text: string): string => {
  if (!isAbsolute(text)) throw new BadInput("", flag, `"${text}" is not an absolute path`);
  if (/\p{Cc}/u.test(text)) throw new BadInput("", flag, "a path with control characters");
  return text;
};

const isOurs = (name: string): boolean => /\.nk$|^(ca|server)\.pem$|^server\.key$|^nats\.conf$/.test(name);

/** The folder is nobody else's to read, and nothing in it is lost unless that was asked for. */
const makeFolder = (out: string, replace: boolean): void => {
  try {
    mkdirSync(dirname(out), { recursive: true });
    if (!existsSync(out)) return mkdirSync(out, { mode: 0o700 });
  } catch (error) {
    throw new BadInput("", "--out", (error as Error).message);
  }
  const stat = statSync(out);
  if (!stat.isDirectory()) throw new BadInput("", "--out", `${out} is no folder`);
  if ((stat.mode & 0o077) !== 0) throw new BadInput("", "--out", `others may look into ${out}: name a new folder, or chmod 700 it`);
  const there = readdirSync(out).filter(isOurs);
  if (there.length > 0 && !replace)
    throw new BadInput(
      "",
      "--out",
      `${out} has keys already (${there.slice(0, 3).join(", ")}): --replace makes new ones, and those let nobody in any more`,
    );
  for (const name of there) rmSync(join(out, name));
};

/** Never readable by others, not even for a moment, and never through a link that somebody has put there. */
const writeFile = (folder: string, name: string, text: string, mode = 0o600): void => {
  const file = openSync(join(folder, name), "wx", mode);
  writeSync(file, text);
  closeSync(file);
};

/** A pair for each user: the seed goes into a file of its own, and the public half is given back. */
const writeSeeds = (folder: string, users: ReturnType<typeof sharedUsers>) =>
  users.map((rights) => {
    const pair = createUser();
    const seed = pair.getSeed();
    writeFile(folder, `${rights.user}.nk`, `${new TextDecoder().decode(seed)}\n`);
    const nkey = pair.getPublicKey();
    pair.clear();
    return { ...rights, nkey };
  });

const told = (out: string, hosts: number, days: number, names: readonly string[], listen: string): string => {
  const hostSeeds = hosts === 1 ? "host-0.nk" : `host-0.nk .. host-${hosts - 1}.nk`;
  return [
    `quiesce keys: made in ${out}, a folder that only you can look into:`,
    `  ca.pem                   whom everybody believes; its own key is forgotten, so nobody can vouch for another server`,
    `  server.pem, server.key   the server's certificate, for ${days} days, as ${names.join(", ")}`,
    `  nats.conf                for nats-server -c ${join(out, "nats.conf")}, which listens on ${listen} and says in nats.log whom it refuses`,
    `  driver.nk, coordinator.nk, recorder.nk, viewer.nk, operator.nk, worker.nk, member.nk, ${hostSeeds}`,
    "                           seeds: each lets in whoever has it, as that and nothing else",
    `  connect with             ./quiesce run --nats tls://${listen.replace(/^(0\.0\.0\.0|\[::\])/, "127.0.0.1")} --keys ${out}`,
    "",
  ].join("\n");
};

/** Gives the exit code. */
export const keys = async (request: KeysRequest): Promise<number> => {
  const hosts = reading("--hosts", request.hosts, count(1, hostLimit)) ?? keyLimits.hosts;
  const days = reading("--days", request.days, count(1, keyLimits.longestDays)) ?? keyLimits.days;
  const names = namesOf(request.names);
  const out = pathOf("--out", resolve(request.out));
  const folder = request.at === undefined ? out : pathOf("--at", request.at);
  const store = request.store === undefined ? folder : pathOf("--store", request.store);
  const listen = listenOf(request.listen ?? "127.0.0.1:4222");
  makeFolder(out, request.replace);
  const { ca, certificate, key } = await certificatesFor(names, days);
  writeFile(out, "ca.pem", ca);
  writeFile(out, "server.pem", certificate);
  writeFile(out, "server.key", key);
  const users = writeSeeds(out, sharedUsers(hosts));
  writeFile(
    out,
    "nats.conf",
    sharedConfigText({ listen, folder, store, log: request.at === undefined ? join(out, "nats.log") : null, users }),
  );
  process.stdout.write(told(out, hosts, days, names, listen));
  return exitCodes.holds;
};
