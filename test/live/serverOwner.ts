// A process that starts a NATS server, prints the server's process id and waits to be killed: for server.test.ts.
import * as Effect from "effect/Effect";
import { natsServer } from "../../shared/live/server/server.ts";

const [executable = "", directory = ""] = process.argv.slice(2);

await Effect.runPromise(
  Effect.scoped(
    Effect.gen(function* () {
      const nats = yield* natsServer({ executable, directory, run: "owned", hosts: 1 });
      console.log(nats.pid());
      yield* Effect.never;
    }),
  ),
);
