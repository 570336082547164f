// Every state that a search has found, in rows of typed arrays, and an open-addressing table that knows which are there.
//
// The table keeps 32 bits of a row's hash beside its number; where they agree the rows themselves are compared. So no two states are
// ever taken for one, and a search that comes to its end has left nothing out.
import type { Row, System } from "./system.ts";

const chunkBits = 14;
const chunkRows = 1 << chunkBits;

/** A list of whole numbers that grows by chunks: nothing is ever copied. */
export class Numbers {
  length = 0;
  private readonly chunks: Int32Array[] = [];

  push(value: number): void {
    const at = this.length++;
    if ((at & (chunkRows - 1)) === 0) this.chunks.push(new Int32Array(chunkRows));
    (this.chunks[at >>> chunkBits] as Int32Array)[at & (chunkRows - 1)] = value;
  }

  at(index: number): number {
    return (this.chunks[index >>> chunkBits] as Int32Array)[index & (chunkRows - 1)] as number;
  }

  get bytes(): number {
    return this.chunks.length * chunkRows * 4;
  }
}

type Cells = Uint8Array | Uint16Array | Int32Array;

const cellsOf = { 8: Uint8Array, 16: Uint16Array, 32: Int32Array } as const;

export class Store {
  count = 0;
  private readonly width: number;
  private readonly identity: number;
  private readonly bits: System["bits"];
  private readonly chunks: Cells[] = [];
  /** Pairs of a hash and the number of the row that has it, from 1 up; 0 where a place is free. */
  private table = new Int32Array(2 << 12);
  private mask = (1 << 12) - 1;

  constructor({ width, identity, bits }: Pick<System, "width" | "identity" | "bits">) {
    this.width = width;
    this.identity = identity;
    this.bits = bits;
  }

  /** Bytes that rows and table take. */
  get bytes(): number {
    return (this.chunks.length * chunkRows * this.width * this.bits) / 8 + this.table.byteLength;
  }

  /** The number of this state: a new one if `count` is higher afterwards. */
  add(row: Row): number {
    const hash = this.hash(row);
    let place = hash & this.mask;
    for (;;) {
      const known = this.table[2 * place + 1] as number;
      if (known === 0) break;
      if (this.table[2 * place] === hash && this.equals(known - 1, row)) return known - 1;
      place = (place + 1) & this.mask;
    }
    const number = this.append(row);
    this.table[2 * place] = hash;
    this.table[2 * place + 1] = number + 1;
    // Longest at two thirds full; from there on probes get long.
    if (3 * this.count > 2 * this.mask) this.grow();
    return number;
  }

  /** Copies a state into `row`. */
  read(number: number, row: Row): void {
    const { width } = this;
    const cells = this.chunks[number >>> chunkBits] as Cells;
    const from = (number & (chunkRows - 1)) * width;
    for (let i = 0; i < width; i++) row[i] = cells[from + i] as number;
  }

  private hash(row: Row): number {
    let h = 0x9e3779b9;
    for (let i = 0; i < this.identity; i++) {
      h = Math.imul(h ^ (row[i] as number), 0x85ebca6b);
      h ^= h >>> 15;
    }
    h = Math.imul(h, 0xc2b2ae35);
    return h ^ (h >>> 16);
  }

  private equals(number: number, row: Row): boolean {
    const cells = this.chunks[number >>> chunkBits] as Cells;
    const from = (number & (chunkRows - 1)) * this.width;
    for (let i = 0; i < this.identity; i++) if (cells[from + i] !== row[i]) return false;
    return true;
  }

  private append(row: Row): number {
    const number = this.count++;
    if ((number & (chunkRows - 1)) === 0) this.chunks.push(new cellsOf[this.bits](chunkRows * this.width));
    (this.chunks[number >>> chunkBits] as Cells).set(row, (number & (chunkRows - 1)) * this.width);
    return number;
  }

  private grow(): void {
    const old = this.table;
    this.mask = 2 * this.mask + 1;
    this.table = new Int32Array(2 * (this.mask + 1));
    for (let from = 0; from < old.length; from += 2) {
      if (old[from + 1] === 0) continue;
      let place = (old[from] as number) & this.mask;
      while (this.table[2 * place + 1] !== 0) place = (place + 1) & this.mask;
      this.table[2 * place] = old[from] as number;
      this.table[2 * place + 1] = old[from + 1] as number;
    }
  }
}
