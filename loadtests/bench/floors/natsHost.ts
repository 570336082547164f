// A bare host process: connects, subscribes once, and answers each broadcast with one message of the size of its CPUs' acks.
import { pack, unpack } from "msgpackr";
import { connect } from "nats";

const [url, host = 0, cpus = 0, bytesPerCpu = 0] = [process.argv[2], ...process.argv.slice(3).map(Number)] as [
  string,
  number?,
  number?,
  number?,
];
const nc = await connect({ servers: url });
const columns = new Uint8Array(cpus * bytesPerCpu);

nc.subscribe("floor.round", {
  callback: (_, message) => {
    const { round } = unpack(message.data) as { readonly round: number };
    nc.publish("floor.ack", pack({ round, host, columns }));
  },
});
// Whoever hears "ready" may broadcast at once, so the server must know of the subscription first.
await nc.flush();
nc.publish("floor.ready");

// The parent holds the other end: however it dies, this process does not outlive it.
process.stdin.once("end", () => process.exit(0)).resume();
