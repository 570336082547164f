// What each of several CPUs has of its own, while one of them takes a step for all: whoever looks at it ends that step without effect.
//
// A state of several CPUs holds these in the place of what differs among them. They may be handed on and kept, for then each keeps its
// own; but a draw, a sum or a comparison would come out differently for each.
import type { Random } from "../../machine/random.ts";

/** Somebody looked at what is not the same for all. */
export class Looked extends Error {
  override readonly name = "Looked";
}

const look = (): never => {
  throw new Looked("several CPUs that step as one have this each of its own");
};

/** The stream of each: to look at it is to draw, or to copy what is to be drawn. */
export const ownStream: Random = Object.defineProperties({} as Random, {
  a: { enumerable: true, get: look },
  b: { enumerable: true, get: look },
  c: { enumerable: true, get: look },
  d: { enumerable: true, get: look },
});

/** A number that each has of its own: it can be kept, and told from others, and nothing else. */
export class OwnNumber {
  /** What it is for each CPU. */
  readonly values: Float64Array;

  constructor(cpus: number) {
    this.values = new Float64Array(cpus);
  }

  [Symbol.toPrimitive](): never {
    return look();
  }

  /** It stands where a number does. */
  get asNumber(): number {
    return this as unknown as number;
  }
}

/** True if anything in this plain data is one's own. */
export const holdsOwn = (value: unknown): boolean => {
  if (typeof value !== "object" || value === null) return false;
  if (value instanceof OwnNumber || Object.is(value, ownStream)) return true;
  return Object.values(value).some(holdsOwn);
};
