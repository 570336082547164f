// The address of a NATS server as people write it: nats://user:password@host:port, with several hosts after commas, and behind a
// question mark the files that a connection needs: tls://host:4222?keys=DIR, or ?nkey=FILE&ca=FILE. Paths of files are no secrets.
import { join } from "node:path";

/** Where to connect and as whom. `shown` is the address without its secrets, for messages. */
export interface Address {
  readonly servers: readonly string[];
  readonly user: string | undefined;
  readonly password: string | undefined;
  /** A user without a password is a token. */
  readonly token: string | undefined;
  /** A connection that is not encrypted is refused. */
  readonly encrypted: boolean;
  /** The file of the seed that proves who we are. */
  readonly nkey: string | undefined;
  /** The file of the authority that vouches for the server; without it those that the system trusts. */
  readonly ca: string | undefined;
  /** A folder of keys, as `quiesce keys` makes it, in which each has a seed of its own. */
  readonly keys: string | undefined;
  readonly shown: string;
}

const defaultPort = "4222";

/** What may stand behind the question mark. */
const files = ["keys", "nkey", "ca"] as const;

/** Names of files that connections need. */
export type KeyFiles = Readonly<Partial<Record<(typeof files)[number], string | undefined>>>;

const read = (text: string): URL | undefined => {
  const url = URL.parse(text.includes("://") ? text : `nats://${text}`);
  if (url === null || url.hostname === "" || !["nats:", "tls:"].includes(url.protocol)) return undefined;
  return url;
};

const queryOf = (text: string): readonly [servers: string, query: URLSearchParams] => {
  const mark = text.indexOf("?");
  return mark < 0 ? [text, new URLSearchParams()] : [text.slice(0, mark), new URLSearchParams(text.slice(mark + 1))];
};

/** Undefined where the text is no address. The first that names a user speaks for all. */
export const readAddress = (text: string): Address | undefined => {
  const [named, query] = queryOf(text);
  const urls = named.split(",").map((part) => read(part.trim()));
  if (!urls.every((url) => url !== undefined)) return undefined;
  if (![...query.keys()].every((key) => (files as readonly string[]).includes(key))) return undefined;
  const servers = urls.map((url) => `${url.hostname}:${url.port || defaultPort}`);
  const [keys, nkey, ca] = files.map((name) => query.get(name) ?? undefined);
  const who = urls.find((url) => url.username !== "");
  const name = who && decodeURIComponent(who.username);
  const password = who?.password ? decodeURIComponent(who.password) : undefined;
  return {
    servers,
    user: password === undefined ? undefined : name,
    password,
    token: password === undefined ? name : undefined,
    encrypted: keys !== undefined || ca !== undefined || urls.some(({ protocol }) => protocol === "tls:"),
    keys,
    nkey,
    ca,
    shown: urls.map((url, i) => `${url.protocol}//${servers[i]}`).join(","),
  };
};

/** The address with these files, which go before those that it names. */
export const withFiles = (text: string, given: KeyFiles): string => {
  const [servers, query] = queryOf(text);
  for (const name of files) if (given[name] !== undefined) query.set(name, given[name]);
  // As it may stand on a command line: a path keeps its slashes.
  const written = [...query].map(([name, path]) => `${name}=${encodeURIComponent(path).replaceAll("%2F", "/")}`);
  return written.length === 0 ? servers : `${servers}?${written.join("&")}`;
};

/** What a folder of keys is called for, by the name of a user. */
const keyFilesIn = (keys: string, user: string) => ({ nkey: join(keys, `${user}.nk`), ca: join(keys, "ca.pem") });

/** The address for one user: of a folder of keys only the files that are this user's. */
export const addressFor = (text: string, user: string): string => {
  const address = readAddress(text);
  if (address?.keys === undefined) return text;
  const [servers] = queryOf(text);
  return withFiles(withFiles(servers, keyFilesIn(address.keys, user)), { nkey: address.nkey, ca: address.ca });
};
