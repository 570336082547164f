// Runs once before all tests: finds or installs a NATS server, so that test files running side by side do not each try to.
import { EnvironmentMissing, findNatsServer } from "../../infra/bootstrap/natsServer.ts";

const log = (line: string) => process.stderr.write(`${line}\n`);

/** Tests that need a server say themselves that there is none; all others must run nevertheless. */
export default async function provideNatsServer(): Promise<void> {
  try {
    const server = await findNatsServer(process.env, log);
    if (server.kind === "binary") process.env.QUIESCE_NATS_SERVER = server.path;
  } catch (error) {
    if (!(error instanceof EnvironmentMissing)) throw error;
    log(error.message);
  }
}
