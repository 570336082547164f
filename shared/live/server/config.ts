// The configuration of a run's own NATS server, as text.
import { registerLimits } from "../bus/register.ts";
import type { Rights } from "./permissions.ts";

export const serverLimits = {
  /** Bytes of a message with its headers: a little more than a frame may have. */
  payloadBytes: 1 << 20,
  /** Bytes that may wait for a connection that reads too slowly, before it is cut off. */
  pendingBytes: 64 << 20,
  /** A connection that takes nothing for so long is cut off, too: whoever speaks to it waits meanwhile. */
  writeSeconds: 2,
  /** Connections beside one per host: driver, recorder, lives of coordinators, dashboards. */
  connections: 64,
  /** Bytes of memory and of files that JetStream may use. */
  memoryBytes: 16 << 20,
  fileBytes: 4 * registerLimits.bucketBytes,
} as const;

/** Where browsers join the run, over WebSocket on the loopback. */
export interface WebSocketConfig {
  /** -1 lets the server choose a free one. */
  readonly port: number;
  /** Pages that may connect, as a browser names where they are from: `http://127.0.0.1:8080`. */
  readonly origins: readonly string[];
}

export interface ServerConfig {
  /** -1 lets the server choose a free one. */
  readonly port: number;
  /** Null where no browser is to join. */
  readonly webSocket: WebSocketConfig | null;
  /** Of this run alone: the store, the log, and the file that tells the port. */
  readonly directory: string;
  readonly users: ReadonlyArray<Rights & { readonly password: string }>;
}

/** Within quotes the server takes a text as it is, but for these. */
export const quoted = (text: string): string => `"${text.replace(/[\\"]/g, "\\$&")}"`;

const list = (texts: readonly string[]): string => `[${texts.map(quoted).join(", ")}]`;

/** An empty list of what is allowed would allow everything. */
const only = (subjects: readonly string[], never: readonly string[] = []): string => {
  if (subjects.length === 0) return '{ deny: ">" }';
  return never.length === 0 ? `{ allow: ${list(subjects)} }` : `{ allow: ${list(subjects)}, deny: ${list(never)} }`;
};

/** One user: `proof` is how it shows who it is. Who answers requests may do so where the request says. */
export const userText = (proof: string, { publish, never = [], subscribe, answers = false }: Rights): string => {
  const responses = answers ? ", allow_responses: true" : "";
  return `    { ${proof}, permissions: { publish: ${only(publish, never)}, subscribe: ${only(subscribe)}${responses} } }`;
};

const passwordUser = ({ password, ...rights }: ServerConfig["users"][number]): string =>
  userText(`user: ${quoted(rights.user)}, password: ${quoted(password)}`, rights);

const webSocketText = ({ port, origins }: WebSocketConfig): string =>
  `websocket: { listen: "127.0.0.1:${port}", no_tls: true, allowed_origins: ${list(origins)} }`;

export const configText = ({ port, webSocket, directory, users }: ServerConfig): string =>
  [
    "# The NATS server of one run of quiesce: on this machine only, for the processes of that run only.",
    `listen: "127.0.0.1:${port}"`,
    `ports_file_dir: ${quoted(directory)}`,
    `log_file: ${quoted(`${directory}/nats.log`)}`,
    `max_payload: ${serverLimits.payloadBytes}`,
    `max_pending: ${serverLimits.pendingBytes}`,
    `write_deadline: "${serverLimits.writeSeconds}s"`,
    `max_connections: ${users.length + serverLimits.connections}`,
    ...(webSocket === null ? [] : [webSocketText(webSocket)]),
    "jetstream: {",
    `  store_dir: ${quoted(`${directory}/jetstream`)}`,
    `  max_memory_store: ${serverLimits.memoryBytes}`,
    `  max_file_store: ${serverLimits.fileBytes}`,
    "}",
    "authorization: {",
    "  users: [",
    ...users.map(passwordUser),
    "  ]",
    "}",
    "",
  ].join("\n");
