// One thing or several, as the command line says it: digits without groups, which can be searched and cut.

/** `1 run`, `2 runs`. */
export const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? "" : "s"}`;
