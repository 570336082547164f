// Text from somebody else that may be shown: a terminal obeys control characters, and nobody reads a text without end.

/** Longest texts, in characters. */
export const textLimits = { cell: 16_384, by: 256, failed: 4_096 } as const;

const control = /\p{Cc}/gu;

export const isPlain = (value: unknown, most: number): value is string =>
  typeof value === "string" && value.length <= most && value.search(control) < 0;

/** The text as it may be shown: other characters in place of what a terminal obeys, and cut. */
export const plain = (text: string, most: number): string => text.slice(0, most).replaceAll(control, "\uFFFD");
