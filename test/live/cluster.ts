// A cluster of three NATS servers for a test.
import type { Bus } from "../../shared/live/bus/bus.ts";

const none = new Uint8Array();

export interface ClusterNode {
  readonly name: string;
  readonly folder: string;
  readonly host: string;
  readonly port: number;
  /** The port on which the others find it. */
  readonly own: number;
  /** All of them. */
  readonly routes: readonly string[];
}

export const clusterConfig = ({ name, folder, host, port, own, routes }: ClusterNode): string =>
  [
    `server_name: ${name}`,
    `listen: "${host}:${port}"`,
    `jetstream: { store_dir: "${folder}/store" }`,
    `cluster: { name: lab, listen: "${host}:${own}", routes: [${routes.map((route) => `"nats://${route}"`).join(", ")}] }`,
  ].join("\n");

/** What JetStream answers, once it does so without an error. */
export const insist = async (bus: Bus, subject: string, body = none): Promise<Record<string, unknown>> => {
  for (const until = performance.now() + 30_000; ; ) {
    const reply = await bus.request(subject, body, 500);
    const answer = reply === undefined || reply.status !== 0 ? { error: "none" } : JSON.parse(new TextDecoder().decode(reply.bytes));
    if (answer.error === undefined) return answer;
    if (performance.now() > until) throw new Error(`no answer to ${subject}: ${JSON.stringify(answer)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
};
