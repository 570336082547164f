// Collects the journals of a run that is spread over hosts: from its stream into a file for each part.
//
// A piece says where in its part it begins, so it makes no difference how often it comes: whoever goes on after an interruption writes
// the same bytes to the same place. A piece that never came leaves zeros, which no reader of journals takes for a line.
import { closeSync, constants, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { JsMsg } from "@nats-io/jetstream";
import { follow } from "../../shared/live/membership/follow.ts";
import { insist, journalStream, type Store } from "../../shared/live/membership/store.ts";
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

/** All that the stream has by now; gives the files of the parts. */
export const collectAll = async (store: Store, directory: string): Promise<readonly string[]> => {
  const stream = journalStream(store.run);
  const { state } = await insist("tell how much of the journals it has", () => store.manager.streams.info(stream));
  if (state.messages > 0) {
    const { promise, resolve } = Promise.withResolvers<void>();
    const following = follow(store, stream, undefined, (msg) => {
      keepPiece(directory, msg);
      if (msg.seq >= state.last_seq) resolve();
    });
    await promise;
    following.stop();
  }
  return partFilesIn(directory);
};
