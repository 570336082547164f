// One line of an strace log, read: a call, one half of a call, a signal, an end of a thread, or nothing that strace prints.

/** What a call's first descriptor is, where the log says it (`strace -y`). */
export type Descriptor = "file" | "stream" | "unknown";

/** How a call ended: not known for one that never returned (exit, or the end of the log). */
interface Ended {
  /** From entry to exit as strace saw it. */
  readonly tookNs: number | undefined;
}

export type Line =
  | ({ readonly kind: "call"; readonly pid: number; readonly atNs: number; readonly name: string; readonly descriptor: Descriptor } & Ended)
  | { readonly kind: "unfinished"; readonly pid: number; readonly atNs: number; readonly name: string; readonly descriptor: Descriptor }
  | ({ readonly kind: "resumed"; readonly pid: number; readonly atNs: number; readonly name: string } & Ended)
  | { readonly kind: "signal"; readonly pid: number; readonly atNs: number }
  | { readonly kind: "exit"; readonly pid: number; readonly atNs: number };

/** Why a line is not one of the above. */
export interface Malformed {
  readonly kind: "malformed";
  readonly why: string;
}

/** Longer lines are refused: strace cuts strings to 32 bytes unless told otherwise, so that no sane line comes near this. */
const lineLimit = 65_536;

const stamp = /^(?:\[pid +(\d+)\] +|(\d+) +)?(\d+)\.(\d{6}|\d{9}) (.*)$/;
const completed = /^(\w+)\((.*)\) += (.+)$/;
const interrupted = /^(\w+)\((.*)<(?:unfinished|detached) \.\.\.>$/;
/** A call of a thread that was killed meanwhile: strace knows no result. */
const lost = /^(\w+)\((.*)<unfinished \.\.\.>\) += \?$/;
const resumed = /^<\.\.\. (\w+) resumed>.* = (.+)$/;
const took = /<(\d+)\.(\d{6}|\d{9})>$/;

/** Seconds are kept modulo 10^6 (eleven days), so that nanoseconds since then stay exact in a double. */
const nanoseconds = (seconds: string, fraction: string): number => (Number(seconds) % 1_000_000) * 1e9 + Number(fraction.padEnd(9, "0"));

const durationOf = (result: string): number | undefined => {
  const match = took.exec(result);
  return match === null ? undefined : nanoseconds(match[1] as string, match[2] as string);
};

/** `read(5</var/lib/x>, ...` is a file; `read(5<socket:[77]>, ...`, a pipe, a terminal or an event descriptor is a stream. */
const descriptorOf = (args: string): Descriptor => {
  const match = /^\d+<(\/(?!dev\/)|[^/]|\/dev\/)/.exec(args);
  if (match === null) return "unknown";
  return match[1] === "/" ? "file" : "stream";
};

const callOf = (text: string, pid: number, atNs: number): Line | undefined => {
  const half = lost.exec(text) ?? interrupted.exec(text);
  if (half !== null) return { kind: "unfinished", pid, atNs, name: half[1] as string, descriptor: descriptorOf(half[2] as string) };
  const whole = completed.exec(text);
  if (whole !== null) {
    return {
      kind: "call",
      pid,
      atNs,
      name: whole[1] as string,
      descriptor: descriptorOf(whole[2] as string),
      tookNs: durationOf(whole[3] as string),
    };
  }
  const rest = resumed.exec(text);
  if (rest !== null) return { kind: "resumed", pid, atNs, name: rest[1] as string, tookNs: durationOf(rest[2] as string) };
  return undefined;
};

/** Reads one line of `strace -f -ttt -T` (with or without -y, microseconds or nanoseconds, into a file or from the terminal). */
export const readLine = (line: string): Line | Malformed => {
  if (line.length > lineLimit) return { kind: "malformed", why: `longer than ${lineLimit} characters` };
  const match = stamp.exec(line);
  if (match === null) {
    const clock = /^(?:\d+ +)?\d+:\d\d:\d\d/.test(line);
    return {
      kind: "malformed",
      why: clock ? "the time is not in seconds since 1970 (record with -ttt)" : "no time stamp as of strace -ttt",
    };
  }
  const pid = Number(match[1] ?? match[2] ?? 0);
  const atNs = nanoseconds(match[3] as string, match[4] as string);
  const text = match[5] as string;
  if (text.startsWith("+++ ")) return { kind: "exit", pid, atNs };
  if (text.startsWith("--- ")) return { kind: "signal", pid, atNs };
  return callOf(text, pid, atNs) ?? { kind: "malformed", why: "neither a call, a signal nor an exit" };
};
