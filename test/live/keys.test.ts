// A server that runs share, with the keys that `quiesce keys` makes: who is let in, and what each may say there.
import { execFile } from "node:child_process";
import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { gunzipSync } from "node:zlib";
import { assert, describe, it } from "@effect/vitest";
import * as Effect from "effect/Effect";
import { JournalReader } from "../../shared/journal/decode.ts";
import { withFiles } from "../../shared/live/bus/address.ts";
import { seal, unseal } from "../../shared/live/bus/codec.ts";
import { readIncoming } from "../../shared/live/bus/reading.ts";
import { subjectsOf } from "../../shared/live/bus/subjects.ts";
import { startGuarded } from "../../shared/live/server/guarded.ts";
import { encodeAnswers } from "../../shared/protocol/wire/answers.ts";
import type { Summary } from "../../shared/report/summary.ts";
import { isAskFor, main } from "./joinedRun.ts";
import { makeKeys, sharedServer } from "./keyedServer.ts";
import { signal } from "./liveRun.ts";
import { connectTo, coordinator, directory, driver, executable, host, portIn, recorder, viewer } from "./onServer.ts";

const clearVote = (cpu: number): Uint8Array =>
  seal(encodeAnswers(1, [{ kind: "ack", term: 1, epoch: 1, round: 3, cpus: [cpu, cpu], incarnation: 1, report: { kind: "clear" } }]));

describe("keys", () => {
  it.live("are for their owner's eyes only, one for each, and are never overwritten without being told", () =>
    Effect.gen(function* () {
      const folder = join(yield* directory, "keys");
      assert.include(makeKeys(folder, "--name", "nats.example.org", "--name", "10.0.0.7"), "nats.example.org, 10.0.0.7");
      assert.strictEqual(statSync(folder).mode & 0o777, 0o700);
      const files = readdirSync(folder);
      const hosts = ["host-0", "host-1", "host-2", "host-3"];
      const users = ["driver", "recorder", "viewer", "coordinator", "member", "worker", "operator", ...hosts];
      assert.sameMembers(files, ["ca.pem", "server.pem", "server.key", "nats.conf", ...users.map((user) => `${user}.nk`)]);
      for (const name of files) assert.strictEqual(statSync(join(folder, name)).mode & 0o777, 0o600, name);
      const seeds = users.map((user) => readFileSync(join(folder, `${user}.nk`), "utf8"));
      assert.strictEqual(new Set(seeds).size, users.length);
      const config = readFileSync(join(folder, "nats.conf"), "utf8");
      for (const seed of seeds) assert.notInclude(config, seed.trim());
      assert.throws(() => makeKeys(folder), /has keys already/);
      assert.strictEqual(readFileSync(join(folder, "driver.nk"), "utf8"), seeds[0]);
      makeKeys(folder, "--replace");
      assert.notStrictEqual(readFileSync(join(folder, "driver.nk"), "utf8"), seeds[0]);
      chmodSync(folder, 0o755);
      assert.throws(() => makeKeys(folder, "--replace"), /others may look into/);
    }),
  );

  it.live("carry a run over TLS, in which wrong credentials, a forged ack and a viewer who speaks are refused and journalled", () =>
    Effect.gen(function* () {
      const { folder, url } = yield* sharedServer;
      const keyed = withFiles(url, { keys: folder });
      const out = yield* directory;
      const { bus } = yield* connectTo(keyed, recorder);
      const held = Promise.withResolvers<string>();
      bus.subscribe("quiesce.*.coordinator.*.hosts", (subject, bytes) => {
        const incoming = readIncoming(unseal, { cpus: 3, hosts: 3 }, subject, bytes);
        if (typeof incoming !== "string" && isAskFor(incoming, "disable-irq")) held.resolve(subject.split(".")[1] ?? "");
        return undefined;
      });
      yield* Effect.promise(() => bus.flush());
      const flags = ["--cpus", "3", "--hosts", "3", "--seed", "7", "--journal", "full", "--json", "--quiet", "--out", out];
      const hold = ["--fault", "pause cpu 2 at disable-irq for 2s"];
      const running = promisify(execFile)(process.execPath, [main, "run", "--nats", url, "--keys", folder, ...flags, ...hold]);
      const run = yield* Effect.promise(() => Promise.race([held.promise, running.then(({ stderr }) => Promise.reject(stderr))]));
      // The stop stays open for as long as we need: nobody else can say what CPU 2 is waited for.
      signal(run, "host-2", "SIGSTOP");
      const { answers } = subjectsOf(run);
      const ca = join(folder, "ca.pem");
      yield* Effect.flip(connectTo(withFiles(url, { ca }), host(2)));
      const { bus: asHost } = yield* connectTo(keyed, host(1));
      const { bus: asViewer } = yield* connectTo(keyed, viewer);
      asHost.publish(answers(2), clearVote(2));
      asHost.publish(answers(1), clearVote(2));
      asHost.publish("$KV.quiesce-other.register", clearVote(2));
      asViewer.publish(answers(2), clearVote(2));
      asViewer.publish(`$JS.API.STREAM.DELETE.KV_quiesce-${run}`, new Uint8Array());
      yield* Effect.promise(() => Promise.all([asHost.flush(), asViewer.flush()]));
      signal(run, "host-2", "SIGCONT");
      const { stdout } = yield* Effect.promise(() => running);
      const summary = JSON.parse(stdout) as Summary;
      assert.strictEqual(summary.verdict, "valid");
      const byServer = { by: "the NATS server", why: "not permitted", times: 1 };
      const expected = [
        { by: "the NATS server", who: "a stranger", what: "a connection", why: "no user's password or key", times: 1 },
        { ...byServer, who: "host-1", what: `to publish on ${answers(2)}` },
        { ...byServer, who: "viewer", what: `to publish on ${answers(2)}` },
        { ...byServer, who: "viewer", what: `to publish on $JS.API.STREAM.DELETE.KV_quiesce-${run}` },
        { by: "coordinator-0", who: "host-1", what: `a message on ${answers(1)}`, why: "speaks for CPUs that are not its own", times: 1 },
      ];
      assert.sameDeepMembers([...(summary.refusals ?? [])], expected);
      assert.deepInclude(summary.wire, { refused: 1, denied: 4 });
      const journalled: object[] = [];
      const reader = new JournalReader("journal", (line) => {
        if (line.is === "note" && line.note.note === "refused") journalled.push(line.note);
      });
      reader.push(gunzipSync(readFileSync(join(out, run, "journal.ndjson.gz"))));
      assert.isTrue(reader.finish().ended);
      assert.deepStrictEqual(
        journalled,
        (summary.refusals ?? []).map((one) => ({ note: "refused", ...one })),
      );
    }),
  );

  it.live("are wanted of everybody, and the server shows its own: each lack is one line that says what to do", () =>
    Effect.gen(function* () {
      const { folder, url } = yield* sharedServer;
      const ca = join(folder, "ca.pem");
      const failure = (address: string, who = driver) =>
        Effect.map(Effect.flip(connectTo(address, who)), (error) => {
          assert.deepInclude(error, { _tag: "NatsUnreachable" });
          const { message } = error as Error;
          assert.notInclude(message, "\n");
          return message;
        });
      assert.match(yield* failure(withFiles(url, { ca })), /does not let us in: name this server's keys with --keys/);
      assert.match(yield* failure(withFiles(url, { keys: folder }), host(9)), /there is no file \S+host-9\.nk/);
      // Neither a guess nor the keys of another server.
      const other = join(yield* directory, "keys");
      makeKeys(other);
      assert.match(yield* failure(withFiles(url, { ca, nkey: join(other, "driver.nk") })), /does not let us in/);
      assert.match(yield* failure(withFiles(url, { keys: other })), /not known to be who it says/);
      assert.match(yield* failure(url.replace("tls:", "nats:")), /not known to be who it says: name the authority/);
      // A seed that everybody can read is none.
      const loose = join(folder, "loose.nk");
      writeFileSync(loose, readFileSync(join(folder, "driver.nk")), { mode: 0o644 });
      assert.match(yield* failure(withFiles(url, { ca, nkey: loose })), /everybody can read \S+loose\.nk/);
      assert.match(yield* failure(withFiles(url, { ca, nkey: ca })), /holds no seed of a user|everybody can read/);
    }),
  );

  it.live("are not shown to a server that does not encrypt", () =>
    Effect.gen(function* () {
      const path = yield* executable;
      const ports = yield* directory;
      const server = yield* Effect.acquireRelease(
        Effect.promise(() => startGuarded(path, ["-a", "127.0.0.1", "-p", "-1", "--ports_file_dir", ports])),
        (server) => Effect.promise(() => server.stop(1_000)),
      );
      const failure = yield* Effect.flip(connectTo(`tls://127.0.0.1:${yield* portIn(ports, server.pid)}`, coordinator));
      assert.match(String(failure), /it does not encrypt, and tls:\/\/ or keys ask for that/);
    }),
  );
});
