// Certificates for a server: an authority made for this one purpose vouches for it, and its key is forgotten at once.
import { isIP } from "node:net";
import { generate } from "selfsigned";

export interface Certificates {
  /** Whom clients believe. */
  readonly ca: string;
  readonly certificate: string;
  readonly key: string;
}

const dayMs = 24 * 3600 * 1000;

/** Clocks of other machines may be behind. */
const skewMs = 3600 * 1000;

const curve = { keyType: "ec", curve: "P-256", algorithm: "sha256" } as const;

const nameOf = (name: string) => (isIP(name) === 0 ? ({ type: 2, value: name } as const) : ({ type: 7, ip: name } as const));

/** For a server of these names and addresses. */
export const certificatesFor = async (names: readonly string[], days: number): Promise<Certificates> => {
  const now = Date.now();
  const lifetime = { notBeforeDate: new Date(now - skewMs), notAfterDate: new Date(now + days * dayMs) };
  const authority = await generate([{ name: "commonName", value: "quiesce keys: authority" }], {
    ...curve,
    ...lifetime,
    extensions: [
      { name: "basicConstraints", cA: true, pathLenConstraint: 0, critical: true },
      { name: "keyUsage", keyCertSign: true, critical: true },
    ],
  });
  const server = await generate([{ name: "commonName", value: "quiesce keys: NATS server" }], {
    ...curve,
    ...lifetime,
    ca: { key: authority.private, cert: authority.cert },
    extensions: [
      { name: "basicConstraints", cA: false, critical: true },
      { name: "keyUsage", digitalSignature: true, critical: true },
      { name: "extKeyUsage", serverAuth: true },
      { name: "subjectAltName", altNames: names.map(nameOf) },
    ],
  });
  return { ca: authority.cert, certificate: server.cert, key: server.private };
};
