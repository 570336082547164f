// Reads a Chrome trace as strictly as its format is written down, and finds what would confuse a viewer.
import { assert } from "vitest";

export interface ChromeEvent {
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  readonly ts: number;
  readonly name: string;
  readonly dur: number;
  readonly bind_id?: number;
  readonly flow_out?: boolean;
  readonly flow_in?: boolean;
  readonly args: Readonly<Record<string, unknown>>;
}

/** What an event of each phase must have, and nothing else: the name of each key and the type of its value. */
const schema: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  M: { pid: "number", "tid?": "number", name: "string", args: "object" },
  B: { pid: "number", tid: "number", ts: "number", name: "string", args: "object" },
  E: { pid: "number", tid: "number", ts: "number" },
  X: {
    pid: "number",
    tid: "number",
    ts: "number",
    dur: "number",
    name: "string",
    args: "object",
    "bind_id?": "number",
    "flow_out?": "boolean",
    "flow_in?": "boolean",
  },
  i: { pid: "number", tid: "number", ts: "number", name: "string", args: "object", s: "string" },
  C: { pid: "number", ts: "number", name: "string", args: "object" },
};

const problemsOf = (event: Readonly<Record<string, unknown>>): readonly string[] => {
  const shape = schema[String(event.ph)];
  if (shape === undefined) return [`unknown phase ${event.ph}`];
  const problems: string[] = [];
  for (const [key, type] of Object.entries(shape)) {
    const name = key.replace("?", "");
    const missing = !(name in event);
    if (missing ? !key.endsWith("?") : typeof event[name] !== type) problems.push(`${event.ph} without a ${type} ${name}`);
  }
  for (const key of Object.keys(event))
    if (key !== "ph" && !(key in shape) && !(`${key}?` in shape)) problems.push(`${event.ph} with ${key}`);
  if (typeof event.ts === "number" && (!Number.isFinite(event.ts) || event.ts < 0)) problems.push(`a time of ${event.ts}`);
  return problems;
};

export const chromeEvents = (text: string): readonly ChromeEvent[] => {
  const { displayTimeUnit, traceEvents } = JSON.parse(text);
  assert.strictEqual(displayTimeUnit, "ns");
  assert.deepStrictEqual([...new Set(traceEvents.flatMap(problemsOf))], []);
  return traceEvents;
};

export interface Slice {
  readonly tid: number;
  readonly name: string;
  readonly from: number;
  readonly to: number;
  /** How many slices it lies in. */
  readonly depth: number;
}

/** Takes slices as a viewer does, with a stack for each lane; throws where one does not lie within the other. */
export const slicesOf = (events: readonly ChromeEvent[]): readonly Slice[] => {
  const slices: Slice[] = [];
  const stacks = new Map<number, ChromeEvent[]>();
  const last = new Map<number, number>();
  for (const event of events) {
    if (event.ph !== "B" && event.ph !== "E") continue;
    const { tid, ts } = event;
    assert.isAtLeast(ts, last.get(tid) ?? 0, `lane ${tid} goes back in time`);
    last.set(tid, ts);
    const stack = stacks.get(tid) ?? [];
    stacks.set(tid, stack);
    if (event.ph === "B") stack.push(event);
    else {
      const begun = stack.pop();
      if (begun === undefined) assert.fail(`lane ${tid} ends at ${ts} what never began`);
      slices.push({ tid, name: begun.name, from: begun.ts, to: ts, depth: stack.length });
    }
  }
  for (const [tid, stack] of stacks) assert.deepStrictEqual(stack, [], `lane ${tid} never ends`);
  return slices;
};
