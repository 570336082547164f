// A run as a kernel's log: what a livepatch transition prints in a kernel's words, all else in our own after `quiesce:`.

import type { Header } from "../journal/entry.ts";
import { type CpuSet, format, fromCpus, size } from "../machine/cpuSet.ts";
import { actorName } from "../machine/machine.ts";
import type { AbortReason, Fact } from "../protocol/facts.ts";
import type { Operation } from "../protocol/messages.ts";
import type { Canvas, Draught, Format } from "./format.ts";
import type { Moment } from "./moment.ts";
import { byTime, Sorted } from "./sorted.ts";

type FactOf<Name extends Fact["fact"]> = Extract<Fact, { readonly fact: Name }>;

/** `[   12.345678]`, to the microsecond. */
const stamp = (ns: number): string => {
  const us = Math.floor(ns / 1000);
  return `[${String(Math.floor(us / 1e6)).padStart(5)}.${String(us % 1e6).padStart(6, "0")}]`;
};

const doing: Readonly<Record<Operation, string>> = { patch: "patching", unpatch: "unpatching" };
const opposite: Readonly<Record<Operation, Operation>> = { patch: "unpatch", unpatch: "patch" };

const seconds = (ns: number): string => `${(ns / 1e9).toFixed(3)} s`;

const cpusText = (cpus: CpuSet): string => (size(cpus) === 1 ? `CPU ${format(cpus)}` : `CPUs ${format(cpus)}`);

const reasonText = (reason: AbortReason | null): string =>
  reason === null ? "" : ` (${reason.why}${reason.cpus.length > 0 ? `: ${cpusText(reason.cpus)}` : ""})`;

/** The lines of a transition as kernel/livepatch prints them (Linux 6.12, core.c and transition.c). */
class Transition {
  private readonly patch: string;
  private target: Operation = "patch";
  private hasStarted = false;
  private hasSignaled = false;

  constructor(patch: string) {
    this.patch = `'${patch}'`;
  }

  opened({ operation }: FactOf<"opened">): readonly string[] {
    this.target = operation;
    this.hasStarted = false;
    this.hasSignaled = false;
    const enabling = operation === "patch" ? [`livepatch: enabling patch ${this.patch}`] : [];
    return [...enabling, `livepatch: ${this.patch}: initializing ${doing[operation]} transition`];
  }

  asked({ ask }: FactOf<"asked">): readonly string[] {
    switch (ask.do) {
      case "start":
        return this.hasStarted ? [] : [this.started()];
      case "signal":
        if (this.hasSignaled) return [];
        this.hasSignaled = true;
        return ["livepatch: signaling remaining tasks"];
      case "reverse": {
        const from = this.target;
        this.target = opposite[from];
        return [`livepatch: ${this.patch}: reversing transition from ${doing[from]} to ${doing[this.target]}`, this.started()];
      }
      case "force":
        return ["livepatch: forcing remaining tasks to the patched state"];
      case "complete":
      case "cancel":
        return [`livepatch: ${this.patch}: completing ${doing[this.target]} transition`];
      default:
        return [];
    }
  }

  closed(): readonly string[] {
    return [`livepatch: ${this.patch}: ${doing[this.target]} complete`];
  }

  private started(): string {
    this.hasStarted = true;
    return `livepatch: ${this.patch}: starting ${doing[this.target]} transition`;
  }
}

class Log {
  private readonly patch: string;
  private readonly transition: Transition | null;

  constructor({ setup }: Header) {
    this.patch = setup.patch.id;
    this.transition = setup.model.switch === "kernel" ? null : new Transition(this.patch);
  }

  linesOf(moment: Moment): readonly string[] {
    if (moment.is === "fault") return [`quiesce: fault at ${actorName(moment.actor)}: ${moment.text}`];
    return moment.is === "fact" ? this.linesOfFact(moment.fact) : [];
  }

  private linesOfFact(fact: Fact): readonly string[] {
    const { transition } = this;
    switch (fact.fact) {
      case "opened":
        return transition?.opened(fact) ?? [this.opened(fact)];
      case "asked":
        return transition?.asked(fact) ?? [];
      case "closed":
        return transition?.closed() ?? [`quiesce: epoch ${fact.epoch} is over: version ${fact.version}`];
      case "round-ended":
        return transition === null ? [roundEnded(fact)] : [];
      case "decided":
        return decided(fact);
      default: {
        const line = lineOf(fact);
        return line === undefined ? [] : [`quiesce: ${line}`];
      }
    }
  }

  private opened({ epoch, operation, attempt, participants }: FactOf<"opened">): string {
    return `quiesce: epoch ${epoch}: ${doing[operation]} '${this.patch}' on ${cpusText(participants)}, attempt ${attempt}`;
  }
}

const roundEnded = ({ epoch, phase, acks, resent, late }: FactOf<"round-ended">): string =>
  `quiesce: epoch ${epoch}: ${phase}: ${acks} ${acks === 1 ? "CPU" : "CPUs"} answered${resent > 0 ? `, ${resent} asked again` : ""}${late > 0 ? `, ${late} late answers` : ""}`;

const decided = ({ epoch, outcome, reason }: FactOf<"decided">): readonly string[] => [
  `quiesce: epoch ${epoch}: ${outcome}${reasonText(reason)}`,
  ...(reason?.busy ?? []).map(({ cpu, task, function: name, why }) => `quiesce: CPU ${cpu}: ${task} in ${name}: ${why}`),
];

const admitted = (cpus: CpuSet): string => `${cpusText(cpus)} ${size(cpus) === 1 ? "is" : "are"} up`;

const lineOf = (fact: Fact): string | undefined => {
  switch (fact.fact) {
    case "took":
      return fact.term > 1 ? `coordinator${fact.life} takes term ${fact.term}` : undefined;
    case "stood-down":
      return `coordinator${fact.life} stands down`;
    case "died":
      return `CPU ${fact.cpu} died`;
    case "admitted":
      return admitted(fromCpus(fact.incarnations.map(([cpu]) => cpu)));
    case "blocked":
      return fact.forNs === null ? `CPU ${fact.cpu}: ${fact.task} in ${fact.function}, no end in sight: ${fact.why}` : undefined;
    case "wrote":
      return `CPU ${fact.cpu} wrote the text`;
    case "withdrew":
      return `CPU ${fact.cpu} was held too long and withdraws`;
    case "call-stuck":
      return `CPU ${fact.cpu} has waited ${seconds(fact.waitedNs)} for CPU ${fact.callee} to answer a call`;
    case "finished":
      return fact.outcome === "committed" ? `finished on version ${fact.version}` : `given up, on version ${fact.version}`;
    default:
      return undefined;
  }
};

const draw = ({ write, header }: Canvas): Draught => {
  const moments = new Sorted();
  const take = (moment: Moment): void => {
    if (moment.is === "fact" || moment.is === "fault") moments.take(moment);
  };
  const finish = (): void => {
    const { setup, engine, seed } = header;
    write(`${stamp(0)} quiesce: ${setup.model.name} on ${setup.cpus} CPUs, ${engine} engine, seed ${seed}\n`);
    const log = new Log(header);
    for (const moment of moments.by(byTime)) for (const line of log.linesOf(moment)) write(`${stamp(moment.at)} ${line}\n`);
  };
  return { take, finish, leftOut: moments.leftOut };
};

export const klog: Format = {
  needsMessages: false,
  isBinary: false,
  draw,
};
