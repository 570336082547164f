// Floor of a message: a PING to the server and its answer, one after the other, and what the server needs for a message to nobody.
import { parseArgs } from "node:util";
import { connect, type NatsConnection } from "nats";
import { startServer } from "./server.ts";

/** Round trips in µs, ascending. */
const pings = async (nc: NatsConnection, warmup: number, count: number): Promise<Float64Array> => {
  const times = new Float64Array(warmup + count);
  for (let i = 0; i < times.length; i++) {
    const begun = performance.now();
    await nc.flush();
    times[i] = (performance.now() - begun) * 1000;
  }
  return times.subarray(warmup).sort();
};

/** µs for each of many messages at once: the server takes them as fast as it can, and the client's own part is less than its. */
const messageUs = async (nc: NatsConnection, count: number): Promise<number> => {
  const payload = new Uint8Array(64);
  const begun = performance.now();
  for (let i = 0; i < count; i++) nc.publish("floor.nobody", payload);
  await nc.flush();
  return ((performance.now() - begun) * 1000) / count;
};

const { values } = parseArgs({ options: { pings: { type: "string", default: "3000" }, warmup: { type: "string", default: "2000" } } });
const nc = await connect({ servers: await startServer() });
const times = await pings(nc, Number(values.warmup), Number(values.pings));
await messageUs(nc, 100_000);
console.log(JSON.stringify({ p50Us: times[times.length >> 1] ?? Number.NaN, messageUs: await messageUs(nc, 100_000) }));
process.exit(0);
