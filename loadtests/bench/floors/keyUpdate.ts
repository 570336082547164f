// Floor of a decision: one JetStream key on disk, changed by compare-and-set, each change asked when the one before is answered.
import { parseArgs } from "node:util";
import { Kvm } from "@nats-io/kv";
import { connect, headers, type NatsConnection } from "nats";
import { startServer } from "./server.ts";

interface Stored {
  readonly seq?: number;
  readonly error?: { readonly description: string };
}

/** Times in µs, ascending. A library call per update would add its own promise and timer: this publishes and reads the answer itself. */
const measure = (nc: NatsConnection, subject: string, warmup: number, updates: number): Promise<Float64Array> =>
  new Promise((resolve, reject) => {
    const record = new Uint8Array(160);
    const times = new Float64Array(warmup + updates);
    let done = 0;
    let begun = 0;
    const update = (revision: number): void => {
      const expected = headers();
      expected.set("Nats-Expected-Last-Subject-Sequence", String(revision));
      begun = performance.now();
      nc.publish(subject, record, { reply: "floor.stored", headers: expected });
    };
    nc.subscribe("floor.stored", {
      callback: (_, message) => {
        times[done] = (performance.now() - begun) * 1000;
        const { seq, error } = message.json<Stored>();
        if (seq === undefined || error !== undefined) return reject(new Error(error?.description ?? "the update was not stored"));
        if (++done < times.length) update(seq);
        else resolve(times.subarray(warmup).sort());
      },
    });
    update(0);
  });

const { values } = parseArgs({ options: { updates: { type: "string", default: "1000" }, warmup: { type: "string", default: "1000" } } });
const nc = await connect({ servers: await startServer() });
await new Kvm(nc).create("floor", { history: 1 });
const times = await measure(nc, "$KV.floor.register", Number(values.warmup), Number(values.updates));
const quantile = (q: number): number => times[Math.floor(q * (times.length - 1))] ?? Number.NaN;
console.log(JSON.stringify({ p50Us: quantile(0.5), p99Us: quantile(0.99) }));
process.exit(0);
