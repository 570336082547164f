// Our own random numbers (sfc32), so that a printed seed replays for ever, whatever a library does to its algorithm.
//
// Each actor and each subsystem draws from a stream of its own, found by name: adding a draw in one place changes no other.

/** The state of one stream: four 32-bit words (as signed integers), plain data inside a machine's state. */
export interface Random {
  a: number;
  b: number;
  c: number;
  d: number;
}

/** Spreads every bit of a word over all of it, so that small seeds do not start alike. */
const avalanche = (word: number): number => {
  let h = word ^ (word >>> 16);
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return h ^ (h >>> 16);
};

/** The stream called `name` under `seed` (an integer from 0 to 2^53 - 1): two hashes of both (FNV-1a with two primes) start it. */
export const stream = (seed: number, name: string): Random => {
  let a = 0x811c9dc5 ^ seed;
  let b = 0x050c5d1f ^ Math.floor(seed / 4294967296);
  for (let i = 0; i < name.length; i++) {
    const character = name.charCodeAt(i);
    a = Math.imul(a ^ character, 0x01000193);
    b = Math.imul(b ^ character, 0x5bd1e995);
  }
  const random = { a: avalanche(a), b: avalanche(b), c: avalanche(a ^ Math.imul(b, 0x9e3779b1)), d: 1 };
  // The first outputs still show the seed; sfc32 is well mixed after a dozen.
  for (let i = 0; i < 12; i++) nextWord(random);
  return random;
};

/** The next 32 bits. Advances the stream. */
export const nextWord = (r: Random): number => {
  const t = (((r.a + r.b) | 0) + r.d) | 0;
  r.d = (r.d + 1) | 0;
  r.a = r.b ^ (r.b >>> 9);
  r.b = (r.c + (r.c << 3)) | 0;
  r.c = (r.c << 21) | (r.c >>> 11);
  r.c = (r.c + t) | 0;
  return t >>> 0;
};

/** Uniform in [0, 1), 32 bits fine. */
export const uniform = (r: Random): number => nextWord(r) / 4294967296;

/** Uniform integer in [0, below). */
export const below = (r: Random, limit: number): number => Math.floor(uniform(r) * limit);

/** Exponential with the given mean. */
export const exponential = (r: Random, mean: number): number => -mean * Math.log(1 - uniform(r));

/** Standard normal (Box-Muller, one of the pair: a stream keeps no hidden half). */
export const normal = (r: Random): number => Math.sqrt(-2 * Math.log(1 - uniform(r))) * Math.cos(2 * Math.PI * uniform(r));
