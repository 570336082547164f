// What the terminal behind a stream takes.

/** Colour only for a person's eyes, and not against their wish (no-color.org). */
export const coloursOn = (stream: NodeJS.WriteStream): boolean =>
  stream.isTTY && (process.env.NO_COLOR ?? "") === "" && process.env.TERM !== "dumb";

/** Where a terminal does not say how wide it is. */
const usualColumns = 80;

export const columnsOf = (stream: NodeJS.WriteStream): number => stream.columns || usualColumns;
