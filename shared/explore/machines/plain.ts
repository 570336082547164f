// Plain data in three forms: the value itself, a text that is the same for equal values, and a copy that shares nothing.
//
// Plain are numbers, texts, truth values, null, lists, typed arrays, maps, sets and records of these. Records may be instances of
// classes: what they remember is data, and what they do (functions) is left out.

type Cells = Int32Array | Uint8Array | Float64Array;

const isCells = (value: object): value is Cells => ArrayBuffer.isView(value);

/** A text that two values share just if they are equal. Maps and sets are taken in the order of their keys: by no rule of ours does another matter. */
const textOf = (value: unknown): string => {
  if (typeof value !== "object" || value === null) return typeof value === "string" ? JSON.stringify(value) : String(value);
  if (isCells(value)) return `[${value.join()}]`;
  if (Array.isArray(value)) return `[${value.map(textOf).join()}]`;
  if (value instanceof Set) return `{${[...value].map(textOf).sort().join()}}`;
  if (value instanceof Map) {
    return `{${[...value]
      .map(([key, each]) => `${textOf(key)}:${textOf(each)}`)
      .sort()
      .join()}}`;
  }
  let text = "";
  for (const key in value) {
    const each = (value as Record<string, unknown>)[key];
    if (typeof each !== "function" && each !== undefined) text += `${key}:${textOf(each)},`;
  }
  return `{${text}}`;
};

/** A copy that may be changed without changing the value. */
export const copyOf = <T>(value: T): T => {
  if (typeof value !== "object" || value === null) return value;
  if (isCells(value)) return value.slice() as T;
  if (Array.isArray(value)) return value.map(copyOf) as T;
  if (value instanceof Set) return new Set([...value].map(copyOf)) as T;
  if (value instanceof Map) return new Map([...value].map(([key, each]) => [copyOf(key), copyOf(each)])) as T;
  const copy: Record<string, unknown> = {};
  for (const key in value) copy[key] = copyOf((value as Record<string, unknown>)[key]);
  return copy as T;
};

/** Gives each distinct value a number from 0 up, and the value back for the number. */
export class Interner<T> {
  private readonly ids = new Map<string, number>();
  private readonly values: T[] = [];
  private readonly texts: string[] = [];
  /** Objects that came before as they are: most come again and again, and a text takes long to make. */
  private readonly met = new WeakMap<WeakKey, number>();

  /** `value` is kept as it is: nobody may change it from here on. */
  id(value: T): number {
    const object = typeof value === "object" && value !== null ? value : undefined;
    const before = object === undefined ? undefined : this.met.get(object);
    if (before !== undefined) return before;
    const text = textOf(value);
    let id = this.ids.get(text);
    if (id === undefined) {
      id = this.values.push(value) - 1;
      this.texts.push(text);
      this.ids.set(text, id);
      if (object !== undefined) this.met.set(object, id);
    }
    return id;
  }

  value(id: number): T {
    return this.values[id] as T;
  }

  /** An order of these numbers that is the same whatever was met first. */
  compare(a: number, b: number): number {
    if (a === b) return 0;
    return (this.texts[a] as string) < (this.texts[b] as string) ? -1 : 1;
  }

  get size(): number {
    return this.values.length;
  }
}
