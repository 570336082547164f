// A NATS server that many runs share: who may say and hear what in any of them, and its configuration with keys and TLS, as text.
import { registerLimits } from "../bus/register.ts";
import { clockSubject, inboxOf, journalSubject, journalsSubject, ordersSubject, reportsSubject, type Speaker } from "../bus/subjects.ts";
import { quoted, serverLimits, userText } from "./config.ts";
import { type Rights, rightsOf, speakersOf } from "./permissions.ts";

/** Bytes of files that JetStream may use for the registers, queues and journals of all runs together. */
const fileBytes = 256 * registerLimits.bucketBytes;

/** Bytes of its log, after which it begins another and keeps this one beside it. */
const logBytes = 64 << 20;

/** A name of a run is only a part of some subjects, for which the server has no pattern: there any word may stand. */
const ofAnyRun = (subject: string): string =>
  subject
    .split(".")
    .map((part) => (part.includes("*") ? "*" : part))
    .join(".");

const api = (...calls: readonly string[]): readonly string[] => calls.map((call) => `$JS.API.${call}`);

/** A durable consumer, made, asked, confirmed and removed. */
const consumer = (stream: string, name: string): readonly string[] => [
  ...api(
    `CONSUMER.CREATE.${stream}.${name}`,
    `CONSUMER.CREATE.${stream}.${name}.>`,
    `CONSUMER.DURABLE.CREATE.${stream}.${name}`,
    `CONSUMER.INFO.${stream}.${name}`,
    `CONSUMER.MSG.NEXT.${stream}.${name}`,
    `CONSUMER.DELETE.${stream}.${name}`,
  ),
  `$JS.ACK.${stream}.${name}.>`,
];

/** Durable consumers of one stream, made, asked and confirmed. */
const consuming = (stream: string): readonly string[] => [
  ...api(
    `CONSUMER.CREATE.${stream}.>`,
    `CONSUMER.CREATE.${stream}`,
    `CONSUMER.DURABLE.CREATE.${stream}.*`,
    `CONSUMER.INFO.${stream}.*`,
    `CONSUMER.MSG.NEXT.${stream}.*`,
  ),
  `$JS.ACK.${stream}.>`,
];

const queueStreams: readonly string[] = ["quiesce-work", "quiesce-results"];

const queueMade = [...api("INFO"), ...queueStreams.flatMap((stream) => api(`STREAM.CREATE.${stream}`, `STREAM.INFO.${stream}`))];

/**
 * What a key of a run's bucket is now, of the copy that answers first: the subject names the key, and so a right can. Who leads the
 * copies is asked by a stream's name alone, which has the run's in it and so no pattern.
 */
const key = (name: string): readonly string[] => api(`DIRECT.GET.*.$KV.*.${name}`);

const leader = api("STREAM.MSG.GET.*");

/** Reading what is said on these subjects, by a consumer of one's own that has a name nobody can guess. */
const hearing = (...subjects: readonly string[]): readonly string[] =>
  api(...subjects.map((subject) => `CONSUMER.CREATE.*.*.${subject}`), "CONSUMER.MSG.NEXT.*.*");

/** The queues of sweeps are streams as well, and theirs alone who take work from them; and a run's recorder has a consumer of its own. */
const neverBut = (own: "recorder" | null): readonly string[] => [
  ...queueStreams.flatMap((stream) => [
    ...api(
      `STREAM.MSG.GET.${stream}`,
      `CONSUMER.CREATE.${stream}.>`,
      `CONSUMER.DURABLE.CREATE.${stream}.*`,
      `CONSUMER.DELETE.${stream}.*`,
      `CONSUMER.MSG.NEXT.${stream}.*`,
    ),
    `$JS.ACK.${stream}.>`,
  ]),
  ...(own === "recorder" ? [] : api("CONSUMER.CREATE.*.recorder.>", "CONSUMER.MSG.NEXT.*.recorder")),
];

/** What joining a run takes beside that: a lease on a range of CPUs, the driver's time, and a place for reports. */
const joining = (host: number | "*"): readonly string[] => [
  ...api("STREAM.INFO.*"),
  ...key("run"),
  ...key(`host.${host}`),
  ...hearing(ordersSubject("*", host)),
  `$KV.*.host.${host}`,
  reportsSubject("*", host),
  clockSubject("*"),
];

/** What a driver needs of the queue of a sweep: to feed it, and to remove what is left of it. */
const feeding: readonly string[] = [
  ...queueMade,
  ...consuming("quiesce-results"),
  ...api("CONSUMER.CREATE.quiesce-work.>", "CONSUMER.CREATE.quiesce-work", "CONSUMER.DURABLE.CREATE.quiesce-work.*"),
  ...api("CONSUMER.INFO.quiesce-work.*", "CONSUMER.DELETE.quiesce-results.*"),
  ...queueStreams.flatMap((stream) => api(`STREAM.MSG.GET.${stream}`, `STREAM.MSG.DELETE.${stream}`)),
  "quiesce.work.>",
  "quiesce.worker.health",
];

/** What of any run a process may publish beside what it may in a run with a server of its own. */
const further = ({ role, number }: Speaker): readonly string[] => {
  switch (role) {
    case "driver":
      return [
        ...feeding,
        // Hosts may join its run, and another driver may stand by.
        ...api("STREAM.INFO.*", "CONSUMER.INFO.*.recorder"),
        ...leader,
        ...hearing(reportsSubject("*", "*"), journalsSubject("*")),
        "$KV.*.>",
        ordersSubject("*", "*"),
      ];
    case "coordinator":
      return [...leader, journalSubject("*", "coordinator", "*")];
    case "host":
      return [...joining(number), journalSubject("*", `host-${number}`, "*")];
    case "recorder":
      return [...api("STREAM.INFO.*"), ...leader, ...consumer("*", "recorder")];
    case "viewer":
      return [];
  }
};

const worker: Rights = {
  user: "worker",
  publish: [...queueMade, ...consuming("quiesce-work"), "quiesce.result.>"],
  subscribe: ["_INBOX.worker.>", "quiesce.worker.health"],
  answers: true,
};

/** Whoever looks after the server: sees everything, and may remove what runs have left there, but says nothing in any. */
const operator: Rights = {
  user: "operator",
  publish: ["$JS.API.>", "quiesce.worker.health"],
  subscribe: ["quiesce.>", "$JS.EVENT.>", "_INBOX.operator.>"],
};

/** Whoever asks is answered; the driver of a run is also asked, for its time; and who keeps journals hears them as they are said. */
const answeredAt = (who: Speaker): readonly string[] => {
  const inbox = further(who).length > 0 ? [`${inboxOf(who)}.>`] : [];
  if (who.role === "driver") return [...inbox, clockSubject("*"), journalsSubject("*")];
  return who.role === "recorder" ? [...inbox, journalsSubject("*")] : inbox;
};

/** A host that joins before it knows which one it will be; what it says then is said with the key of that one. */
const member: Rights = { user: "member", publish: joining("*"), never: neverBut(null), subscribe: ["_INBOX.member.>"] };

const rightsInAnyRun = (who: Speaker): Rights => {
  const { user, publish, subscribe } = rightsOf("*", who);
  return {
    user,
    publish: [...new Set([...publish.map(ofAnyRun), ...further(who)])],
    subscribe: [...new Set([...subscribe.map(ofAnyRun), ...answeredAt(who)])],
    ...(who.role === "driver"
      ? { answers: true }
      : further(who).length > 0 && { never: neverBut(who.role === "recorder" ? "recorder" : null) }),
  };
};

/** Everybody who may connect to a server that runs of up to so many hosts share. */
export const sharedUsers = (hosts: number): readonly Rights[] => [...speakersOf(hosts).map(rightsInAnyRun), member, worker, operator];

export interface SharedConfig {
  /** `HOST:PORT` */
  readonly listen: string;
  /** Where the server will find the folder of keys. */
  readonly folder: string;
  /** Where it keeps what has to outlive it. */
  readonly store: string;
  /** Null where it is told elsewhere, as in containers. */
  readonly log: string | null;
  readonly users: ReadonlyArray<Rights & { readonly nkey: string }>;
}

/** It holds no secret: of keys it has the public halves, and the names of files. */
export const sharedConfigText = ({ listen, folder, store, log, users }: SharedConfig): string =>
  [
    "# A NATS server that runs of quiesce share, written by `quiesce keys`: nats-server -c nats.conf",
    "# Everybody proves who they are with a key of their own, and may say only what is theirs to say. Give it an account, and so a",
    "# server, of its own: whoever drives runs may make and remove streams of any name.",
    `listen: ${quoted(listen)}`,
    ...(log === null ? [] : [`log_file: ${quoted(log)}`, `logfile_size_limit: ${logBytes}`]),
    "tls: {",
    `  cert_file: ${quoted(`${folder}/server.pem`)}`,
    `  key_file: ${quoted(`${folder}/server.key`)}`,
    "  timeout: 5",
    "}",
    `max_payload: ${serverLimits.payloadBytes}`,
    `max_pending: ${serverLimits.pendingBytes}`,
    `max_connections: ${8 * (users.length + serverLimits.connections)}`,
    "jetstream: {",
    `  store_dir: ${quoted(store)}`,
    `  max_memory_store: ${serverLimits.memoryBytes}`,
    `  max_file_store: ${fileBytes}`,
    "}",
    "authorization: {",
    "  timeout: 5",
    "  users: [",
    ...users.map(({ nkey, ...rights }) => `    # ${rights.user}\n${userText(`nkey: ${nkey}`, rights)}`),
    "  ]",
    "}",
    "",
  ].join("\n");
