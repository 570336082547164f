// Who may say and hear what: the users of a run on its own NATS server, as data.
import { bucketOf, heardBy, inboxOf, type Speaker, subjectsOf, userOf } from "../bus/subjects.ts";

/** A user of the server: what it may publish and subscribe to, as subjects. */
export interface Rights {
  readonly user: string;
  readonly publish: readonly string[];
  readonly subscribe: readonly string[];
  /** What of that it may not publish all the same. */
  readonly never?: readonly string[];
  /** It answers requests of others, wherever they want the answer. */
  readonly answers?: boolean;
}

const publishedBy = (run: string, { role, number }: Speaker): readonly string[] => {
  const subjects = subjectsOf(run);
  const { stream, subject } = bucketOf(run);
  switch (role) {
    case "host":
      return [subjects.answers(number), subjects.told(number, "*")];
    case "coordinator":
      return [subjects.asks("*"), subjects.asksTo("*", "*"), subject, `$JS.API.DIRECT.GET.${stream}.${subject}`];
    case "recorder":
    case "viewer":
      return [];
    case "driver":
      return [`$JS.API.STREAM.CREATE.${stream}`, `$JS.API.STREAM.DELETE.${stream}`, subjects.view];
  }
};

/** Only coordinators and the driver make requests, and so only they are answered. */
const inboxes = (who: Speaker): readonly string[] => (who.role === "driver" || who.role === "coordinator" ? [`${inboxOf(who)}.>`] : []);

export const rightsOf = (run: string, who: Speaker): Rights => ({
  user: userOf(who),
  publish: publishedBy(run, who),
  subscribe: [...heardBy(run, who), ...inboxes(who)],
});

/** Everybody who may connect to the server of a run with this many hosts. */
export const speakersOf = (hosts: number): readonly Speaker[] => [
  { role: "driver", number: 0 },
  { role: "recorder", number: 0 },
  { role: "viewer", number: 0 },
  { role: "coordinator", number: 0 },
  ...Array.from({ length: hosts }, (_, number): Speaker => ({ role: "host", number })),
];
