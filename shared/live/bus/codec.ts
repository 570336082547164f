// Frames to bytes and back: msgpack behind a CRC-32, so that a damaged frame is a counted loss and never a message.
import { crc32 } from "node:zlib";
import { Packr, RESERVE_START_SPACE } from "msgpackr";
import { type Wire, wireLimits } from "../../protocol/wire/frame.ts";
import { crcBytes, unsealWith } from "./unseal.ts";

const packr = new Packr({ useRecords: false });

/** The bytes of one frame: a CRC-32 of what follows, little-endian, and the frame. */
export const seal = (frame: Wire): Uint8Array => {
  const bytes = packr.pack(frame, RESERVE_START_SPACE + crcBytes);
  bytes.writeUInt32LE(crc32(bytes.subarray(crcBytes)), 0);
  return bytes;
};

/** Damages a sealed frame as noise would: one bit of its last byte, which its check sum tells. */
export const damage = (sealed: Uint8Array): Uint8Array => {
  const last = sealed.length - 1;
  return sealed.with(last, (sealed[last] as number) ^ 1);
};

/** Seals what was said in a turn as one frame, or as several where one would be larger than a frame may be. */
export const sealTurn = <Item>(items: readonly Item[], encode: (items: readonly Item[]) => Wire): readonly Uint8Array[] => {
  if (items.length <= wireLimits.items) {
    const bytes = seal(encode(items));
    if (bytes.length <= wireLimits.frameBytes || items.length === 1) return [bytes];
  }
  const half = items.length >> 1;
  return [...sealTurn(items.slice(0, half), encode), ...sealTurn(items.slice(half), encode)];
};

export const unseal = unsealWith(crc32);
