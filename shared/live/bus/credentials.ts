// What a connection shows to a NATS server, and what it wants to see of it: read from files before anything is said.
import { readFileSync, statSync } from "node:fs";
import { nkeyAuthenticator } from "nats";
import type { Address } from "./address.ts";

/** A file of keys cannot be used; `message` names it. */
class KeyFileFailed extends Error {
  override readonly name = "KeyFileFailed";
}

const seedPattern = /^SU[A-Z2-7]{56}$/m;

const readKeyFile = (path: string): string => {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new KeyFileFailed(code === "ENOENT" ? `there is no file ${path}` : message, { cause: error });
  }
};

/** A seed that everybody on the machine can read proves nothing. */
const readSeed = (path: string): Uint8Array => {
  const text = readKeyFile(path);
  const mode = statSync(path).mode & 0o777;
  if ((mode & 0o007) !== 0)
    throw new KeyFileFailed(`everybody can read ${path} (mode ${mode.toString(8).padStart(4, "0")}): chmod 600, and make new keys`);
  const seed = seedPattern.exec(text)?.[0];
  if (seed === undefined) throw new KeyFileFailed(`${path} holds no seed of a user`);
  return new TextEncoder().encode(seed);
};

/** Options of a connection. Throws where a file of keys cannot be used. */
export const credentialsOf = ({ user, password, token, nkey, ca, encrypted }: Address) => ({
  ...(user !== undefined && password !== undefined && { user, pass: password }),
  ...(token !== undefined && { token }),
  ...(nkey !== undefined && { authenticator: nkeyAuthenticator(readSeed(nkey)) }),
  ...(encrypted && { tls: ca === undefined ? {} : { ca: readKeyFile(ca) } }),
});

/** What OpenSSL says of certificates that it does not accept. */
const isMistrust = (error: unknown): boolean =>
  error instanceof Error &&
  "code" in error &&
  /^(ERR_TLS_CERT|CERT_|SELF_SIGNED_CERT|DEPTH_ZERO_SELF_SIGNED|UNABLE_TO_(VERIFY|GET_ISSUER))/.test(String(error.code));

const isRefusal = (error: unknown): boolean => error instanceof Error && error.name === "AuthorizationError";

const lacksEncryption = (error: unknown): boolean => error instanceof Error && error.message.includes("does not support 'tls'");

/** To try again would not help. */
export const isHopeless = (error: unknown): boolean => isRefusal(error) || isMistrust(error) || lacksEncryption(error);

/** What whoever runs this can do about a connection that failed. */
export const remedyFor = (error: unknown): string => {
  if (error instanceof KeyFileFailed) return "name the folder that `quiesce keys` made with --keys, or files with --nkey and --tls-ca";
  if (isRefusal(error)) return "it does not let us in: name this server's keys with --keys or --nkey, or user and password in --nats";
  if (isMistrust(error)) return "it is not known to be who it says: name the authority that vouches for it with --keys or --tls-ca";
  if (lacksEncryption(error)) return "it does not encrypt, and tls:// or keys ask for that: give it a certificate (quiesce keys)";
  return "start a server there, give another address with --nats, or leave --nats out to have one started for the run";
};
