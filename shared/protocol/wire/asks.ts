// What a coordinator asks of CPUs, as bytes: [code, clock, [to, row, to, row, ...]].
import { type CpuSet, isCpuSet, lowest, size } from "../../machine/cpuSet.ts";
import { type Ask as Asked, type Phase, phases, type RoundMessage, roundMessage, type SwitchAsk, type Welcome } from "../messages.ts";
import { leastFanout } from "../topology.ts";
import {
  bodyOf,
  codes,
  type Frame,
  isCount,
  isCpu,
  isLife,
  outcomes,
  type Refusal,
  type Unread,
  type Wire,
  wireLimits,
  wordOf,
} from "./frame.ts";

/** What a coordinator asks of CPUs. */
export interface Ask {
  readonly to: CpuSet;
  readonly msg: RoundMessage | Welcome;
}

/** The sizes and numbers of one message. */
export type Row = ReadonlyArray<number | CpuSet>;

const passes = ["sleepers", "all"] as const;

/** A round; with the tree that is to be asked by way of its receiver, if there is one. */
export const roundRow = ({ term, epoch, round, ask, relay }: RoundMessage): Row => {
  const row = [term, epoch, round, phases.indexOf(ask.do), ...detailsOf(ask)];
  return relay === undefined ? [0, ...row] : [2, relay.fanout, relay.subtree, ...row];
};

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

const welcomeRow = (msg: Welcome): Row => [1, msg.term, msg.epoch, msg.cpu, msg.incarnation, msg.version];

export const encodeAsks = (clock: number, items: readonly Ask[]): Wire => {
  const rows: Array<CpuSet | Row> = [];
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

const isFanout = (value: unknown): value is number => isCount(value) && value >= leastFanout && value <= wireLimits.cpus;

/** `to`: whom it is said to. A tree is for its lowest CPU, and for nobody else. */
export const readRound = (row: Unread, to: CpuSet): RoundMessage | undefined => {
  if (row[0] === 2) {
    const [, fanout, subtree, ...rest] = row;
    const msg = readRound([0, ...rest], to);
    const isTree = isFanout(fanout) && isCpuSet(subtree, wireLimits.cpus) && size(subtree) > 1;
    return msg !== undefined && isTree && size(to) === 1 && lowest(subtree) === lowest(to)
      ? { ...msg, relay: { fanout, subtree } }
      : undefined;
  }
  const [kind, term, epoch, round] = row;
  if (row.length > 9 || kind !== 0 || !isCount(term) || !isCount(epoch) || !isCount(round)) return undefined;
  const ask = askOf(row);
  return ask === undefined ? undefined : roundMessage({ term, epoch, round }, ask);
};

const readWelcome = (row: Unread): Welcome | undefined => {
  const [, term, epoch, cpu, incarnation, version] = row;
  const isSound = row.length === 6 && isCount(term) && isCount(epoch) && isCpu(cpu) && isLife(incarnation) && isCount(version);
  return isSound ? { kind: "welcome", term, epoch, cpu, incarnation, version } : undefined;
};

const readAsk = (row: unknown, to: CpuSet): RoundMessage | Welcome | undefined => {
  if (!Array.isArray(row)) return undefined;
  return row[0] === 1 ? readWelcome(row) : readRound(row, to);
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
    const msg = readAsk(rows[i + 1], to);
    if (msg === undefined) return "not an ask";
    items.push({ to, msg });
  }
  return { clock: frame.clock, items };
};
