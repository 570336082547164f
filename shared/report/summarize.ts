// The summary of a run from what its engine and its judge say of it.
import type { Engine } from "../journal/entry.ts";
import type { Refused } from "../journal/refused.ts";
import type { FaultCount } from "../nemesis/plan.ts";
import type { Judgement } from "../oracle/judgement.ts";
import type { End } from "../protocol/observer.ts";
import type { Setup } from "../protocol/setup.ts";
import { printTopology } from "../protocol/topology.ts";
import type { Summary } from "./summary.ts";

export interface Summarized {
  readonly run: string;
  readonly engine: Engine;
  readonly hosts: number;
  readonly setup: Setup;
  readonly end: End;
  readonly faults: readonly FaultCount[];
  readonly judgement: Judgement;
  readonly wire: Summary["wire"];
  readonly refusals?: readonly Refused[];
  readonly wallMs: number;
  readonly maxRssMb: number;
}

/** A machine of one CPU has nobody to call. */
const callsOf = ({ cpus, workload }: Setup, { ended, seconds }: Judgement["calls"]): Pick<Summary, "calls"> => {
  const plannedPerSecond = cpus < 2 ? 0 : workload.crossCalls.perSecond * cpus;
  if (plannedPerSecond === 0 || seconds === 0) return {};
  return { calls: { planned: plannedPerSecond * seconds, ended, perSecond: ended / seconds, plannedPerSecond } };
};

/** What went between processes, and what was kept from it. */
const travelled = ({ wire, refusals = [] }: Pick<Summarized, "wire" | "refusals">): Pick<Summary, "wire" | "refusals"> => ({
  wire,
  ...(refusals.length > 0 && { refusals }),
});

export const summarize = ({ run, engine, hosts, setup, end, faults, judgement, wallMs, maxRssMb, ...bus }: Summarized): Summary => {
  const { model, cpus, topology, tasksPerCpu, seed } = setup;
  const {
    outcome,
    version,
    operationsCommitted,
    verdict,
    reasons,
    violations,
    foreign,
    hazards,
    attempts,
    phases,
    timings,
    checks,
    signals,
    pending,
    turningBack,
    forced,
    blame,
    watchdogs,
    interrupted,
    ignored,
    resent,
    late,
  } = judgement;
  return {
    schema: "quiesce.summary/1",
    run,
    engine,
    transport: engine === "live" ? "nats" : "none",
    model: { name: model.name, leave: model.leave, switch: model.switch },
    cpus,
    ...(topology.shape === "flat" ? {} : { topology: printTopology(topology) }),
    hosts,
    tasks: cpus * tasksPerCpu,
    seed,
    outcome,
    verdict,
    reasons,
    violations,
    broken: foreign.map(({ monitor }) => monitor),
    hazards,
    attempts,
    phases,
    timings,
    checks,
    signals,
    pending,
    turningBack,
    forced,
    ipis: { ...end.packets, resent, late },
    faults: faults.map(({ text, matched, applied }) => ({ text, matched, applied })),
    blame,
    watchdogs,
    interrupted,
    operations: { asked: setup.operations.length, committed: operationsCommitted },
    version,
    ignored,
    ...callsOf(setup, judgement.calls),
    ...travelled(bus),
    resources: { wallMs, events: end.events, eventsPerSecond: wallMs > 0 ? (end.events / wallMs) * 1000 : 0, maxRssMb },
  };
};
