// `quiesce serve`: the page on this machine, until somebody ends it.
import { openPage } from "../serve/page.ts";
import { openServer, type Served } from "../serve/server.ts";
import { openSteering } from "../serve/steering.ts";
import { tokenFrom } from "../serve/token.ts";
import { exitCodes } from "./exit.ts";
import { interruptible } from "./interrupt.ts";
import type { Flags } from "./settings/collect.ts";
import { reading } from "./settings/reading.ts";
import { count, text } from "./settings/values.ts";

export interface ServeRequest {
  readonly flags: Flags;
  readonly scenario: string | undefined;
  readonly port: string | undefined;
  readonly host: string | undefined;
}

const usualPort = 8080;
const usualHost = "127.0.0.1";

const port = count(0, 65_535);

const say = (line: string): boolean => process.stderr.write(`${line}\n`);

const untilAborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });

/** Gives the exit code: to be ended is how a server ends. */
export const serve = async ({ flags, scenario, ...request }: ServeRequest): Promise<number> => {
  const host = reading("--host", request.host, text("ADDRESS")) ?? usualHost;
  const token = tokenFrom(process.env);
  let served: Served | undefined;
  const steering = openSteering({ flags, scenario, origins: () => served?.origins ?? [] });
  const page = await openPage(() => say("quiesce serve: bundling the page (once)"));
  const [out = "runs"] = flags.get("out") ?? [];
  served = await openServer({ host, port: reading("--port", request.port, port) ?? usualPort, page, token, out, steering });
  process.stdout.write(`${served.url}/#token=${token}\n`);
  say("quiesce serve: who has this address can start and steer machines; without what is after the # the page only shows. Ctrl-C ends it");
  await interruptible(untilAborted);
  await steering.close();
  await served.close();
  return exitCodes.holds;
};
