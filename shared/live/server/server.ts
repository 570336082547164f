// A run's own NATS server: on a free port of the loopback, with its store and its secrets in a directory of the run.
import { randomBytes } from "node:crypto";
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import * as Effect from "effect/Effect";
import type { Scope } from "effect/Scope";
import { hostLimit, isRunName, type Speaker, userOf } from "../bus/subjects.ts";
import { configText, type ServerConfig, type WebSocketConfig } from "./config.ts";
import { type Denials, denialsIn } from "./denials.ts";
import { type Guarded, startGuarded } from "./guarded.ts";
import { rightsOf, speakersOf } from "./permissions.ts";
import { type Ports, portsOf } from "./ports.ts";

const limits = {
  /** From the start of the process until it takes connections. */
  startMs: 10_000,
  /** Between two looks at whether it does. */
  pollMs: 3,
  /** From SIGTERM to SIGKILL. */
  stopMs: 3_000,
  /** Bytes of its log that an error message may show. */
  logBytes: 2_000,
} as const;

/** The server did not start, or ended by itself. */
export class NatsServerFailed extends Error {
  readonly _tag = "NatsServerFailed";
  override readonly name = "NatsServerFailed";
}

export interface ServerOptions {
  /** The nats-server executable. */
  readonly executable: string;
  /** Made if it is not there. Holds the configuration (with passwords, mode 0600), the log and the store. Removed if we are killed. */
  readonly directory: string;
  readonly run: string;
  readonly hosts: number;
  /** The pages that may join over WebSocket; none without. */
  readonly origins?: WebSocketConfig["origins"];
}

export interface NatsServer {
  /** Where it listens, without a user. */
  readonly address: string;
  /** Where browsers connect, if pages may join. */
  readonly webSocket: string | null;
  /** The address with a user's name and password: a secret. */
  readonly urlFor: (who: Speaker) => string;
  readonly pid: () => number;
  /** As somebody from outside would: whoever watches it hears of it. */
  readonly kill: () => void;
  /** Stops it and starts it on the same port with the same store. Clients connect again by themselves. */
  readonly restart: Effect.Effect<void, NatsServerFailed>;
  /** Fails when the server ends although nobody here ended it. After a restart it may be watched again. */
  readonly watch: Effect.Effect<never, NatsServerFailed>;
  /** What it has not let through so far. */
  readonly denials: Effect.Effect<Denials>;
}

const logName = "nats.log";

const logOf = (directory: string): string => {
  try {
    return readFileSync(join(directory, logName), "utf8").slice(-limits.logBytes).trim();
  } catch {
    return "(it wrote no log)";
  }
};

/** The rest is the banner of its start. */
const lastLineOf = (text: string): string => text.slice(text.lastIndexOf("\n") + 1);

/** The file is never readable by others, not even for a moment. */
const writeSecret = (path: string, text: string): void => {
  rmSync(path, { force: true });
  const file = openSync(path, "wx", 0o600);
  writeSync(file, text);
  closeSync(file);
};

/** Starts a server and waits until it takes connections. */
const start = async (executable: string, config: ServerConfig): Promise<{ readonly process: Guarded; readonly ports: Ports }> => {
  const { directory } = config;
  const path = join(directory, "nats.conf");
  writeSecret(path, configText(config));
  const process = await startGuarded(executable, ["-c", path], directory);
  let printed: string | undefined;
  const ended = process.ended.then((text) => {
    printed = text;
  });
  const until = performance.now() + limits.startMs;
  while (printed === undefined && performance.now() < until) {
    const ports = portsOf(directory, process.pid);
    if (ports !== undefined) return { process, ports };
    await Promise.race([ended, sleep(limits.pollMs)]);
  }
  await process.stop(0);
  const why = printed === undefined ? `took no connections within ${limits.startMs} ms` : "ended at its start";
  throw new NatsServerFailed(`${executable} ${why}: ${printed ?? ""}\n${logOf(directory)}`);
};

const open = async ({ executable, directory, run, hosts, origins }: ServerOptions) => {
  if (!isRunName(run) || !(hosts >= 1 && hosts <= hostLimit)) {
    throw new NatsServerFailed(`not a run that a server can be started for: run ${run} with ${hosts} hosts (1 to ${hostLimit})`);
  }
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const users = speakersOf(hosts).map((who) => ({ ...rightsOf(run, who), password: randomBytes(18).toString("base64url") }));
  const passwords = new Map(users.map(({ user, password }) => [user, password]));
  const webSocketOn = (port: number) => (origins === undefined ? null : { port, origins });
  let current = await start(executable, { port: -1, webSocket: webSocketOn(-1), directory, users });
  const { port, webSocketPort } = current.ports;
  /** The process that should be running: its end is a loss. */
  let inCharge: Guarded | undefined;
  let loss = Promise.withResolvers<NatsServerFailed>();
  const guard = (process: Guarded): void => {
    inCharge = process;
    const tell = (): void => {
      if (inCharge === process) loss.resolve(new NatsServerFailed(`the NATS server ended by itself: ${lastLineOf(logOf(directory))}`));
    };
    process.ended.then(tell, tell);
  };
  guard(current.process);
  const stop = async (): Promise<void> => {
    inCharge = undefined;
    await current.process.stop(limits.stopMs);
  };
  const restart = async (): Promise<void> => {
    // Whoever waits for a loss goes on waiting, but after a loss there can be another.
    if (current.process.hasEnded()) loss = Promise.withResolvers();
    await stop();
    current = await start(executable, { port, webSocket: webSocketOn(webSocketPort ?? -1), directory, users });
    guard(current.process);
  };
  const urlFor = (who: Speaker): string => `nats://${userOf(who)}:${passwords.get(userOf(who))}@127.0.0.1:${port}`;
  const webSocket = webSocketPort === null ? null : `ws://127.0.0.1:${webSocketPort}`;
  return {
    port,
    webSocket,
    urlFor,
    pid: () => current.process.pid,
    kill: () => current.process.kill(),
    lost: () => loss.promise,
    stop,
    restart,
  };
};

const failed = (error: unknown): NatsServerFailed =>
  error instanceof NatsServerFailed ? error : new NatsServerFailed(`the NATS server cannot be started: ${String(error)}`, { cause: error });

/** Starts a server for the life of a scope. It also ends when this process is killed. */
export const natsServer = (options: ServerOptions): Effect.Effect<NatsServer, NatsServerFailed, Scope> =>
  Effect.acquireRelease(Effect.tryPromise({ try: () => open(options), catch: failed }), (server) => Effect.promise(server.stop)).pipe(
    Effect.map((server) => ({
      address: `nats://127.0.0.1:${server.port}`,
      webSocket: server.webSocket,
      urlFor: server.urlFor,
      pid: server.pid,
      kill: server.kill,
      // Not to be interrupted: a server half started would be nobody's.
      restart: Effect.uninterruptible(Effect.tryPromise({ try: server.restart, catch: failed })),
      denials: Effect.promise(() => denialsIn({ path: join(options.directory, logName), from: 0, run: null, users: new Map() })),
      watch: Effect.promise(server.lost).pipe(Effect.flatMap((error) => Effect.fail(error))),
    })),
  );
