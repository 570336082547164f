// A binary trace of version 6, which trace-cmd report prints and KernelShark opens.
//
// Its layout: trace-cmd.dat.v6(5). Numbers are little-endian. After the head come the tables that a kernel would have given (how a page
// and an event are laid out, each event's fields, names of tasks), then for each CPU pages of its ring buffer: a time, the number of
// bytes used, and events of a word with length and time since the one before, and the fields.
import { isCoordinator, lifeOf } from "../machine/machine.ts";
import type { Canvas, Draught, Format } from "./format.ts";
import type { Moment } from "./moment.ts";
import { Sorted } from "./sorted.ts";
import { type TraceEvent, tasks, traceEventsOf, tracepoints } from "./tracepoints.ts";

const pageBytes = 4096;
const pageHeadBytes = 16;

/** Larger numbers are of no event of the kernel's own. */
const firstEventId = 1001;

/** What one event may say, so that it fits in a page. */
const longestText = 1000;

/** Bits of the time since the event before; more takes an event of its own. */
const deltaBits = 27;
const longestDelta = 2 ** deltaBits - 1;
const timeExtend = 30;

/** Words of four bytes that fit in the five bits of a length. */
const mostShortWords = 28;

/** Offsets of an event's fields. */
const fieldsAt = { type: 0, flags: 2, pid: 4, epoch: 8, round: 12, text: 16, rest: 20 } as const;

const irqsOffFlag = 1;

const utf8 = new TextEncoder();

const field = (declaration: string, offset: number, bytes: number, signed: 0 | 1): string =>
  `\tfield:${declaration};\toffset:${offset};\tsize:${bytes};\tsigned:${signed};\n`;

const pageFormat = [
  field(" u64 timestamp", 0, 8, 0),
  field(" local_t commit", 8, 8, 1),
  field(" int overwrite", 8, 1, 1),
  field(" char data", pageHeadBytes, pageBytes - pageHeadBytes, 1),
].join("");

const eventHeadFormat = `# compressed entry header
\ttype_len    :    5 bits
\ttime_delta  :   27 bits
\tarray       :   32 bits

\tpadding     : type == 29
\ttime_extend : type == 30
\ttime_stamp : type == 31
\tdata max type_len  == 28
`;

const eventFormat = (name: string, id: number): string =>
  [
    `name: ${name}\nID: ${id}\nformat:\n`,
    field("unsigned short common_type", fieldsAt.type, 2, 0),
    field("unsigned char common_flags", fieldsAt.flags, 1, 0),
    field("unsigned char common_preempt_count", 3, 1, 0),
    field("int common_pid", fieldsAt.pid, 4, 1),
    "\n",
    field("int epoch", fieldsAt.epoch, 4, 1),
    field("int round", fieldsAt.round, 4, 1),
    field("__data_loc char[] text", fieldsAt.text, 4, 0),
    '\nprint fmt: "%s", __get_str(text)\n',
  ].join("");

/** Bytes in the order in which they are put. */
class Bytes {
  private readonly parts: Uint8Array[] = [];
  size = 0;

  put(...bytes: readonly number[]): this {
    return this.add(Uint8Array.from(bytes));
  }

  text(text: string): this {
    return this.add(utf8.encode(text));
  }

  /** `bytes`: 2, 4 or 8. */
  number(value: number, bytes: 2 | 4 | 8): this {
    const view = new DataView(new ArrayBuffer(8));
    view.setBigUint64(0, BigInt(value), true);
    return this.add(new Uint8Array(view.buffer, 0, bytes));
  }

  /** A text after its length. */
  sized(text: string, bytes: 4 | 8): this {
    const encoded = utf8.encode(text);
    return this.number(encoded.length, bytes).add(encoded);
  }

  /** Zeros up to the next page. */
  toPage(): this {
    return this.add(new Uint8Array((pageBytes - (this.size % pageBytes)) % pageBytes));
  }

  eachPart(write: (part: Uint8Array) => void): void {
    for (const part of this.parts) write(part);
  }

  private add(part: Uint8Array): this {
    this.parts.push(part);
    this.size += part.length;
    return this;
  }
}

/** One CPU's buffer: full pages, and the one that is being filled. */
class RingBuffer {
  readonly pages: Uint8Array[] = [];
  private view = new DataView(new ArrayBuffer(0));
  private used = pageBytes;
  private lastAt = 0;

  add(event: TraceEvent): void {
    const text = utf8.encode(event.text).subarray(0, longestText);
    const size = Math.ceil((fieldsAt.rest + text.length + 1) / 4) * 4;
    const isLong = size / 4 > mostShortWords;
    const delta = event.at - this.lastAt;
    const needed = 4 + (isLong ? 4 : 0) + size + (delta > longestDelta ? 8 : 0);
    if (this.used + needed > pageBytes) this.turnPage(event.at);
    else if (delta > longestDelta) {
      this.word(timeExtend, delta % 2 ** deltaBits);
      this.number(Math.floor(delta / 2 ** deltaBits));
    }
    const rest = event.at - this.lastAt > longestDelta ? 0 : event.at - this.lastAt;
    this.lastAt = event.at;
    this.word(isLong ? 0 : size / 4, rest);
    if (isLong) this.number(size + 4);
    this.fields(event, text, size);
    this.view.setBigUint64(8, BigInt(this.used - pageHeadBytes), true);
  }

  private turnPage(at: number): void {
    const page = new Uint8Array(pageBytes);
    this.pages.push(page);
    this.view = new DataView(page.buffer);
    this.view.setBigUint64(0, BigInt(at), true);
    this.used = pageHeadBytes;
    this.lastAt = at;
  }

  private word(length: number, delta: number): void {
    this.number(delta * 2 ** 5 + length);
  }

  private number(value: number): void {
    this.view.setUint32(this.used, value, true);
    this.used += 4;
  }

  private fields({ name, irqsOff, pid, epoch, round }: TraceEvent, text: Uint8Array, size: number): void {
    const { view, used } = this;
    view.setUint16(used + fieldsAt.type, firstEventId + tracepoints.indexOf(name), true);
    view.setUint8(used + fieldsAt.flags, irqsOff ? irqsOffFlag : 0);
    view.setInt32(used + fieldsAt.pid, pid, true);
    view.setInt32(used + fieldsAt.epoch, epoch, true);
    view.setInt32(used + fieldsAt.round, round, true);
    // Length and place of the text, from the event's start.
    view.setUint32(used + fieldsAt.text, (text.length + 1) * 2 ** 16 + fieldsAt.rest, true);
    new Uint8Array(view.buffer).set(text, used + fieldsAt.rest);
    this.used += size;
  }
}

const headOf = (coordinators: number, cpus: number): Bytes => {
  const head = new Bytes().put(0x17, 0x08, 0x44).text("tracing6\0").put(0, 8).number(pageBytes, 4);
  head.text("header_page\0").sized(pageFormat, 8);
  head.text("header_event\0").sized(eventHeadFormat, 8);
  // No events of the tracer's own.
  head.number(0, 4);
  head.number(1, 4).text("quiesce\0").number(tracepoints.length, 4);
  for (const [i, name] of tracepoints.entries()) head.sized(eventFormat(name, firstEventId + i), 8);
  // No symbols, and no formats of trace_printk.
  head.number(0, 4).number(0, 4);
  head.sized(
    tasks(coordinators)
      .map(([pid, comm]) => `${pid} ${comm}\n`)
      .join(""),
    8,
  );
  return head.number(cpus, 4).text("flyrecord\0");
};

const writeFile = (events: readonly TraceEvent[], coordinators: number, cpus: number, write: Canvas["write"]): void => {
  const buffers = Array.from({ length: cpus }, () => new RingBuffer());
  for (const event of events) buffers[event.cpu]?.add(event);
  const head = headOf(coordinators, cpus);
  let offset = Math.ceil((head.size + cpus * 16) / pageBytes) * pageBytes;
  for (const { pages } of buffers) {
    const size = pages.length * pageBytes;
    head.number(offset, 8).number(size, 8);
    offset += size;
  }
  head.toPage().eachPart(write);
  for (const { pages } of buffers) for (const page of pages) write(page);
};

const draw = ({ write, header }: Canvas): Draught => {
  const moments = new Sorted();
  let coordinators = 0;
  const take = (moment: Moment): void => {
    if (isCoordinator(moment.actor)) coordinators = Math.max(coordinators, lifeOf(moment.actor) + 1);
    moments.take(moment);
  };
  // The coordinators' lane comes after those of the CPUs.
  const lanes = header.setup.cpus + 1;
  const finish = (): void => writeFile(traceEventsOf(moments, header.setup.cpus), coordinators, lanes, write);
  return { take, finish, leftOut: moments.leftOut };
};

export const traceDat: Format = {
  needsMessages: false,
  isBinary: true,
  draw,
};
