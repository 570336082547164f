// A run whose hosts join it over a server with keys: all of it works with each one's rights, and whoever does what is another's is refused.
import { assert, describe, it } from "@effect/vitest";
import * as Effect from "effect/Effect";
import { withFiles } from "../../shared/live/bus/address.ts";
import { bucketOf, clockSubject, journalSubject, ordersSubject, reportsSubject } from "../../shared/live/bus/subjects.ts";
import { askedFor, heardOf, joinedRun, outcomeOf, signalCoordinator } from "./joinedRun.ts";
import { sharedServer } from "./keyedServer.ts";
import { connectTo, host, recorder, viewer } from "./onServer.ts";

describe("hosts that join with keys", () => {
  it.live("carry a run with a recorder beside it, and say nothing for each other", () =>
    Effect.gen(function* () {
      const { folder, url } = yield* sharedServer;
      const keyed = withFiles(url, { keys: folder });
      const joined = yield* joinedRun(keyed);
      const { run } = joined;
      const asked = yield* askedFor(keyed, joined, { cpus: 4, hosts: 2 }, "prepare");
      // One knows which host it is, the other does not.
      const cpus = [joined.cpu(["--index", "1"]), joined.cpu()];
      const machine = ["--cpus", "4", "--hosts", "2", "--seed", "7", "--lease", "30s"];
      const coordinator = joined.coordinator([...machine, "--fault", "pause cpu 0 at prepare for 1s"]);
      const kept = joined.start("recorder", ["--out", `${joined.folder}/kept`]);
      yield* heardOf(kept, "keeps the journals");
      yield* asked;
      // The run stands still for as long as we need.
      signalCoordinator(run, coordinator, "SIGSTOP");
      const { bus: asHost } = yield* connectTo(keyed, host(1));
      const { bus: asRecorder } = yield* connectTo(keyed, recorder);
      const { bus: asViewer } = yield* connectTo(keyed, viewer);
      const none = new Uint8Array();
      const { stream } = bucketOf(run);
      const journals = `quiesce-${run}-journal`;
      const byHost = [
        reportsSubject(run, 0),
        ordersSubject(run, 1),
        journalSubject(run, "host-0", "host-0-1"),
        `$KV.quiesce-${run}.host.0`,
        `$KV.quiesce-${run}.run`,
        `$JS.API.CONSUMER.CREATE.${journals}.spy.${journalSubject(run, "host-0", "*")}`,
        `$JS.API.CONSUMER.DURABLE.CREATE.${journals}.recorder`,
        `$JS.API.CONSUMER.MSG.NEXT.${journals}.recorder`,
        `$JS.ACK.${journals}.recorder.1.1.1.1.0`,
        `$JS.API.STREAM.MSG.GET.${journals}`,
        `$JS.API.DIRECT.GET.${stream}.$KV.quiesce-${run}.register`,
      ];
      const byRecorder = [clockSubject(run), journalSubject(run, "host-0", "host-0-1"), `$JS.API.STREAM.DELETE.${journals}`];
      const byViewer = [reportsSubject(run, 0), `$JS.API.STREAM.MSG.GET.${journals}`];
      const attempts = [
        ...byHost.map((s) => ["host-1", s]),
        ...byRecorder.map((s) => ["recorder", s]),
        ...byViewer.map((s) => ["viewer", s]),
      ];
      for (const subject of byHost) asHost.publish(subject, none);
      for (const subject of byRecorder) asRecorder.publish(subject, none);
      for (const subject of byViewer) asViewer.publish(subject, none);
      yield* Effect.promise(() => Promise.all([asHost.flush(), asRecorder.flush(), asViewer.flush()]));
      // On its own subject, but into the journal of another; and one that is nowhere.
      const forged = (id: string) => asHost.request(journalSubject(run, "host-1", "host-0-1"), none, 2_000, ["Nats-Msg-Id", id]);
      for (const id of ["host-0-1@0@forged", "host-1-1@x"]) assert.isDefined(yield* Effect.promise(() => forged(id)));
      asHost.publish(reportsSubject(run, 1), new TextEncoder().encode('{"report":"died"}'));
      yield* Effect.promise(() => asHost.flush());
      signalCoordinator(run, coordinator, "SIGCONT");
      const { code, summary, said } = yield* outcomeOf(coordinator);
      assert.strictEqual(code, 0, said);
      assert.strictEqual(summary?.verdict, "valid");
      for (const each of [...cpus, kept]) assert.strictEqual(yield* Effect.promise(() => each.ended), 0, each.said());
      // And nobody was refused anything that he needs.
      const refused = (summary?.refusals ?? []).map(({ by, who, what, why }) => [by, who, what, why]);
      assert.sameDeepMembers(refused, [
        ...attempts.map(([who, subject]) => ["the NATS server", who, `to publish on ${subject}`, "not permitted"]),
        ["the driver", "host-1", "a report", "is no report of a host"],
        ["the recorder", "host-1", "a piece of a journal", "belongs to the journal of another"],
        ["the recorder", "host-1", "a piece of a journal", "says not where it belongs"],
      ]);
    }),
  );
});
