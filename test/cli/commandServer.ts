// A process that carries out one `quiesce` command after the other: for tests of commands to which it is all one in which process they are.
import { command } from "../../services/cli/command.ts";
import type { Asked, Finished } from "./quiesce.ts";

/** Takes what is written meanwhile for its own. */
const listening = (stream: NodeJS.WriteStream): (() => string) => {
  const chunks: Uint8Array[] = [];
  const write = stream.write;
  stream.write = (chunk: Uint8Array | string) => {
    chunks.push(typeof chunk === "string" ? Buffer.from(chunk) : chunk);
    return true;
  };
  return () => {
    stream.write = write;
    return Buffer.concat(chunks).toString("utf8");
  };
};

const carryOut = async ({ cwd, args, env }: Asked): Promise<Finished> => {
  process.chdir(cwd);
  Object.assign(process.env, env);
  const [stdout, stderr] = [listening(process.stdout), listening(process.stderr)];
  let code = 0;
  try {
    await command(args, (told) => {
      code = told;
    });
  } finally {
    for (const name of Object.keys(env)) delete process.env[name];
  }
  return { code, stdout: stdout(), stderr: stderr() };
};

let last: Promise<void> = Promise.resolve();
process.on("message", (asked: Asked) => {
  last = last.then(async () => {
    process.send?.({ asked: asked.number, finished: await carryOut(asked) });
  });
});
process.on("disconnect", () => process.exit());
