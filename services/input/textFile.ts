// A text file that somebody names, read no further than it may be long: also what has no size, like a device, comes to an end.
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { BadInput } from "../../shared/machine/badInput.ts";

const blockBytes = 1 << 20;

/** At most one byte more than `most`. */
const bytesOf = (file: number, most: number): Buffer => {
  const blocks: Buffer[] = [];
  for (let have = 0; have <= most; ) {
    const block = Buffer.allocUnsafe(Math.min(blockBytes, most + 1 - have));
    const got = readSync(file, block, 0, block.length, null);
    if (got === 0) break;
    blocks.push(block.subarray(0, got));
    have += got;
  }
  return Buffer.concat(blocks);
};

const open = (path: string): number => {
  try {
    return openSync(path, "r");
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new BadInput(path, "", code === "ENOENT" ? "there is no such file" : message);
  }
};

/** Its text, if it has at most so many bytes. */
export const readTextFile = (path: string, most: number): string => {
  const file = open(path);
  try {
    if (fstatSync(file).isDirectory()) throw new BadInput(path, "", "it is a directory");
    const bytes = bytesOf(file, most);
    if (bytes.length > most) throw new BadInput(path, "", `has more than ${most} bytes, and no more are read`);
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    if (error instanceof BadInput) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    throw new BadInput(path, "", code === "ERR_ENCODING_INVALID_ENCODED_DATA" ? "is not UTF-8 text" : message);
  } finally {
    closeSync(file);
  }
};
