// What CPUs answer, as bytes: [code, clock, rows, [[task, function, why, ...], ...]], where what several CPUs say alike is one row.
import { type CpuSet, covers, has, isCpuSet, lowest, oneCpu, size, toArray } from "../../machine/cpuSet.ts";
import type { Ack, Busy, Report, ToCoordinator } from "../messages.ts";
import { bodyOf, codes, cut, type Frame, isCount, isLife, isText, type Refusal, type Unread, type Wire, wireLimits } from "./frame.ts";

/** What CPUs answered. Acks that say the same are one message for a set of CPUs; `said` is how many messages of CPUs these were. */
export interface Answer {
  readonly from: number;
  readonly said: number;
  readonly msg: ToCoordinator;
}

/** An answer, and the combiner that it is for; null: whoever coordinates. */
interface Directed<A> {
  readonly to: number | null;
  readonly answer: A;
}

const stride = 9;

/** What an answer is. One that names tasks is `busy + 2 i` or `pending + 2 i`, where i is its place in the list of lists of tasks. */
const what = { hello: 0, withdraw: 1, done: 2, wrote: 3, clear: 4, nonePending: 5, busy: 6, pending: 7 } as const;

const whatOf = (msg: ToCoordinator): number => {
  if (msg.kind !== "ack") return what[msg.kind];
  return msg.report.kind === "pending" && msg.report.busy.length === 0 ? what.nonePending : what[msg.report.kind];
};

/** Rows of [cpus, said, to, carrier, what, incarnation, term, epoch, round], with the lists of tasks that they speak of. */
export interface AnswerRows {
  readonly rows: ReadonlyArray<number | CpuSet>;
  readonly lists: readonly string[][];
}

/** CPUs that give the same answer one after the other become one row: the acks of a thousand are a set and eight integers. */
export const answerRows = (messages: ReadonlyArray<Directed<ToCoordinator>>): AnswerRows => {
  const rows: Array<number | number[]> = [];
  const lists: string[][] = [];
  for (const { to, answer: msg } of messages) {
    const cpus = msg.kind === "ack" ? msg.cpus : oneCpu(msg.cpu);
    let code = whatOf(msg);
    if (msg.kind === "ack" && "busy" in msg.report && code >= what.busy) {
      code += 2 * lists.length;
      lists.push(msg.report.busy.slice(0, wireLimits.busy).flatMap((busy) => [cut(busy.task), cut(busy.function), cut(busy.why)]));
    }
    const key = keyOf(to, code, msg);
    const last = rows.length - stride;
    if (last >= 0 && key.every((value, i) => value === rows[last + 2 + i]) && append(rows[last] as number[], cpus))
      rows[last + 1] = (rows[last + 1] as number) + saidIn(msg);
    else rows.push([...cpus], saidIn(msg), ...key);
  }
  return { rows, lists };
};

/** By how many CPUs it was said: what a combiner carries was said to it, and an ack without one by each of its CPUs. */
export const saidIn = (msg: ToCoordinator): number => (msg.kind === "ack" && msg.carrier === undefined ? size(msg.cpus) : 1);

export const encodeAnswers = (clock: number, messages: readonly ToCoordinator[]): Wire => {
  const { rows, lists } = answerRows(messages.map((answer) => ({ to: null, answer })));
  return [codes.answers, clock, rows, lists];
};

/** A CPU, or 0 for none. */
const orNone = (cpu: number | null | undefined): number => (cpu ?? -1) + 1;

/** What answers of several CPUs must have in common to be one row. */
const keyOf = (to: number | null, code: number, msg: ToCoordinator): readonly number[] => {
  const { incarnation } = msg;
  if (msg.kind === "hello") return [orNone(to), 0, code, incarnation, 0, 0, 0];
  const { term, epoch } = msg;
  if (msg.kind === "withdraw") return [orNone(to), 0, code, incarnation, term, epoch, 0];
  return [orNone(to), orNone(msg.carrier), code, incarnation, term, epoch, msg.round];
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

/** An answer as each of its CPUs gave it, or the one who carries it. */
const readAnswer = (cpus: CpuSet, said: number, carrier: number, key: Unread, lists: Unread): Answer[] | undefined => {
  const [code, incarnation, term, epoch, round] = key;
  if (!isCount(code) || !isLife(incarnation) || !isCount(term) || !isCount(epoch) || !isCount(round)) return undefined;
  const each = (one: (cpu: number) => ToCoordinator): Answer[] => toArray(cpus).map((from) => ({ from, said: 1, msg: one(from) }));
  if (code === what.hello) return term + epoch + round + carrier === 0 ? each((cpu) => ({ kind: "hello", cpu, incarnation })) : undefined;
  if (code === what.withdraw)
    return round + carrier === 0 ? each((cpu) => ({ kind: "withdraw", term, epoch, cpu, incarnation })) : undefined;
  const report = readReport(code, lists);
  if (report === undefined) return undefined;
  const ack: Ack = { kind: "ack", term, epoch, round, cpus, incarnation, report };
  return [carrier === 0 ? { from: lowest(cpus), said, msg: ack } : { from: carrier - 1, said, msg: { ...ack, carrier: carrier - 1 } }];
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

/**
 * Each speaks for itself alone, so that it is one of the speaker's own; or a combiner of the speaker's own carries what it may have heard.
 * Whether those were asked by way of it only whoever asked them can tell.
 */
const mayCarry = (owned: CpuSet, cpus: CpuSet, carrier: number): boolean =>
  carrier === 0 ? covers(owned, cpus) : has(owned, carrier - 1) && lowest(cpus) >= carrier - 1;

/** `owned`: the CPUs that the speaker may speak for. */
export const readRows = (rows: unknown, lists: unknown, owned: CpuSet): ReadonlyArray<Directed<Answer>> | Refusal => {
  if (!Array.isArray(rows) || rows.length % stride !== 0 || rows.length > stride * wireLimits.items) return "not a list of answers";
  if (!Array.isArray(lists) || lists.length > wireLimits.items) return "not a list of tasks";
  const answers: Array<Directed<Answer>> = [];
  let deliveries = 0;
  for (let at = 0; at < rows.length; at += stride) {
    const [cpus, said, to, carrier] = rows.slice(at, at + 4) as Unread;
    if (!isCpuSet(cpus, wireLimits.cpus) || cpus.length === 0) return "not a set of CPUs";
    if (!isCount(to) || to > wireLimits.cpus || !isCount(carrier) || carrier > wireLimits.cpus) return "not a combiner";
    if (!mayCarry(owned, cpus, carrier)) return "speaks for CPUs that are not its own";
    deliveries += size(cpus);
    if (deliveries > wireLimits.deliveries) return "too many deliveries";
    if (!isLife(said) || said > size(cpus)) return "not a number of answers";
    const answered = readAnswer(cpus, said, carrier, rows.slice(at + 4, at + stride), lists);
    if (answered === undefined) return "not an answer";
    for (const answer of answered) answers.push({ to: to === 0 ? null : to - 1, answer });
  }
  return answers;
};

/** `owned`: the CPUs that the speaker may speak for. */
export const readAnswers = (value: unknown, owned: CpuSet): Frame<Answer> | Refusal => {
  const frame = bodyOf(value, codes.answers, 2);
  if (typeof frame === "string") return frame;
  const answers = readRows(frame.body[0], frame.body[1], owned);
  if (typeof answers === "string") return answers;
  if (answers.some(({ to }) => to !== null)) return "not for whoever coordinates";
  return { clock: frame.clock, items: answers.map(({ answer }) => answer) };
};
