// The log of a NATS server that runs share, where a run can read it: that of the configuration in its folder of keys.
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { readAddress } from "../bus/address.ts";
import type { DenialLog } from "./denials.ts";

const user = /^\s*# (\S+)\n\s*\{ nkey: (U[A-Z2-7]{55}),/gm;
const logFile = /^log_file: "([^"\\]+)"$/m;

const read = (path: string): string | undefined => {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
};

/** From here on. Null of an address without a folder of keys, and of a server elsewhere: what it refuses stands in its log alone. */
export const sharedLog = (url: string, run: string): DenialLog | null => {
  const keys = readAddress(url)?.keys;
  const config = keys === undefined ? undefined : read(join(keys, "nats.conf"));
  const [, path] = logFile.exec(config ?? "") ?? [];
  const stat = path === undefined ? undefined : statSync(path, { throwIfNoEntry: false });
  if (config === undefined || path === undefined || stat === undefined) return null;
  return { path, from: stat.size, run, users: new Map([...config.matchAll(user)].map(([, name = "", key = ""]) => [key, name])) };
};
