// The verb that makes keys.
import * as Command from "effect/cli/Command";
import * as Flag from "effect/cli/Flag";
import { type Finish, given, later, onOff, optionalText } from "../flags.ts";

export const keysVerb = (finish: Finish) =>
  Command.make(
    "keys",
    {
      out: Flag.String("out").pipe(
        Flag.withMetavar("DIR"),
        Flag.withDescription("where they are made: a new folder, or one that only you can look into"),
      ),
      hosts: optionalText("hosts", "COUNT", "host processes of a run that get a key of their own [64]"),
      names: Flag.String("name").pipe(
        Flag.withMetavar("HOST"),
        Flag.withDescription("a name or address by which the server is reached, beside localhost (repeatable) [none]"),
        Flag.atLeast(0),
      ),
      days: optionalText("days", "COUNT", "how long the certificates hold [365]"),
      listen: optionalText("listen", "HOST:PORT", "where the server is to listen [127.0.0.1:4222]"),
      at: optionalText("at", "DIR", "where the server will find the folder, if it runs elsewhere [where it is made]"),
      store: optionalText("store", "DIR", "where the server keeps what has to outlive it [jetstream in that folder]"),
      replace: onOff("replace", "make new keys where there are some: the old ones let nobody in any more"),
    },
    ({ out, names, replace, ...texts }) =>
      later(async () => {
        const { keys } = await import("../keys.ts");
        finish(await keys({ out, names, replace, ...given(texts) }));
      }),
  ).pipe(
    Command.withDescription(
      "Make keys for a NATS server that runs share: a certificate for the server, a seed for each role and host, and a configuration " +
        "that lets each say only what is its own to say",
    ),
    Command.withExamples([
      { command: "quiesce keys --out keys", description: "for this machine" },
      { command: "quiesce keys --out keys --name nats.example.org --listen 0.0.0.0:4222", description: "for others too" },
      { command: "quiesce run --nats tls://localhost:4222 --keys keys", description: "each process of the run takes its own" },
    ]),
  );
