// What an axis of a sweep runs over, as text: values after commas, among which `2..256x2` stands for a geometric range.

/** How the texts of one setting are read and printed. */
export interface Reader {
  readonly read: (text: string) => unknown;
  readonly print: (value: number) => string;
}

/** What is wrong with a range, for whoever knows where it stood. */
type Fail = (message: string) => Error;

/** More values of one axis than anybody wants to wait for. */
const mostValues = 1_000;

/** Each `from * factor^i` up to `to`, and `to` itself. All three are whole, `factor` is at least 2. */
export const geometric = (from: number, to: number, factor: number): readonly number[] => {
  const values: number[] = [];
  for (let value = from; value < to; value *= factor) values.push(value);
  return [...values, to];
};

const rangeText = /^(.*?)\.\.(.*?)(?:x(.*))?$/;

const rangeOf = (
  text: string,
  [, first = "", last = "", times]: RegExpExecArray,
  { read, print }: Reader,
  fail: Fail,
): readonly string[] => {
  const [from, to] = [read(first), read(last)];
  if (typeof from !== "number" || typeof to !== "number") throw fail(`"${text}" is a range, but its ends are no numbers`);
  if (times === undefined) throw fail(`"${text}" has no factor: write ${text}x2 for every doubling`);
  const factor = Number(times);
  if (!/^\d{1,9}$/.test(times) || factor < 2) throw fail(`"${text}": "${times}" is not a factor (a whole number from 2)`);
  if (to < from) throw fail(`"${text}" ends before it begins`);
  if (from < 1) throw fail(`"${text}" begins at ${from}: times ${factor} that is ${from} for ever`);
  return geometric(from, to, factor).map(print);
};

/** The texts of an axis's values, each of them one that `read` takes. `isNumber` says that ranges mean something here. */
export const expand = (parts: readonly string[], isNumber: boolean, reader: Reader, fail: Fail): readonly string[] => {
  const values = parts.flatMap((part) => {
    const match = isNumber ? rangeText.exec(part) : null;
    if (match !== null) return rangeOf(part, match, reader, fail);
    reader.read(part);
    return [part];
  });
  const twice = values.find((value, i) => values.indexOf(value) < i);
  if (twice !== undefined) throw fail(`"${twice}" is there twice`);
  if (values.length > mostValues) throw fail(`${values.length} values, more than ${mostValues}`);
  return values;
};
