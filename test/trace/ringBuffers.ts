// Reads the pages of a binary trace by the rules of its format, so that a test needs no tool for it.

interface BufferedEvent {
  readonly cpu: number;
  readonly at: number;
  readonly id: number;
  readonly pid: number;
  readonly irqsOff: boolean;
  readonly epoch: number;
  readonly round: number;
  readonly text: string;
}

const pageBytes = 4096;
const timeExtend = 30;

const eventAt = (page: DataView, cpu: number, at: number, offset: number): BufferedEvent => {
  const place = page.getUint32(offset + 16, true);
  const bytes = new Uint8Array(page.buffer, page.byteOffset + offset + (place & 0xffff), (place >>> 16) - 1);
  return {
    cpu,
    at,
    id: page.getUint16(offset, true),
    irqsOff: page.getUint8(offset + 2) === 1,
    pid: page.getInt32(offset + 4, true),
    epoch: page.getInt32(offset + 8, true),
    round: page.getInt32(offset + 12, true),
    text: new TextDecoder().decode(bytes),
  };
};

const eventsOfPage = (page: DataView, cpu: number): readonly BufferedEvent[] => {
  const events: BufferedEvent[] = [];
  const end = 16 + Number(page.getBigUint64(8, true));
  let at = Number(page.getBigUint64(0, true));
  for (let offset = 16; offset < end; ) {
    const word = page.getUint32(offset, true);
    const [length, delta] = [word & 31, word >>> 5];
    const next = page.getUint32(offset + 4, true);
    if (length === timeExtend) {
      at += next * 2 ** 27 + delta;
      offset += 8;
      continue;
    }
    at += delta;
    const [start, size] = length === 0 ? [offset + 8, next - 4] : [offset + 4, length * 4];
    events.push(eventAt(page, cpu, at, start));
    offset = start + size;
  }
  return events;
};

/** CPU by CPU, each in its order. */
export const bufferedEvents = (file: Uint8Array, cpus: number): readonly BufferedEvent[] => {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const table = Buffer.from(file).indexOf("flyrecord\0") + "flyrecord\0".length;
  return Array.from({ length: cpus }, (_, cpu) => cpu).flatMap((cpu) => {
    const offset = Number(view.getBigUint64(table + 16 * cpu, true));
    const size = Number(view.getBigUint64(table + 16 * cpu + 8, true));
    return Array.from(
      { length: size / pageBytes },
      (_, page) => new DataView(file.buffer, file.byteOffset + offset + page * pageBytes, pageBytes),
    ).flatMap((page) => eventsOfPage(page, cpu));
  });
};
