// Our own search of the graph of `rendezvous.py`: one trial, its numbers as one line of JSON.
import { parseArgs } from "node:util";
import { search, unlimited } from "../../shared/explore/search/search.ts";
import { rendezvous, safe } from "../peers/rendezvous.ts";

const number = { type: "string", default: "0" } as const;
const { values } = parseArgs({ options: { cpus: number, retries: number, symmetric: number } });

const startedAt = performance.now();
const found = search(rendezvous(Number(values.cpus), Number(values.retries), values.symmetric === "1"), [safe], unlimited);
const seconds = (performance.now() - startedAt) / 1000;
const { states, transitions, bytes } = found;
console.log(JSON.stringify({ states, seconds, millionPerSecond: transitions / seconds / 1e6, bytesPerState: bytes / states }));
