// Reads a workload file: whatever it says becomes a `Workload`, or one message.
import type { Distribution } from "../distribution.ts";
import type { KernelThread, SystemCall, Workload } from "../workload.ts";
import { flag, integer, json, list, type Member, number, object, text, word } from "./checks.ts";

/** Limits of a workload file. Times are at most a day, so that their sums stay exact. */
export const workloadLimits = {
  bytes: 4_000_000,
  calls: 512,
  kthreads: 64,
  quantiles: 1025,
  tasksPerCpu: 10_000,
  ns: 86_400_000_000_000,
  perSecond: 1e6,
} as const;

const ns = integer(0, workloadLimits.ns);
const positiveNs = integer(1, workloadLimits.ns);
const rate = number(0, workloadLimits.perSecond);

const kinds = ["constant", "exponential", "log-normal", "quantiles"] as const satisfies ReadonlyArray<Distribution["kind"]>;

/** Quantiles rise; the first that falls is at fault. */
const rising: Member<readonly number[]> = (value, place) => {
  const values = list(ns, 1, workloadLimits.quantiles)(value, place);
  const falls = values.findIndex((at, i) => i > 0 && at < (values[i - 1] as number));
  if (falls >= 0) integer(values[falls - 1] as number, workloadLimits.ns)(values[falls], { ...place, path: `${place.path}[${falls}]` });
  return values;
};

const distribution: Member<Distribution> = (value, place) => {
  const named: Member<Distribution["kind"]> = word(kinds);
  const given = typeof value === "object" && value !== null && "kind" in value ? value.kind : undefined;
  // Which members there may be depends on the kind, so that comes first; without one, the whole is refused below.
  const kind = given === undefined ? "constant" : named(given, { ...place, path: `${place.path}.kind` });
  switch (kind) {
    case "constant":
      return object<Extract<Distribution, { kind: "constant" }>>(value, place, { kind: word(["constant"]), ns });
    case "exponential":
      return object<Extract<Distribution, { kind: "exponential" }>>(value, place, { kind: word(["exponential"]), meanNs: positiveNs });
    case "log-normal":
      return object<Extract<Distribution, { kind: "log-normal" }>>(value, place, {
        kind: word(["log-normal"]),
        medianNs: positiveNs,
        sigma: number(0, 10),
        maxNs: positiveNs,
      });
    case "quantiles":
      return object<Extract<Distribution, { kind: "quantiles" }>>(value, place, { kind: word(["quantiles"]), ns: rising });
  }
};

const sleep: Member<NonNullable<SystemCall["sleep"]>> = (value, place) =>
  object<NonNullable<SystemCall["sleep"]>>(value, place, {
    probability: number(0, 1),
    kind: word(["interruptible", "uninterruptible"]),
    ns: distribution,
  });

const call: Member<SystemCall> = (value, place) =>
  object<Required<SystemCall>>(
    value,
    place,
    { name: text(64), weight: number(Number.MIN_VALUE, 1e9), cpuNs: distribution, sleep, restarts: flag },
    ["sleep"],
  );

const kthread: Member<KernelThread> = (value, place) =>
  object<KernelThread>(value, place, { name: text(64), perCpu: integer(0, 100), idleNs: distribution, workNs: distribution });

/** The workload that `source` (JSON) describes; `file` is what a message names. */
export const decodeWorkload = (source: string, file: string): Workload =>
  object<Workload>(
    json(source, file),
    { file, path: "" },
    {
      schema: word(["quiesce.workload/1"]),
      name: text(64),
      title: text(200),
      source: text(2_000),
      tasksPerCpu: integer(0, workloadLimits.tasksPerCpu),
      userNs: distribution,
      calls: list(call, 1, workloadLimits.calls),
      kthreads: list(kthread, 0, workloadLimits.kthreads),
      irqsOff: (value, place) => object<Workload["irqsOff"]>(value, place, { perSecond: rate, ns: distribution }),
      nmis: (value, place) => object<Workload["nmis"]>(value, place, { perSecond: rate }),
      crossCalls: (value, place) => object<Workload["crossCalls"]>(value, place, { perSecond: rate }),
    },
  );
