// Floor of a process per CPU: what a bare Node process costs that connects with the same library and subscribes once.
import { parseArgs } from "node:util";
import { connect } from "nats";
import { processCost } from "../processes.ts";
import { startHosts } from "./hosts.ts";
import { startServer } from "./server.ts";

const { values } = parseArgs({ options: { processes: { type: "string", default: "8" } } });
const processes = Number(values.processes);
const url = await startServer();
const nc = await connect({ servers: url });
const pids = await startHosts(nc, { url, cpus: processes, hosts: processes, bytesPerCpu: 0 });
// All at once, because pages that two of them share are private to neither.
const costs = pids.map(processCost).filter((cost) => cost !== undefined);
const mean = (of: "cpuMs" | "privateMb"): number => costs.reduce((sum, cost) => sum + cost[of], 0) / costs.length;
console.log(JSON.stringify({ cpuMs: mean("cpuMs"), privateMb: mean("privateMb") }));
process.exit(0);
