// Collects the journals of a run that is spread over hosts: from its stream into a file for each part.
//
// A piece says where in its part it begins, so it makes no difference how often it comes: whoever goes on after an interruption writes
// the same bytes to the same place. A piece that never came leaves zeros, which no reader of journals takes for a line.
import { closeSync, constants, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { JsMsg } from "@nats-io/jetstream";
import { TimeoutError } from "nats";
import { journalStream, type Store } from "../../shared/live/membership/store.ts";
import { partFilesIn } from "./parts.ts";

/** The name of a part and where in it the piece begins; undefined of anything that is not a piece. */
const placeOf = ({ headers, subject }: JsMsg): readonly [part: string, from: number] | undefined => {
  const [, part, from] = /^([a-z]+-\d{1,9}(?:-\d{1,9})?)@(\d{1,15})$/.exec(headers?.get("Nats-Msg-Id") ?? "") ?? [];
  // The server lets a process publish on its own subject only: so nobody writes into another's part.
  return part !== undefined && from !== undefined && subject.endsWith(`.${part}`) ? [part, Number(from)] : undefined;
};

/** Bytes that a part may have: beyond it somebody lies about where a piece begins. */
const partBytes = 1 << 30;

/** Neither truncates what is there nor appends to it. */
const flags = constants.O_WRONLY | constants.O_CREAT;

/** False of what is no piece of a journal. */
export const keepPiece = (directory: string, msg: JsMsg): boolean => {
  const place = placeOf(msg);
  if (place === undefined || place[1] + msg.data.length > partBytes) return false;
  const file = openSync(join(directory, `${place[0]}.ndjson`), flags, 0o644);
  for (let done = 0; done < msg.data.length; ) done += writeSync(file, msg.data, done, msg.data.length - done, place[1] + done);
  closeSync(file);
  return true;
};

/** A server that dies leaves its questions without an answer, until the others have chosen who gives it. */
const attempts = 6;

/** All that the stream has by now; gives the files of the parts. */
export const collectAll = async (store: Store, directory: string): Promise<readonly string[]> => {
  for (let attempt = 1; ; attempt++) {
    try {
      return await collectOnce(store, directory);
    } catch (error) {
      if (!(error instanceof TimeoutError) || attempt === attempts) throw error;
    }
  }
};

const collectOnce = async ({ client, manager, run }: Store, directory: string): Promise<readonly string[]> => {
  const { state } = await manager.streams.info(journalStream(run));
  if (state.messages > 0) {
    const consumer = await client.consumers.get(journalStream(run));
    const messages = await consumer.consume({ expires: 5_000, idle_heartbeat: 1_000 });
    for await (const msg of messages) {
      keepPiece(directory, msg);
      if (msg.seq >= state.last_seq) break;
    }
    messages.stop();
  }
  return partFilesIn(directory);
};
