// Floor of a live round: one process broadcasts, each host process answers with one message, and the last answer starts the next round.
//
// It knows nothing of CPUs but the size of their acks: `--bytes-per-cpu 9` is a batch as typed columns (cpu 4, incarnation 4, report 1).
import { parseArgs } from "node:util";
import { pack, unpack } from "msgpackr";
import { connect, type NatsConnection } from "nats";
import { startHosts } from "./hosts.ts";
import { startServer } from "./server.ts";

/** Round trip times in µs, ascending, of all rounds after the first `warmup`. */
const measure = (nc: NatsConnection, hosts: number, warmup: number, rounds: number): Promise<Float64Array> =>
  new Promise((resolve) => {
    const times = new Float64Array(warmup + rounds);
    let round = 0;
    let acks = 0;
    let begun = 0;
    const broadcast = (): void => {
      acks = 0;
      begun = performance.now();
      nc.publish("floor.round", pack({ term: 1, epoch: 1, round, ask: "prepare" }));
    };
    nc.subscribe("floor.ack", {
      callback: (_, message) => {
        const ack = unpack(message.data) as { readonly round: number };
        if (ack.round !== round || ++acks < hosts) return;
        times[round] = (performance.now() - begun) * 1000;
        if (++round < times.length) broadcast();
        else resolve(times.subarray(warmup).sort());
      },
    });
    broadcast();
  });

const { values } = parseArgs({
  options: {
    cpus: { type: "string", default: "8" },
    hosts: { type: "string", default: "1" },
    rounds: { type: "string", default: "1000" },
    warmup: { type: "string", default: "1000" },
    "bytes-per-cpu": { type: "string", default: "9" },
  },
});
const cpus = Number(values.cpus);
const hosts = Number(values.hosts);
const url = await startServer();
const nc = await connect({ servers: url });
await startHosts(nc, { url, cpus, hosts, bytesPerCpu: Number(values["bytes-per-cpu"]) });
const times = await measure(nc, hosts, Number(values.warmup), Number(values.rounds));
const quantile = (q: number): number => times[Math.floor(q * (times.length - 1))] ?? Number.NaN;
console.log(JSON.stringify({ p50Us: quantile(0.5), p99Us: quantile(0.99) }));
process.exit(0);
