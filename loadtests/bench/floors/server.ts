// The nats-server of one floor program: a free loopback port, a store of its own, and nothing left of either when the program ends.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

/** Resolves to the URL once the server takes connections. */
export const startServer = async (): Promise<string> => {
  const store = mkdtempSync(join(tmpdir(), "bench-nats-"));
  const command = process.env.QUIESCE_NATS_SERVER ?? "nats-server";
  const server = spawn(command, ["-a", "127.0.0.1", "-p", "-1", "-js", "-sd", store], { stdio: ["ignore", "ignore", "pipe"] });
  process.on("exit", () => {
    server.kill("SIGKILL");
    rmSync(store, { recursive: true, force: true });
  });
  // A signal by itself would end the program without its exit handlers, and leave the server behind.
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => process.exit(130));
  server.once("error", ({ message }) => {
    process.stderr.write(`nats-server does not start (${message}): install it, or name it by QUIESCE_NATS_SERVER\n`);
    process.exit(5);
  });
  return listening(createInterface({ input: server.stderr }));
};

/** The server chooses its port and tells it only in its log. */
const listening = async (log: AsyncIterable<string>): Promise<string> => {
  let url: string | undefined;
  for await (const line of log) {
    const address = /Listening for client connections on (\S+)/.exec(line)?.[1];
    if (address !== undefined) url = `nats://${address}`;
    if (url !== undefined && line.includes("Server is ready")) return url;
  }
  throw new Error("nats-server ended before it was ready");
};
