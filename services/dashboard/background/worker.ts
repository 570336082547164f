// The thread beside the page: runs machines and reads journals, so that the page goes on drawing meanwhile.
import { JournalReader, type Line } from "../../../shared/journal/decode.ts";
import type { Header } from "../../../shared/journal/entry.ts";
import { carryOut, violationMarks } from "../../../shared/page/laboratory.ts";
import { Recorder } from "../../../shared/page/recorder.ts";
import type { Recording } from "../../../shared/page/recording.ts";
import { summarize } from "../../../shared/report/summarize.ts";
import type { Answer, Order, Ordered, Read, Simulated } from "./orders.ts";

const simulate = ({ header }: Extract<Order, { do: "simulate" }>): Simulated => {
  const startedAt = performance.now();
  const { recording, ...ran } = carryOut(header);
  const wallMs = performance.now() - startedAt;
  const { setup } = header;
  return { recording, summary: summarize({ run: "page", engine: "virtual", hosts: 0, setup, ...ran, wire: null, wallMs, maxRssMb: 0 }) };
};

/** Of journals that lie in run folders as they are or compressed. */
const bytesOf = async (url: string): Promise<ReadableStream<Uint8Array>> => {
  const answer = await fetch(url);
  if (!answer.ok || answer.body === null) throw new Error(`the journal cannot be had: the server says ${answer.status}`);
  return answer.headers.get("content-type")?.startsWith("application/gzip") === true
    ? answer.body.pipeThrough(new DecompressionStream("gzip"))
    : answer.body;
};

class Reading {
  private header: Header | undefined;
  private recorder: Recorder | undefined;
  private endNs = 0;

  readonly take = (line: Line): void => {
    if (line.is === "header") {
      this.header = line.header;
      this.recorder = new Recorder(line.header);
    } else if (line.is === "entry") this.recorder?.take(line.entry);
    else if (line.note.note === "end") this.endNs = line.note.end.at;
    else this.recorder?.factsOnly();
  };

  finish(violations: Parameters<typeof violationMarks>[0]): { readonly recording: Recording; readonly header: Header } {
    const { header, recorder } = this;
    if (header === undefined || recorder === undefined) throw new Error("the journal is empty");
    return { header, recording: recorder.finish(violationMarks(violations), this.endNs) };
  }
}

const read = async ({ url, violations }: Extract<Order, { do: "read" }>): Promise<Read> => {
  const reading = new Reading();
  const lines = new JournalReader("journal.ndjson", reading.take);
  const bytes = (await bytesOf(url)).getReader();
  for (let piece = await bytes.read(); !piece.done; piece = await bytes.read()) lines.push(piece.value);
  const { ended } = lines.finish();
  const { recording, header } = reading.finish(violations);
  const { engine, mode, seed, setup } = header;
  return { recording, header: { engine, mode, seed }, model: setup.model.name, ended };
};

/** Columns are handed over and not copied. */
const columnsOf = ({ spans, trips, lines }: Recording): Transferable[] =>
  [...Object.values(spans), ...Object.values(trips), ...Object.values(lines)].flatMap((column: unknown) =>
    ArrayBuffer.isView(column) ? [column.buffer as ArrayBuffer] : [],
  );

addEventListener("message", async ({ data: { id, order } }: MessageEvent<Ordered>) => {
  try {
    const result = order.do === "simulate" ? simulate(order) : await read(order);
    postMessage({ id, result } satisfies Answer, { transfer: columnsOf(result.recording) });
  } catch (error) {
    postMessage({ id, error: error instanceof Error ? error.message : String(error) } satisfies Answer);
  }
});
