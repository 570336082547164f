// `quiesce trace`: a recorded run as a file that viewers of traces, kernel tools or people read.
import { closeSync, openSync, realpathSync, writeSync } from "node:fs";
import { basename, dirname } from "node:path";
import type { Ending } from "../../shared/journal/decode.ts";
import type { Entry, Header } from "../../shared/journal/entry.ts";
import { GapWatch } from "../../shared/journal/merge.ts";
import { BadInput } from "../../shared/machine/badInput.ts";
import { type CpuSet, firstCpus, format as formatCpus, parse } from "../../shared/machine/cpuSet.ts";
import { defaultFormat, type FormatName, formatNames } from "../../shared/trace/format.ts";
import { formats } from "../../shared/trace/registry.ts";
import { Trace } from "../../shared/trace/trace.ts";
import type { Window } from "../../shared/trace/window.ts";
import { readJournalFile } from "../recorder/journalFile.ts";
import type { Wholeness } from "../recorder/parts.ts";
import { exitCodes } from "./exit.ts";
import { journalOf, partsBeside } from "./recordedRun.ts";
import { reading } from "./settings/reading.ts";
import { duration, type Kind, WrongValue, word } from "./settings/values.ts";

export interface TraceRequest {
  readonly run: string | undefined;
  readonly format: string | undefined;
  readonly out: string | undefined;
  readonly cpus: string | undefined;
  readonly from: string | undefined;
  readonly to: string | undefined;
}

const cpuList: Kind<CpuSet> = {
  metavar: "LIST",
  read: (text) => {
    const cpus = parse(text);
    if (cpus === undefined || cpus.length === 0) throw new WrongValue(`"${text}" is not a list of CPUs (like 0-3,8)`);
    return cpus;
  },
  print: formatCpus,
};

/** Where the file goes: block by block to disk, or to stdout. */
class Output {
  private readonly file: number | null;
  private pending: Uint8Array[] = [];
  private size = 0;

  constructor(path: string | undefined) {
    try {
      this.file = path === undefined ? null : openSync(path, "w");
    } catch (error) {
      throw new BadInput(path ?? "", "", `cannot be written: ${(error as Error).message}`);
    }
  }

  readonly write = (piece: string | Uint8Array): void => {
    const bytes = typeof piece === "string" ? Buffer.from(piece) : piece;
    this.pending.push(bytes);
    this.size += bytes.length;
    if (this.size >= blockBytes) this.flush();
  };

  close(): void {
    this.flush();
    if (this.file !== null) closeSync(this.file);
  }

  private flush(): void {
    const bytes = Buffer.concat(this.pending);
    if (this.file === null) process.stdout.write(bytes);
    else for (let done = 0; done < bytes.length; ) done += writeSync(this.file, bytes, done);
    this.pending = [];
    this.size = 0;
  }
}

const blockBytes = 1 << 20;

/** The name of the run whose journal this is: its folder's. */
const nameOf = (journal: string): string => basename(realpathSync(dirname(journal)));

const windowOf = ({ cpus: list, from, to }: TraceRequest, machine: number): Window => {
  const all = firstCpus(machine);
  const cpus = reading("--cpus", list, cpuList) ?? all;
  if ((cpus.at(-1) ?? 0) >= machine) throw new BadInput("--cpus", "", `the machine has CPUs ${cpuList.print(all)}`);
  const fromNs = reading("--from", from, duration) ?? 0;
  const toNs = reading("--to", to, duration) ?? Number.POSITIVE_INFINITY;
  if (toNs < fromNs) throw new BadInput("--to", "", `${to} is before --from ${from}`);
  return { cpus, fromNs, toNs };
};

/** Builds the trace once the header of the journal has been read. */
const begin = (journal: string, format: FormatName, request: TraceRequest, header: Header, output: () => Output): Trace => {
  if (header.mode === "facts" && formats[format].needsMessages)
    throw new BadInput(journal, "", `holds facts only, and ${format} shows messages: record the run with --journal full`);
  const window = windowOf(request, header.setup.cpus);
  return new Trace(formats[format], { header, run: nameOf(journal), window, write: output().write });
};

/** What a reader of the picture has to know that is not in it. */
class Doubts {
  private atNs = 0;
  private seen = 0;
  private readonly watch = new GapWatch();
  private readonly told: string[] = [];

  see(entry: Entry): void {
    this.seen++;
    this.atNs = Math.max(this.atNs, entry.at);
    this.watch.see(entry);
  }

  /** What processes wrote is merged behind such a note, if any of them stopped writing all of it. */
  factsOnly(): void {
    this.told.push(
      this.seen > 0
        ? `from ${duration.print(this.atNs)} on the journal holds facts only: no message is drawn after that`
        : "the journal holds facts only of some processes from some time on: what they got then is drawn as lost",
    );
  }

  all({ ended }: Ending, { damage, gaps }: Wholeness, leftOut: number): readonly string[] {
    return [
      ...(ended ? [] : ["the run was cut off: its journal has no end"]),
      ...this.told,
      ...damage,
      ...[...this.watch.gaps, ...gaps].map(({ message }) => message),
      ...(leftOut > 0 ? [`${leftOut} moments are not drawn, for there are too many: choose with --cpus, --from and --to`] : []),
    ];
  }
}

/** Gives the exit code. */
export const trace = async (request: TraceRequest): Promise<number> => {
  const format = reading("--format", request.format, word(formatNames)) ?? defaultFormat;
  if (formats[format].isBinary && request.out === undefined && process.stdout.isTTY)
    throw new BadInput("--format", "", `${format} is no text for a terminal: say --out FILE`);
  const journal = journalOf(request.run ?? "runs/latest");
  const doubts = new Doubts();
  let output: Output | undefined;
  let drawing: Trace | undefined;
  const ending = await readJournalFile(journal, (line) => {
    if (line.is === "header") {
      drawing = begin(journal, format, request, line.header, () => {
        output = new Output(request.out);
        return output;
      });
    } else if (line.is === "entry") {
      doubts.see(line.entry);
      drawing?.take(line.entry);
    } else if (line.note.note === "facts-only") {
      doubts.factsOnly();
      drawing?.factsOnly();
    }
  });
  const parts = partsBeside(journal);
  for (const entry of parts.entries) drawing?.take(entry);
  const leftOut = drawing?.finish() ?? 0;
  output?.close();
  for (const doubt of doubts.all(ending, parts, leftOut)) process.stderr.write(`quiesce: ${doubt}\n`);
  return exitCodes.holds;
};
