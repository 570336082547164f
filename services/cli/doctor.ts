// `quiesce doctor`: what this machine has of what runs need, a line each, and how to get what is missing.
import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { accessSync, constants, mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir, totalmem } from "node:os";
import { delimiter, join } from "node:path";
import * as Effect from "effect/Effect";
import { natsImage } from "../../infra/bootstrap/natsServer.ts";
import { scopedBucket, scopedBus } from "../../shared/live/bus/scoped.ts";
import { inboxOf, type Speaker, userOf } from "../../shared/live/bus/subjects.ts";
import { natsServer } from "../../shared/live/server/server.ts";
import { pinnedNode } from "../recorder/manifest.ts";

/** `needed`: without it a live run cannot be had. */
interface Finding {
  readonly name: string;
  readonly ok: boolean;
  readonly needed: boolean;
  readonly found: string;
  readonly remedy: string;
}

const probeLimitMs = 5_000;

/** Where a server is looked for that a plain user's path often lacks. */
const systemPath = ["/usr/sbin", "/usr/local/bin", "/usr/local/sbin", "/opt/homebrew/bin"].join(delimiter);

const firstLine = (text: string): string => text.trim().split("\n", 1)[0] ?? "";

/** The first line that a command prints, or undefined if it cannot be run. */
const probe = (command: string, args: readonly string[], PATH = process.env.PATH ?? ""): string | undefined => {
  const { status, stdout } = spawnSync(command, args, { encoding: "utf8", timeout: probeLimitMs, env: { ...process.env, PATH } });
  return status === 0 ? firstLine(stdout) : undefined;
};

const nodeFinding = (): Finding => {
  const ok = process.versions.node === pinnedNode;
  return {
    name: "node",
    ok,
    needed: false,
    found: process.versions.node,
    remedy: `start with ./quiesce, which runs the pinned ${pinnedNode}`,
  };
};

/** The path of a nats-server, where there is one. Nothing is installed here. */
const serverPath = (): string | undefined => {
  const given = process.env.QUIESCE_NATS_SERVER;
  const PATH = [process.env.PATH ?? "", systemPath].join(delimiter);
  const candidates =
    given !== undefined && given !== "" ? [given] : PATH.split(delimiter).map((directory) => join(directory, "nats-server"));
  return candidates.find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
};

const serverFinding = (path: string | undefined): Finding => {
  const version = path === undefined ? undefined : probe(path, ["--version"]);
  return {
    name: "nats-server",
    ok: version !== undefined,
    needed: true,
    found: version === undefined ? (path ?? "none") : `${version} (${path})`,
    remedy: `install the package nats-server, set QUIESCE_NATS_SERVER to one, start Docker for ${natsImage}, or give --nats URL`,
  };
};

const driver: Speaker = { role: "driver", number: 0 };

/** Makes the bucket of a register and removes it again: what a run does first. */
const useJetStream = (url: string, run: string) =>
  Effect.scoped(
    Effect.gen(function* () {
      const bus = yield* scopedBus({ url, name: userOf(driver), inbox: inboxOf(driver), onEvent: () => undefined });
      yield* scopedBucket(bus, run);
    }),
  );

/** On the server that was named, or on one of our own. */
const jetStream = (url: string | undefined, executable: string | undefined): Effect.Effect<void, Error> => {
  const run = `doctor-${randomBytes(4).toString("hex")}`;
  if (url !== undefined) return useJetStream(url, run);
  if (executable === undefined) return Effect.fail(new Error("no NATS server"));
  return Effect.scoped(
    Effect.gen(function* () {
      const directory = yield* Effect.acquireRelease(
        Effect.sync(() => mkdtempSync(join(tmpdir(), "quiesce-doctor-"))),
        (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true })),
      );
      const server = yield* natsServer({ executable, directory, run, hosts: 1 });
      yield* useJetStream(server.urlFor(driver), run);
    }),
  );
};

const jetStreamFinding = (url: string | undefined, executable: string | undefined): Effect.Effect<Finding> =>
  jetStream(url, executable).pipe(
    Effect.match({
      onSuccess: () => ({ ok: true, found: url === undefined ? "on a server of our own" : "on the server that was given" }),
      onFailure: (error) => ({ ok: false, found: firstLine(error instanceof Error ? error.message : String(error)) }),
    }),
    Effect.map(({ ok, found }) => ({ name: "JetStream", ok, needed: true, found, remedy: "start the server with -js" })),
  );

const hostFindings = (): readonly Finding[] => {
  const cores = availableParallelism();
  const gigabytes = totalmem() / 2 ** 30;
  const docker = probe("docker", ["info", "--format", "{{.ServerVersion}}"]);
  const git = probe("git", ["--version"]);
  return [
    {
      name: "docker",
      ok: docker !== undefined,
      needed: false,
      found: docker ?? "none that answers",
      remedy: "install and start Docker (only containers need it)",
    },
    { name: "git", ok: git !== undefined, needed: false, found: git ?? "none", remedy: "install git (manifests then name the commit)" },
    { name: "cores", ok: cores >= 2, needed: false, found: String(cores), remedy: "two or more, or live times are those of the scheduler" },
    {
      name: "memory",
      ok: gigabytes >= 2,
      needed: false,
      found: `${gigabytes.toFixed(1)} GiB`,
      remedy: "2 GiB or more (a million virtual CPUs need 8)",
    },
  ];
};

const lineOf = ({ name, ok, needed, found, remedy }: Finding): string =>
  `${ok ? "ok     " : "missing"}  ${name.padEnd(11)}  ${found}${ok ? "" : `\n           ${needed ? "needed" : "optional"}: ${remedy}`}\n`;

/** Prints what is found; true if a live run can be had. */
export const doctor = (nats: string | undefined, print: (text: string) => void): Effect.Effect<boolean> =>
  Effect.gen(function* () {
    const executable = serverPath();
    const server = serverFinding(executable);
    const findings = [nodeFinding(), server, yield* jetStreamFinding(nats, server.ok ? executable : undefined), ...hostFindings()];
    for (const finding of findings) print(lineOf(finding));
    const serves = findings.find(({ name }) => name === "JetStream")?.ok === true;
    return serves;
  });
