// The shape of the bytes: what one process says in one turn, as small arrays of integers; and the strict reading of arrays that
// anyone may have sent. Reading never throws: it gives the frame, or a string that says why the value is none.
import { type CpuSet, covers, isCpuSet, lowest, oneCpu, size, toArray } from "../machine/cpuSet.ts";
import {
  type Ask as Asked,
  type Busy,
  type Call,
  type CallDone,
  type Operation,
  type Outcome,
  type Phase,
  phases,
  type Register,
  type Report,
  type RoundMessage,
  roundMessage,
  type SwitchAsk,
  type ToCoordinator,
  type Welcome,
} from "./messages.ts";
import { limits } from "./setup.ts";

/** What may be said at once. A frame beyond a limit is refused by whoever receives it. */
export const wireLimits = {
  /** CPUs of a machine. */
  cpus: limits.cpus,
  /** Bytes of a frame; below the 1 MiB that a NATS server takes unless it is told otherwise. */
  frameBytes: 1_000_000,
  /** Items of a frame, so that a small frame cannot ask for much work. */
  items: 1 << 16,
  /** Messages that a frame may unfold to, all its CPU sets counted out. */
  deliveries: 1 << 21,
  /** Busy tasks that one vote may name; more are cut off, since one is enough to abort. */
  busy: 64,
  /** Characters of a task's, function's or patch's name; more are cut off. */
  text: 256,
} as const;

/** What a coordinator asks of CPUs. */
export interface Ask {
  readonly to: CpuSet;
  readonly msg: RoundMessage | Welcome;
}

/** What CPUs answered. Acks that say the same are one message for a set of CPUs; `said` is how many were said. */
export interface Answer {
  readonly from: number;
  readonly said: number;
  readonly msg: ToCoordinator;
}

/** What a CPU tells others. */
export interface CpuCall {
  readonly from: number;
  readonly to: CpuSet;
  readonly msg: Call | CallDone;
}

/** What was read: `clock` is the speaker's Lamport clock. Who spoke is told by the subject, never by the frame. */
export interface Frame<Item> {
  readonly clock: number;
  readonly items: readonly Item[];
}

/** Why a value is not what it should be. */
export type Refusal = string;

/** A frame as plain values: arrays of integers and strings, nothing else. */
export type Wire = ReadonlyArray<number | string | Wire>;

type Unread = readonly unknown[];

/** The first element of a frame. A change of a layout takes a new number. */
const codes = { asks: 4, answers: 5, calls: 3 } as const;

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0 && !Object.is(value, -0);
const isCpu = (value: unknown): value is number => isCount(value) && value < wireLimits.cpus;
const isLife = (value: unknown): value is number => isCount(value) && value > 0;
const isText = (value: unknown): value is string => typeof value === "string" && value.length <= wireLimits.text;

/** The body of a frame of this code and length, or why it is none. */
const bodyOf = (value: unknown, code: number, length: number): { clock: number; body: Unread } | Refusal => {
  if (!Array.isArray(value)) return "not a frame";
  if (value[0] !== code) return "another kind of frame";
  if (value.length !== length + 2) return "not a frame of its kind";
  if (!isCount(value[1])) return "no clock";
  return { clock: value[1], body: value.slice(2) };
};

/** The word that a number stands for. A number, not a key: `["a"]["length"]` is no word. */
const wordOf = <Word>(words: readonly Word[], index: unknown): Word | undefined => (isCount(index) ? words[index] : undefined);

const cut = (text: string): string => (text.length <= wireLimits.text ? text : text.slice(0, wireLimits.text));

// ---- asks: [code, clock, [to, row, to, row, ...]] ----------------------------------------------------------------------------

const passes = ["sleepers", "all"] as const;
const outcomes: readonly Outcome[] = ["committed", "aborted"];

const roundRow = ({ term, epoch, round, ask }: RoundMessage): number[] => [
  0,
  term,
  epoch,
  round,
  phases.indexOf(ask.do),
  ...detailsOf(ask),
];

/** What an ask says beside its name. "All of the patch set" is 0, batch n is n + 1. */
const detailsOf = (ask: Asked): readonly number[] => {
  switch (ask.do) {
    case "gather":
      return [passes.indexOf(ask.pass)];
    case "prepare":
    case "sync":
      return [];
    case "disable-irq":
      return [ask.walker];
    case "run":
      return [ask.active];
    case "exit":
      return [outcomes.indexOf(ask.outcome), ask.version];
    case "poke":
      return [ask.batch, ask.step, ask.target, ask.from];
    case "complete":
    case "cancel":
      return [ask.version];
    default:
      return [ask.target, ask.from, ask.caller, ask.batch === null ? 0 : ask.batch + 1];
  }
};

const welcomeRow = (msg: Welcome): number[] => [1, msg.term, msg.epoch, msg.cpu, msg.incarnation, msg.version];

export const encodeAsks = (clock: number, items: readonly Ask[]): Wire => {
  const rows: Array<readonly number[]> = [];
  for (const { to, msg } of items) rows.push(to, msg.kind === "welcome" ? welcomeRow(msg) : roundRow(msg));
  return [codes.asks, clock, rows];
};

const askOf = (row: Unread): Asked | undefined => {
  const [, , , , ask, first, second, third, fourth] = row;
  const length = row.length - 5;
  const name = wordOf(phases, ask);
  switch (name) {
    case undefined:
      return undefined;
    case "gather": {
      const pass = wordOf(passes, first);
      return length === 1 && pass !== undefined ? { do: name, pass } : undefined;
    }
    case "prepare":
    case "sync":
      return length === 0 ? { do: name } : undefined;
    case "disable-irq":
      return length === 1 && isCpu(first) ? { do: name, walker: first } : undefined;
    case "run":
      return length === 1 && isCpu(first) ? { do: name, active: first } : undefined;
    case "exit": {
      const outcome = wordOf(outcomes, first);
      return length === 2 && outcome !== undefined && isCount(second) ? { do: name, outcome, version: second } : undefined;
    }
    case "poke":
      return length === 4 && isCount(first) && isStep(second) && isCount(third) && isCount(fourth)
        ? { do: name, batch: first, step: second, target: third, from: fourth }
        : undefined;
    case "complete":
    case "cancel":
      return length === 1 && isCount(first) ? { do: name, version: first } : undefined;
    default:
      return length === 4 ? switchAskOf(name, row.slice(5)) : undefined;
  }
};

const isStep = (value: unknown): value is 1 | 2 | 3 => value === 1 || value === 2 || value === 3;

const switchAskOf = (name: SwitchAsk["do"] & Phase, [target, from, caller, batch]: Unread): SwitchAsk | undefined =>
  isCount(target) && isCount(from) && isCpu(caller) && isCount(batch)
    ? { do: name, target, from, caller, batch: batch === 0 ? null : batch - 1 }
    : undefined;

const readAsk = (row: unknown): RoundMessage | Welcome | undefined => {
  if (!Array.isArray(row) || row.length < 5 || row.length > 9) return undefined;
  const [kind, term, epoch, third, incarnation, version] = row as Unread;
  if (!isCount(term) || !isCount(epoch)) return undefined;
  if (kind === 1) {
    const sound = row.length === 6 && isCpu(third) && isLife(incarnation) && isCount(version);
    return sound ? { kind: "welcome", term, epoch, cpu: third, incarnation, version } : undefined;
  }
  if (kind !== 0 || !isCount(third)) return undefined;
  const ask = askOf(row);
  return ask === undefined ? undefined : roundMessage({ term, epoch, round: third }, ask);
};

export const readAsks = (value: unknown): Frame<Ask> | Refusal => {
  const frame = bodyOf(value, codes.asks, 1);
  if (typeof frame === "string") return frame;
  const rows = frame.body[0];
  if (!Array.isArray(rows) || rows.length % 2 !== 0 || rows.length > 2 * wireLimits.items) return "not a list of asks";
  const items: Ask[] = [];
  let deliveries = 0;
  for (let i = 0; i < rows.length; i += 2) {
    const to: unknown = rows[i];
    if (!isCpuSet(to, wireLimits.cpus)) return "not a set of CPUs";
    deliveries += size(to);
    if (deliveries > wireLimits.deliveries) return "too many deliveries";
    const msg = readAsk(rows[i + 1]);
    if (msg === undefined) return "not an ask";
    items.push({ to, msg });
  }
  return { clock: frame.clock, items };
};

// ---- answers: [code, clock, [cpus, said, what, incarnation, term, epoch, round, ...], [[task, function, ...], ...]] ------------

const answerStride = 7;

/** What an answer is. One that names tasks is `busy + 2 i` or `pending + 2 i`, where i is its place in the list of lists of tasks. */
const what = { hello: 0, withdraw: 1, done: 2, wrote: 3, clear: 4, nonePending: 5, busy: 6, pending: 7 } as const;

const whatOf = (msg: ToCoordinator): number => {
  if (msg.kind !== "ack") return what[msg.kind];
  return msg.report.kind === "pending" && msg.report.busy.length === 0 ? what.nonePending : what[msg.report.kind];
};

/** CPUs that give the same answer one after the other become one row: the acks of a thousand are a set and six integers. */
export const encodeAnswers = (clock: number, messages: readonly ToCoordinator[]): Wire => {
  const rows: Array<number | number[]> = [];
  const lists: string[][] = [];
  for (const msg of messages) {
    const cpus = msg.kind === "ack" ? msg.cpus : oneCpu(msg.cpu);
    let code = whatOf(msg);
    if (msg.kind === "ack" && "busy" in msg.report && code >= what.busy) {
      code += 2 * lists.length;
      lists.push(msg.report.busy.slice(0, wireLimits.busy).flatMap((busy) => [cut(busy.task), cut(busy.function), cut(busy.why)]));
    }
    const key = keyOf(code, msg);
    const last = rows.length - answerStride;
    if (last >= 0 && key.every((value, i) => value === rows[last + 2 + i]) && append(rows[last] as number[], cpus))
      rows[last + 1] = (rows[last + 1] as number) + 1;
    else rows.push([...cpus], 1, ...key);
  }
  return [codes.answers, clock, rows, lists];
};

/** What answers of several CPUs must have in common to be one row. */
const keyOf = (code: number, msg: ToCoordinator): readonly number[] => {
  if (msg.kind === "hello") return [code, msg.incarnation, 0, 0, 0];
  return [code, msg.incarnation, msg.term, msg.epoch, msg.kind === "ack" ? msg.round : 0];
};

/** Adds CPUs that come after those of the set; false if they do not. */
const append = (set: number[], cpus: CpuSet): boolean => {
  const last = set[set.length - 1] as number;
  if ((cpus[0] as number) <= last) return false;
  const joins = cpus[0] === last + 1;
  if (joins) set[set.length - 1] = cpus[1] as number;
  for (let i = joins ? 2 : 0; i < cpus.length; i++) set.push(cpus[i] as number);
  return true;
};

const readBusy = (list: unknown): readonly Busy[] | undefined => {
  if (!Array.isArray(list) || list.length % 3 !== 0 || list.length > 3 * wireLimits.busy || !list.every(isText)) return undefined;
  const busy: Busy[] = [];
  for (let i = 0; i < list.length; i += 3)
    busy.push({ task: list[i] as string, function: list[i + 1] as string, why: list[i + 2] as string });
  return busy;
};

/** An answer as each of its CPUs gave it. */
const readAnswer = (cpus: CpuSet, key: Unread, lists: Unread): ToCoordinator[] | undefined => {
  const [code, incarnation, term, epoch, round] = key;
  if (!isCount(code) || !isLife(incarnation) || !isCount(term) || !isCount(epoch) || !isCount(round)) return undefined;
  if (code === what.hello)
    return term + epoch + round === 0 ? toArray(cpus).map((cpu) => ({ kind: "hello", cpu, incarnation })) : undefined;
  if (code === what.withdraw)
    return round === 0 ? toArray(cpus).map((cpu) => ({ kind: "withdraw", term, epoch, cpu, incarnation })) : undefined;
  const report = readReport(code, lists);
  return report && [{ kind: "ack", term, epoch, round, cpus, incarnation, report }];
};

const readReport = (code: number, lists: Unread): Report | undefined => {
  switch (code) {
    case what.done:
      return { kind: "done" };
    case what.wrote:
      return { kind: "wrote" };
    case what.clear:
      return { kind: "clear" };
    case what.nonePending:
      return { kind: "pending", busy: [] };
    default: {
      const kind = (code - what.busy) % 2 === 0 ? "busy" : "pending";
      const busy = readBusy(lists[Math.floor((code - what.busy) / 2)]);
      return busy && { kind, busy };
    }
  }
};

/** `owned`: the CPUs that the speaker may speak for. */
export const readAnswers = (value: unknown, owned: CpuSet): Frame<Answer> | Refusal => {
  const frame = bodyOf(value, codes.answers, 2);
  if (typeof frame === "string") return frame;
  const [rows, lists] = frame.body;
  if (!Array.isArray(rows) || rows.length % answerStride !== 0 || rows.length > answerStride * wireLimits.items)
    return "not a list of answers";
  if (!Array.isArray(lists) || lists.length > wireLimits.items) return "not a list of tasks";
  const items: Answer[] = [];
  let deliveries = 0;
  for (let at = 0; at < rows.length; at += answerStride) {
    const cpus: unknown = rows[at];
    const said: unknown = rows[at + 1];
    if (!isCpuSet(cpus, wireLimits.cpus) || cpus.length === 0) return "not a set of CPUs";
    if (!covers(owned, cpus)) return "speaks for CPUs that are not its own";
    deliveries += size(cpus);
    if (deliveries > wireLimits.deliveries) return "too many deliveries";
    if (!isLife(said) || said > size(cpus)) return "not a number of answers";
    const messages = readAnswer(cpus, rows.slice(at + 2, at + answerStride), lists);
    if (messages === undefined) return "not an answer";
    for (const msg of messages) items.push(msg.kind === "ack" ? { from: lowest(cpus), said, msg } : { from: msg.cpu, said: 1, msg });
  }
  return { clock: frame.clock, items };
};

// ---- calls: [code, clock, [from, first, last, done, id, incarnation, ...]] ------------------------------------------------------

const callStride = 6;

export const encodeCalls = (clock: number, items: readonly CpuCall[]): Wire => {
  const rows: number[] = [];
  for (const { from, to, msg } of items) {
    const done = msg.kind === "call-done" ? 1 : 0;
    for (let i = 0; i < to.length; i += 2) rows.push(from, to[i] as number, to[i + 1] as number, done, msg.id, msg.incarnation);
  }
  return [codes.calls, clock, rows];
};

/** `owned`: the CPUs that the speaker may speak for. */
export const readCalls = (value: unknown, owned: CpuSet): Frame<CpuCall> | Refusal => {
  const frame = bodyOf(value, codes.calls, 1);
  if (typeof frame === "string") return frame;
  const rows = frame.body[0];
  if (!Array.isArray(rows) || rows.length % callStride !== 0 || rows.length > callStride * wireLimits.items) return "not a list of calls";
  const items: CpuCall[] = [];
  let deliveries = 0;
  for (let at = 0; at < rows.length; at += callStride) {
    const [from, first, last, done, id, incarnation] = rows.slice(at, at + callStride) as Unread;
    if (!isCpu(from) || !isCpu(first) || !isCpu(last) || last < first) return "not a range of CPUs";
    if (!covers(owned, oneCpu(from))) return "speaks for CPUs that are not its own";
    deliveries += last - first + 1;
    if (deliveries > wireLimits.deliveries) return "too many deliveries";
    const kind = wordOf(["call", "call-done"] as const, done);
    if (kind === undefined || !isCount(id) || !isLife(incarnation)) return "not a call";
    items.push({ from, to: [first, last], msg: { kind, id, incarnation } });
  }
  return { clock: frame.clock, items };
};

// ---- the register: JSON, so that any tool can show it ---------------------------------------------------------------------------

const states: ReadonlyArray<Register["state"]> = ["open", "commit", "abort", "done"];
const operations: readonly Operation[] = ["patch", "unpatch"];

const isOneOf = <Word>(words: readonly Word[], value: unknown): value is Word => words.includes(value as Word);

const areIncarnations = (value: unknown): value is Register["incarnations"] => {
  if (!Array.isArray(value)) return false;
  let previous = -1;
  for (const pair of value as Unread) {
    if (!Array.isArray(pair) || pair.length !== 2) return false;
    const [cpu, incarnation] = pair as Unread;
    if (!isCpu(cpu) || cpu <= previous || !isLife(incarnation)) return false;
    previous = cpu;
  }
  return true;
};

export const readRegister = (value: unknown): Register | Refusal => {
  if (typeof value !== "object" || value === null) return "not a record";
  const { term, holder, epoch, state, outcome, operation, ...rest } = value as Readonly<Record<keyof Register, unknown>>;
  const { patch, step, attempt, version, target, participants, incarnations } = rest;
  if (!isCount(term) || !isCount(holder) || !isCount(epoch)) return "not a term, holder and epoch";
  if (!isCount(step) || !isCount(attempt) || !isCount(version) || !isCount(target)) return "not a step, attempt and versions";
  if (!isOneOf(states, state) || !isOneOf(operations, operation)) return "not a state or operation";
  if (outcome !== null && !isOneOf(outcomes, outcome)) return "not an outcome";
  if (!isText(patch)) return "not a patch";
  if (!isCpuSet(participants, wireLimits.cpus)) return "not a set of CPUs";
  if (!areIncarnations(incarnations)) return "not a list of incarnations";
  return { term, holder, epoch, state, outcome, operation, patch, step, attempt, version, target, participants, incarnations };
};
