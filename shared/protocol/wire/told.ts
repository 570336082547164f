// What CPUs tell CPUs, as bytes: [code, clock, calls, asks, rows, lists]. Calls, their ends and reschedules are [from, first, last, word,
// id or time of sending, incarnation, ...]; asks of a round that a combiner hands on [from, to, row, ...]; what combiners are answered is rows of answers.
import { type CpuSet, has, isCpuSet, lowest, oneCpu, size } from "../../machine/cpuSet.ts";
import { type Ack, type Call, type CallDone, isRoundMessage, type Message, type Reschedule, type RoundMessage } from "../messages.ts";
import { answerRows, readRows } from "./answers.ts";
import { type Row, readRound, roundRow } from "./asks.ts";
import { bodyOf, codes, type Frame, isCount, isCpu, isLife, type Refusal, type Unread, type Wire, wireLimits, wordOf } from "./frame.ts";

/** What passes between two CPUs and belongs to no round. */
type Passing = Call | CallDone | Reschedule;

const passing = ["call", "call-done", "reschedule"] as const;

export const isPassing = (msg: Message): msg is Passing => passing.some((kind) => kind === msg.kind);

/** What a CPU tells others. `said`: how many messages of CPUs it was, since acks that say the same are one. */
export interface Told {
  readonly from: number;
  readonly to: CpuSet;
  readonly said: number;
  readonly msg: Passing | RoundMessage | Ack;
}

const callStride = 6;
const askStride = 3;

const callRow = (from: number, to: CpuSet, msg: Passing): number[] => {
  const row: number[] = [];
  const what = msg.kind === "reschedule" ? msg.sentNs : msg.id;
  for (let i = 0; i < to.length; i += 2)
    row.push(from, to[i] as number, to[i + 1] as number, passing.indexOf(msg.kind), what, msg.incarnation);
  return row;
};

export const encodeTold = (clock: number, items: readonly Told[]): Wire => {
  const calls: number[] = [];
  const asks: Array<number | CpuSet | Row> = [];
  const acks: Array<{ readonly to: number; readonly answer: Ack }> = [];
  for (const { from, to, msg } of items) {
    if (msg.kind === "ack") acks.push({ to: lowest(to), answer: msg });
    else if (isRoundMessage(msg)) asks.push(from, to, roundRow(msg));
    else calls.push(...callRow(from, to, msg));
  }
  const { rows, lists } = answerRows(acks);
  return [codes.told, clock, calls, asks, rows, lists];
};

const readCalls = (rows: unknown, owned: CpuSet): Told[] | Refusal => {
  if (!Array.isArray(rows) || rows.length % callStride !== 0 || rows.length > callStride * wireLimits.items) return "not a list of calls";
  const items: Told[] = [];
  for (let at = 0; at < rows.length; at += callStride) {
    const [from, first, last, word, what, incarnation] = rows.slice(at, at + callStride) as Unread;
    if (!isCpu(from) || !isCpu(first) || !isCpu(last) || last < first) return "not a range of CPUs";
    if (!has(owned, from)) return "speaks for CPUs that are not its own";
    const kind = wordOf(passing, word);
    if (kind === undefined || !isCount(what) || !isLife(incarnation)) return "not a call";
    const msg: Passing = kind === "reschedule" ? { kind, sentNs: what, incarnation } : { kind, id: what, incarnation };
    items.push({ from, to: [first, last], said: 1, msg });
  }
  return items;
};

/** A combiner is the lowest of those whom it asks. */
const readHandedOn = (rows: unknown, owned: CpuSet): Told[] | Refusal => {
  if (!Array.isArray(rows) || rows.length % askStride !== 0 || rows.length > askStride * wireLimits.items) return "not a list of asks";
  const items: Told[] = [];
  for (let at = 0; at < rows.length; at += askStride) {
    const [from, to, row] = rows.slice(at, at + askStride) as Unread;
    if (!isCpu(from) || !isCpuSet(to, wireLimits.cpus)) return "not a set of CPUs";
    if (!has(owned, from) || lowest(to) <= from) return "asks whom it may not ask";
    const msg = Array.isArray(row) ? readRound(row, to) : undefined;
    if (msg === undefined) return "not an ask";
    items.push({ from, to, said: 1, msg });
  }
  return items;
};

const readAcks = (rows: unknown, lists: unknown, owned: CpuSet): Told[] | Refusal => {
  const answers = readRows(rows, lists, owned);
  if (typeof answers === "string") return answers;
  const items: Told[] = [];
  for (const { to, answer } of answers) {
    const { from, said, msg } = answer;
    if (to === null || msg.kind !== "ack") return "not for a combiner";
    items.push({ from, to: oneCpu(to), said, msg });
  }
  return items;
};

/** `owned`: the CPUs that the speaker may speak for. */
export const readTold = (value: unknown, owned: CpuSet): Frame<Told> | Refusal => {
  const frame = bodyOf(value, codes.told, 4);
  if (typeof frame === "string") return frame;
  const [calls, asks, rows, lists] = frame.body;
  const items: Told[] = [];
  for (const part of [readCalls(calls, owned), readHandedOn(asks, owned), readAcks(rows, lists, owned)]) {
    if (typeof part === "string") return part;
    for (const item of part) items.push(item);
  }
  const deliveries = items.reduce((sum, { to }) => sum + size(to), 0);
  return deliveries > wireLimits.deliveries ? "too many deliveries" : { clock: frame.clock, items };
};
