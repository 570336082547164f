// A NATS server with the keys that `quiesce keys` makes, for a test.
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import * as Effect from "effect/Effect";
import { startGuarded } from "../../shared/live/server/guarded.ts";
import { main } from "./joinedRun.ts";
import { directory, executable, portIn } from "./onServer.ts";

export const makeKeys = (out: string, ...more: readonly string[]): string =>
  execFileSync(process.execPath, [main, "keys", "--out", out, "--hosts", "4", ...more], { encoding: "utf8", stdio: "pipe" });

/** A server with keys of its own: its address, and the folder of keys. */
export const sharedServer = Effect.gen(function* () {
  const folder = join(yield* directory, "keys");
  makeKeys(folder);
  const path = yield* executable;
  const args = ["-c", join(folder, "nats.conf"), "-p", "-1", "--ports_file_dir", folder];
  const server = yield* Effect.acquireRelease(
    Effect.promise(() => startGuarded(path, args)),
    (server) => Effect.promise(() => server.stop(1_000)),
  );
  return { folder, url: `tls://localhost:${yield* portIn(folder, server.pid)}` };
});
