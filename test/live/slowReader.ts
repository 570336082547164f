// A host that listens, for a test that makes it stand still: says what it has heard and how often it was connected again, whenever asked.
import { openBus } from "../../shared/live/bus/bus.ts";
import { inboxOf, subjectsOf } from "../../shared/live/bus/subjects.ts";
import { host, run } from "./onServer.ts";

const bus = await openBus({ url: process.argv[2] as string, name: "slow", inbox: inboxOf(host(1)), onEvent: () => undefined });
let last = 0;
bus.subscribe(subjectsOf(run).told(0, 1), (_, bytes) => {
  last = bytes.length;
  return undefined;
});
await bus.flush();
const tell = (): void => {
  process.stdout.write(`${JSON.stringify({ last, ...bus.counts })}\n`);
};
tell();
process.stdin.on("data", tell);
process.stdin.on("end", () => process.exit(0));
