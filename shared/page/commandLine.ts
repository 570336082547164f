// The line that runs something again, read back into settings, so that what was run on a command line can be opened on the page.

/** Words as a shell parts them; of quotes only those that `quoted` writes. */
const wordsOf = (line: string): readonly string[] => {
  const words = line.match(/(?:[^\s'\\]|\\.|'[^']*')+/g) ?? [];
  return words.map((word) =>
    word.replaceAll(/'([^']*)'|\\(.)/g, (_, inside: string | undefined, escaped: string | undefined) => inside ?? escaped ?? ""),
  );
};

export interface Command {
  readonly verb: string;
  /** Flags with their values, in their order. A flag without a value has an empty one. */
  readonly flags: ReadonlyArray<readonly [name: string, value: string]>;
}

/** `./quiesce run --seed 7 --fault 'nmi cpu 3 at run'`. */
export const readCommand = (line: string): Command => {
  const [, verb = "", ...rest] = wordsOf(line.trim());
  const flags: Array<readonly [string, string]> = [];
  for (let i = 0; i < rest.length; i++) {
    const name = (rest[i] as string).replace(/^--/, "");
    const next = rest[i + 1];
    const hasValue = next !== undefined && !next.startsWith("--");
    flags.push([name, hasValue ? next : ""]);
    if (hasValue) i++;
  }
  return { verb, flags };
};
