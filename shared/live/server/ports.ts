// The ports that a NATS server says it listens on, in the file that it writes once it does (`ports_file_dir`).
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export interface Ports {
  readonly port: number;
  /** Null where no browser may join. */
  readonly webSocketPort: number | null;
}

const portIn = ([address]: readonly string[] = []): number | null => (address === undefined ? null : Number(new URL(address).port));

/** Of the server with this process id. Undefined as long as its file is not there or not whole: it is made first, and filled after that. */
export const portsOf = (directory: string, pid: number): Ports | undefined => {
  const name = readdirSync(directory).find((file) => file.endsWith(`_${pid}.ports`));
  const text = name === undefined ? "" : readFileSync(join(directory, name), "utf8");
  if (!text.trimEnd().endsWith("}")) return undefined;
  const { nats, websocket } = JSON.parse(text) as { readonly nats?: readonly string[]; readonly websocket?: readonly string[] };
  const port = portIn(nats);
  return port === null ? undefined : { port, webSocketPort: portIn(websocket) };
};
