// Journal files: written line by line without keeping more than a block, read block by block, and compressed at the end.
import { closeSync, createReadStream, createWriteStream, mkdtempSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { constants, createGunzip, createGzip } from "node:zlib";
import { type Ending, JournalReader, type Line } from "../../shared/journal/decode.ts";
import { BadInput } from "../../shared/machine/badInput.ts";

/** Written at once. The system call blocks until the disk has taken it, so that nothing piles up. */
export const blockBytes = 1 << 18;

export class JournalFile {
  private readonly file: number;
  private pending: string[] = [];
  private size = 0;

  /** A new file, or one that somebody has begun. */
  constructor(path: string, how: "create" | "append" = "create") {
    this.file = openSync(path, how === "create" ? "wx" : "a");
  }

  readonly write = (text: string): void => {
    this.pending.push(text);
    this.size += text.length;
    if (this.size >= blockBytes) this.flush();
  };

  /** What is written so far survives this process. */
  flush(): void {
    const bytes = Buffer.from(this.pending.join(""), "utf8");
    for (let done = 0; done < bytes.length; ) done += writeSync(this.file, bytes, done);
    this.pending = [];
    this.size = 0;
  }

  close(): void {
    this.flush();
    closeSync(this.file);
  }
}

/** Compares what would be written with a file that was, as it goes: the file need not fit in memory. */
export class JournalComparison {
  /** The first line that differs, from 1; null while none does. */
  firstDifference: number | null = null;
  private readonly file: number;
  private lines = 0;

  constructor(path: string) {
    this.file = openSync(path, "r");
  }

  readonly write = (text: string): void => {
    if (this.firstDifference !== null) return;
    const expected = Buffer.from(text, "utf8");
    const found = Buffer.alloc(expected.length);
    let got = 0;
    for (let read = -1; read !== 0 && got < found.length; got += read) read = readSync(this.file, found, got, found.length - got, null);
    if (found.equals(expected)) {
      this.lines += countLines(expected, expected.length);
      return;
    }
    const at = expected.findIndex((byte, index) => index >= got || byte !== found[index]);
    this.firstDifference = this.lines + countLines(expected, at) + 1;
  };

  /** After the last line: nothing may be left in the file. */
  close(): void {
    if (this.firstDifference === null && readSync(this.file, Buffer.alloc(1), 0, 1, null) > 0) this.firstDifference = this.lines + 1;
    closeSync(this.file);
  }
}

const countLines = (bytes: Buffer, end: number): number => {
  let lines = 0;
  for (let at = bytes.indexOf(10); at >= 0 && at < end; at = bytes.indexOf(10, at + 1)) lines++;
  return lines;
};

/** Leaves `path`.gz in place of `path`. The time of day does not enter the bytes. */
export const compressJournal = async (path: string): Promise<string> => {
  const compressed = `${path}.gz`;
  await pipeline(createReadStream(path), createGzip({ level: 6 }), createWriteStream(compressed));
  rmSync(path);
  return compressed;
};

/** A journal shrinks to a tenth or twentieth; what shrinks to so small a part is made to fill whoever unpacks it. */
const bomb = { ratio: 250, plainBytes: 64 << 20 } as const;

/** Compressed text that was cut off is read as far as it goes: then the journal in it was cut off, as a plain one may be. */
const unpacked = (path: string) => {
  const gunzip = createGunzip({ finishFlush: constants.Z_SYNC_FLUSH });
  const guard = async function* (plain: AsyncIterable<Buffer>) {
    let bytes = 0;
    for await (const block of plain) {
      bytes += block.length;
      if (bytes > bomb.plainBytes && bytes > bomb.ratio * gunzip.bytesWritten)
        throw new BadInput(path, "", `is no journal: it unpacks to more than ${bomb.ratio} times its size`);
      yield block;
    }
  };
  return [createReadStream(path), gunzip, guard] as const;
};

/** Gives `use` the path of the journal's plain text, which need not fit in memory. */
export const withPlainJournal = async <T>(path: string, use: (plain: string) => Promise<T>): Promise<T> => {
  if (!path.endsWith(".gz")) return use(path);
  const directory = mkdtempSync(join(tmpdir(), "quiesce-journal-"));
  try {
    const plain = join(directory, "journal.ndjson");
    await pipeline(...unpacked(path), createWriteStream(plain));
    return await use(plain);
  } finally {
    rmSync(directory, { recursive: true });
  }
};

const unreadable = (path: string, error: unknown): Error => {
  const { code, message } = error as NodeJS.ErrnoException;
  if (error instanceof BadInput || code === undefined) return error as Error;
  return new BadInput(path, "", code === "ENOENT" ? "there is no such file" : message);
};

/** Reads a journal, compressed or not, as fast as `visit` takes its lines. */
export const readJournalFile = async (path: string, visit: (line: Line) => void): Promise<Ending> => {
  const reader = new JournalReader(path, visit);
  const take = async (source: AsyncIterable<Buffer>): Promise<void> => {
    for await (const bytes of source) reader.push(bytes);
  };
  try {
    if (path.endsWith(".gz")) await pipeline(...unpacked(path), take);
    else await pipeline(createReadStream(path, { highWaterMark: blockBytes }), take);
  } catch (error) {
    throw unreadable(path, error);
  }
  return reader.finish();
};

/** The bytes of a file from `at` on, at most a block; none at its end. */
export const blockAt = (path: string, at: number): Buffer => {
  const file = openSync(path, "r");
  try {
    const bytes = Buffer.allocUnsafeSlow(blockBytes);
    return bytes.subarray(0, readSync(file, bytes, 0, blockBytes, at));
  } finally {
    closeSync(file);
  }
};
