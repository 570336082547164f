// The server that the flags of a verb name which has no other settings.
import { collect, type Flags } from "./collect.ts";

/** The texts of the flags; each may be left out. */
export interface ServerTexts {
  readonly nats: readonly string[];
  readonly keys: readonly string[];
  readonly nkey: readonly string[];
  readonly tlsCa: readonly string[];
}

/** The address that they or their variables name, with the files that a connection to it needs. */
export const serverNamed = ({ nats, keys, nkey, tlsCa }: ServerTexts): string | undefined => {
  const flags: Flags = new Map([
    ["nats", nats],
    ["keys", keys],
    ["nkey", nkey],
    ["tls-ca", tlsCa],
  ]);
  return collect(flags, process.env, undefined).given.nats;
};
