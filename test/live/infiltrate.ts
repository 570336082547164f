// Connections of strangers to a run's own server, with the passwords of those whom they speak for.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Bus, openBus } from "../../shared/live/bus/bus.ts";
import { inboxOf, type Speaker, userOf } from "../../shared/live/bus/subjects.ts";
import type { Watch } from "./liveRun.ts";

/** A connection of somebody of the run, with the password and the port that its server was given. */
export const infiltrate = ({ directory, run }: Watch, who: Speaker): Promise<Bus> => {
  const config = readFileSync(join(directory, "nats", "nats.conf"), "utf8");
  const password = new RegExp(`user: "${userOf(who)}", password: "([^"]+)"`).exec(config)?.[1];
  const log = readFileSync(join(directory, "nats", "nats.log"), "utf8");
  const port = /Listening for client connections on 127\.0\.0\.1:(\d+)/.exec(log)?.[1];
  const url = `nats://${userOf(who)}:${password}@127.0.0.1:${port}`;
  return openBus({ url, name: `stranger in ${run}`, inbox: inboxOf(who), onEvent: () => undefined });
};
