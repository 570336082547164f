// Where names of messages may stand in a picture: not on one another, not on a cross, inside the picture, and not again beside themselves.

interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** Of a name, in pixels. */
export const nameHeight = 12;

const gap = 3;

/** A message to many has many arrows side by side, and is named once. */
const nearby = 90;

const meet = (a: Box, b: Box): boolean => a.left < b.right + gap && b.left < a.right + gap && a.top < b.bottom && b.top < a.bottom;

export class NamePlaces {
  private readonly left: number;
  private readonly right: number;
  private readonly most: number;
  private readonly taken: Box[] = [];
  private readonly named: Array<{ readonly text: string; readonly x: number }> = [];

  constructor({ left, right, most }: { readonly left: number; readonly right: number; readonly most: number }) {
    this.left = left;
    this.right = right;
    this.most = most;
  }

  /** Something is drawn there that no name may hide. */
  block(x: number, y: number, reach: number): void {
    this.taken.push({ left: x - reach, right: x + reach, top: y - reach, bottom: y + reach });
  }

  /** Where a name of this width begins that is to stand to the right of `x`, or else to its left, with `y` in its middle; undefined where it may not. */
  placeOf(text: string, width: number, x: number, y: number): number | undefined {
    if (this.named.length >= this.most || this.named.some((one) => one.text === text && Math.abs(one.x - x) < nearby)) return undefined;
    for (const start of [x + gap, x - gap - width]) {
      const box = { left: start, right: start + width, top: y - nameHeight / 2, bottom: y + nameHeight / 2 };
      if (box.left < this.left || box.right > this.right || this.taken.some((one) => meet(one, box))) continue;
      this.taken.push(box);
      this.named.push({ text, x });
      return start;
    }
    return undefined;
  }
}
