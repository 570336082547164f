// The subjects of a run: who speaks is part of the subject, so that the server can see to it that nobody speaks as another.
//
// Hosts are addressed by subject and CPUs inside the payload: a server looks subjects up in a cache of 1,024, and beyond that a
// message costs more. Only what CPUs tell CPUs has a subject for each pair of hosts, so that the server can see to both ends; of more than 32
// hosts they outgrow the cache. A subject reads quiesce.RUN.ROLE.NUMBER.TO: quiesce.k3x9.host.2.coordinators is host 2's answers.

/**
 * A process of a run. A coordinator's number is its life; there is one driver, and a recorder and viewers that only listen, number 0.
 * Viewers are pages in browsers: whoever has their password may look, and nothing else.
 */
export interface Speaker {
  readonly role: "coordinator" | "host" | "driver" | "recorder" | "viewer";
  readonly number: number;
}

/** Hosts of a run: each has a subject, a user and a connection. */
export const hostLimit = 4096;

/** What a run may be called: it becomes part of subjects and of a bucket's name. */
export const isRunName = (name: string): boolean => /^[A-Za-z0-9_-]{1,64}$/.test(name);

/** Names one subject; `number` is a process's number or "*" for all. */
type Of = (number: number | "*") => string;

export interface Subjects {
  /** A coordinator to every host; each picks its own CPUs. */
  readonly asks: Of;
  /** A coordinator to one host: what is repeated for few CPUs. */
  readonly asksTo: (coordinator: number | "*", host: number | "*") => string;
  /** A host to every coordinator that lives. */
  readonly answers: Of;
  /** A host to a host: calls between CPUs, and what goes by combiners. */
  readonly told: (from: number | "*", to: number | "*") => string;
  /** The driver to whoever looks on: what is not said on the bus otherwise. */
  readonly view: string;
  /** All of the run. */
  readonly everything: string;
}

export const subjectsOf = (run: string): Subjects => ({
  asks: (coordinator) => `quiesce.${run}.coordinator.${coordinator}.hosts`,
  asksTo: (coordinator, host) => `quiesce.${run}.coordinator.${coordinator}.host.${host}`,
  answers: (host) => `quiesce.${run}.host.${host}.coordinators`,
  told: (from, to) => `quiesce.${run}.host.${from}.host.${to}`,
  view: `quiesce.${run}.view`,
  everything: `quiesce.${run}.>`,
});

const pattern = /^quiesce\.[\w-]+\.(coordinator|host)\.(\d{1,9})\.(hosts|host|coordinators)(?:\.\d{1,9})?$/;

/** Who speaks on a subject, and to whom; undefined where it is none of a run's. */
export const readSubject = (subject: string): { readonly from: Speaker; readonly to: string } | undefined => {
  const match = pattern.exec(subject);
  if (match === null) return undefined;
  return { from: { role: match[1] as Speaker["role"], number: Number(match[2]) }, to: match[3] as string };
};

/** All that a process listens to; nobody else may. */
export const heardBy = (run: string, { role, number }: Speaker): readonly string[] => {
  const subjects = subjectsOf(run);
  switch (role) {
    case "host":
      return [subjects.asks("*"), subjects.asksTo("*", number), subjects.told("*", number)];
    case "coordinator":
      return [subjects.answers("*")];
    case "driver":
      return [];
    case "recorder":
    case "viewer":
      return [subjects.everything];
  }
};

/** The server's name for a process. All lives of a coordinator are one user: a new life must not wait to be given a password. */
export const userOf = ({ role, number }: Speaker): string => (role === "host" ? `host-${number}` : role);

/** Where answers to a process's own requests arrive: below a name that only its user may listen to. */
export const inboxOf = (who: Speaker): string => `_INBOX.${userOf(who)}`;

/** The register's bucket: a JetStream key-value bucket with one key, so that any tool for buckets can show it. */
export const bucketOf = (run: string): { readonly stream: string; readonly subject: string } => ({
  stream: `KV_quiesce-${run}`,
  subject: `$KV.quiesce-${run}.register`,
});

/**
 * Where a run that is spread over hosts keeps its journals, and what its driver and its hosts tell each other: not below the subjects of
 * the simulated machine, which viewers hear.
 */
export const journalSubject = (run: string, user: string, part: string): string => `quiesce-journal.${run}.${user}.${part}`;
export const journalsSubject = (run: string): string => `quiesce-journal.${run}.>`;
export const ordersSubject = (run: string, host: number | "*"): string => `quiesce-member.${run}.orders.${host}`;
export const reportsSubject = (run: string, host: number | "*"): string => `quiesce-member.${run}.reports.${host}`;
export const clockSubject = (run: string): string => `quiesce-member.${run}.clock`;
