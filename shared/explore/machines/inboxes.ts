// What is on its way to one actor: a set, since a packet that is equal to one in flight adds nothing. Each set has a number; none is 0.

export const empty = 0;

export class Inboxes {
  private readonly ids = new Map<string, number>([["", empty]]);
  private readonly sets: Array<readonly number[]> = [[]];
  private readonly added: Array<Map<number, number>> = [];
  private readonly removed: Array<Map<number, number>> = [];

  private readonly compare: (a: number, b: number) => number;

  /** `compare`: an order of inputs that is the same in every search, so that a path can be taken again from its beginning. */
  constructor(compare: (a: number, b: number) => number) {
    this.compare = compare;
  }

  /** The inputs in it, in that order. */
  inputs(inbox: number): readonly number[] {
    return this.sets[inbox] as readonly number[];
  }

  add(inbox: number, input: number): number {
    return this.change(this.added, inbox, input, (set) => (set.includes(input) ? set : [...set, input].sort(this.compare)));
  }

  remove(inbox: number, input: number): number {
    return this.change(this.removed, inbox, input, (set) => set.filter((each) => each !== input));
  }

  private change(
    memo: Array<Map<number, number>>,
    inbox: number,
    input: number,
    make: (set: readonly number[]) => readonly number[],
  ): number {
    memo[inbox] ??= new Map();
    const known = (memo[inbox] as Map<number, number>).get(input);
    if (known !== undefined) return known;
    const id = this.id(make(this.inputs(inbox)));
    (memo[inbox] as Map<number, number>).set(input, id);
    return id;
  }

  private id(set: readonly number[]): number {
    const text = set.join();
    const known = this.ids.get(text);
    if (known !== undefined) return known;
    this.ids.set(text, this.sets.length);
    return this.sets.push(set) - 1;
  }
}
