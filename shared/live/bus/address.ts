// The address of a NATS server as people write it: nats://user:password@host:port, with several hosts after commas.

/** Where to connect and as whom. `shown` is the address without its secrets, for messages. */
export interface Address {
  readonly servers: readonly string[];
  readonly user: string | undefined;
  readonly password: string | undefined;
  /** A user without a password is a token. */
  readonly token: string | undefined;
  readonly shown: string;
}

const defaultPort = "4222";

const read = (text: string): URL | undefined => {
  const url = URL.parse(text.includes("://") ? text : `nats://${text}`);
  if (url === null || url.hostname === "" || !["nats:", "tls:"].includes(url.protocol)) return undefined;
  return url;
};

/** Undefined where the text is no address. The first that names a user speaks for all. */
export const readAddress = (text: string): Address | undefined => {
  const urls = text.split(",").map((part) => read(part.trim()));
  if (!urls.every((url) => url !== undefined)) return undefined;
  const servers = urls.map((url) => `${url.hostname}:${url.port || defaultPort}`);
  const shown = urls.map((url, i) => `${url.protocol}//${servers[i]}`).join(",");
  const named = urls.find((url) => url.username !== "");
  const name = named && decodeURIComponent(named.username);
  const password = named?.password ? decodeURIComponent(named.password) : undefined;
  return password === undefined
    ? { servers, user: undefined, password, token: name, shown }
    : { servers, user: name, password, token: undefined, shown };
};
