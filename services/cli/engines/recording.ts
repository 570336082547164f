// A process of its own that puts the journals of a run together and judges them: large ones are more than whoever runs it should hold.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import type { Judgement } from "../../../shared/oracle/judgement.ts";
import type { RecordOrder } from "../../recorder/record.ts";
import { heapMegabytes } from "./virtual.ts";

const main = fileURLToPath(new URL("../../recorder/main.ts", import.meta.url));

export const askRecorder = async (order: RecordOrder): Promise<Judgement> => {
  // In a session of its own: Ctrl-C at the terminal ends the run, and what happened until then is recorded.
  const recorder = spawn(process.execPath, [`--max-old-space-size=${heapMegabytes}`, main], {
    stdio: ["pipe", "pipe", "inherit"],
    detached: true,
  });
  const ended = once(recorder, "close");
  recorder.stdin.end(JSON.stringify(order));
  const answer = await text(recorder.stdout);
  const [code, signal] = await ended;
  if (code !== 0) throw new Error(`the recorder ended with ${code ?? signal} and without a judgement`);
  return JSON.parse(answer) as Judgement;
};
