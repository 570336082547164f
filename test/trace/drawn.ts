// Runs in virtual time, as journals and as the traces drawn from them, beside what the engine knows of their packets.
import { assert } from "vitest";
import { JournalReader } from "../../shared/journal/decode.ts";
import { headerLine, journalEncoder, journalObserver, noteLine } from "../../shared/journal/encode.ts";
import { type Entry, type Header, journalSchema } from "../../shared/journal/entry.ts";
import { firstCpus } from "../../shared/machine/cpuSet.ts";
import { planOf } from "../../shared/nemesis/plan.ts";
import type { End } from "../../shared/protocol/observer.ts";
import type { Setup } from "../../shared/protocol/setup.ts";
import type { FormatName } from "../../shared/trace/format.ts";
import { formats } from "../../shared/trace/registry.ts";
import { Trace } from "../../shared/trace/trace.ts";
import type { Window } from "../../shared/trace/window.ts";
import { runVirtual } from "../../shared/virtual/engine.ts";
import type { Carried } from "../../shared/virtual/network.ts";

export interface Run {
  readonly header: Header;
  readonly entries: readonly Entry[];
  readonly packets: readonly Carried[];
  readonly end: End;
}

/** Written to a journal and read back, as the command does. */
export const runOf = (setup: Setup, faults: readonly string[] = [], mode: "full" | "facts" = "full"): Run => {
  const { plan, problems } = planOf(faults, setup.seed);
  assert.deepStrictEqual(problems, []);
  const [timeLimitNs, eventLimit] = [1e9, 1e6];
  const packets: Carried[] = [];
  const lines = [
    headerLine({
      schema: journalSchema,
      code: "test",
      engine: "virtual",
      mode,
      seed: setup.seed,
      timeLimitNs,
      eventLimit,
      plan: { seed: setup.seed, faults },
      setup,
    }),
  ];
  const observer = journalObserver(journalEncoder({ mode }), (text) => lines.push(text));
  const onPacket = (packet: Carried): number => packets.push(packet);
  const result = runVirtual({ setup, plan, timeLimitNs, eventLimit, observer, onPacket });
  lines.push(noteLine({ note: "end", ...result }));
  let header: Header | undefined;
  const entries: Entry[] = [];
  const reader = new JournalReader("test", (line) => {
    if (line.is === "header") header = line.header;
    else if (line.is === "entry") entries.push(line.entry);
  });
  reader.push(new TextEncoder().encode(lines.join("")));
  assert.isTrue(reader.finish().ended);
  return { header: header as Header, entries, packets, end: result.end };
};

export interface Drawn {
  readonly bytes: Uint8Array;
  readonly text: string;
  readonly lines: readonly string[];
  readonly leftOut: number;
}

export const draw = ({ header, entries }: Pick<Run, "header" | "entries">, format: FormatName, part: Partial<Window> = {}): Drawn => {
  const pieces: Uint8Array[] = [];
  const write = (piece: string | Uint8Array): void => {
    pieces.push(typeof piece === "string" ? new TextEncoder().encode(piece) : piece);
  };
  const window = { cpus: firstCpus(header.setup.cpus), fromNs: 0, toNs: Number.POSITIVE_INFINITY, ...part };
  const trace = new Trace(formats[format], { header, run: "a-run", window, write });
  for (const entry of entries) trace.take(entry);
  const leftOut = trace.finish();
  const bytes = Buffer.concat(pieces);
  const text = bytes.toString("utf8");
  return { bytes, text, lines: text.split("\n").slice(0, -1), leftOut };
};
