// Bytes to frames, for processes and for pages alike: nothing in here is of Node.
import { Unpackr } from "msgpackr";
import { type Refusal, wireLimits } from "../../protocol/wire/frame.ts";

/** A CRC-32 of what follows, little-endian, comes first. */
export const crcBytes = 4;

const unpackr = new Unpackr({ useRecords: false });

/**
 * How many bytes each leading byte of msgpack stands for, itself included; 0 where a frame has no such thing. msgpack can say
 * much more than a frame needs (maps, dates, classes, references, records that change how later bytes are read): none of that
 * reaches the decoder.
 */
const widths = Uint8Array.from({ length: 256 }, (_, lead) => {
  if (lead < 0x80 || lead >= 0xe0) return 1; // integers from -32 to 127
  if (lead >= 0x90 && lead < 0xa0) return 1; // arrays up to 15
  if (lead >= 0xa0 && lead < 0xc0) return 1 + lead - 0xa0; // strings up to 31 bytes
  return { 203: 9, 204: 2, 205: 3, 206: 5, 207: 9, 208: 2, 209: 3, 210: 5, 211: 9, 217: 2, 218: 3, 220: 3, 221: 5 }[lead] ?? 0;
});

/** True if the bytes hold numbers, strings and arrays only, and end where one of them ends. */
const isPlain = (bytes: Uint8Array): boolean => {
  let at = 0;
  while (at < bytes.length) {
    const lead = bytes[at] as number;
    const width = widths[lead] as number;
    if (width === 0) return false;
    if (lead === 0xd9) at += bytes[at + 1] ?? 0;
    else if (lead === 0xda) at += ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
    at += width;
  }
  return at === bytes.length;
};

/** What the bytes hold, as yet unread; or why they are no frame. */
export type Unseal = (bytes: Uint8Array) => { readonly value: unknown } | Refusal;

/** `crc32`: of the host, whose own is faster than any written here. */
export const unsealWith =
  (crc32: (bytes: Uint8Array) => number): Unseal =>
  (bytes) => {
    if (bytes.length > wireLimits.frameBytes) return "too large";
    if (bytes.length <= crcBytes) return "too short";
    const sum = ((bytes[0] as number) | ((bytes[1] as number) << 8) | ((bytes[2] as number) << 16) | ((bytes[3] as number) << 24)) >>> 0;
    const body = bytes.subarray(crcBytes);
    if (crc32(body) !== sum) return "damaged";
    if (!isPlain(body)) return "not plain";
    try {
      return { value: unpackr.unpack(body) };
    } catch {
      // Bytes that end early, have a remainder or are nested beyond the stack: the decoder has no other way to say so.
      return "not msgpack";
    }
  };
