// What the watchdogs of a real kernel would have reported, from its own thresholds (Linux 6.12, defaults).
//
// soft-lockup: 20 s (2 x kernel.watchdog_thresh) in which a CPU takes interrupts but schedules nothing. Rests on `stopped` to `voted`,
//   `resumed` or `withdrew` (the stopper spins in PREPARE with interrupts on and touches no watchdog), and on `call-ended` or
//   `call-stuck` (a task that spins for another CPU).
// hard-lockup: 10 s (kernel.watchdog_thresh) with interrupts off. Rests on `interrupts-off`, a section outside the stop. From the vote on
//   a stopper touches the NMI watchdog as it spins (multi_cpu_stop), so a long wait for `run` or `exit` is none.
// rcu-stall: 21 s (RCU_CPU_STALL_TIMEOUT) without a quiescent state. Rests on `interrupts-off` and `call-ended` or `call-stuck` as above.
//   A spinning stopper reports quiescent states, so it is never the one that is named.
// csd-lock: 5 s (csd_lock_timeout) of waiting for another CPU's answer to a call. Rests on `call-stuck`.
// Each is reported once for each wait, at the moment when its threshold had passed; waits that the end of the run cuts off count too.
import { type Fold, us } from "./fold.ts";
import type { Roster } from "./roster.ts";

export interface Watchdog {
  readonly kind: "soft-lockup" | "hard-lockup" | "rcu-stall" | "csd-lock";
  readonly cpu: number;
  readonly atUs: number;
}

const thresholdNs = { "soft-lockup": 20e9, "hard-lockup": 10e9, "rcu-stall": 21e9, "csd-lock": 5e9 } as const;

/** At most this many: a machine on which every CPU is stuck says the same a million times. */
const reportLimit = 1000;

const notStopped = -1;

export const watchdogFold = (roster: Roster): Fold<readonly Watchdog[]> => {
  const reports: Watchdog[] = [];
  /** Since when the stopper of each CPU spins with interrupts on. */
  const stoppedAt = new Float64Array(roster.cpus).fill(notStopped);
  /** Since when each CPU that was reported as stuck waits for an answer; few ever are. */
  const callingSince = new Map<number, number>();

  const watch = (kind: Watchdog["kind"], cpu: number, sinceNs: number, untilNs: number): void => {
    const atNs = sinceNs + thresholdNs[kind];
    if (untilNs > atNs && reports.length < reportLimit) reports.push({ kind, cpu, atUs: us(atNs) });
  };

  const stopperEnds = ({ cpu }: { readonly cpu: number }, at: number): void => {
    if (stoppedAt[cpu] !== notStopped) watch("soft-lockup", cpu, stoppedAt[cpu] as number, at);
    stoppedAt[cpu] = notStopped;
  };

  const callEnds = (cpu: number, sinceNs: number, at: number): void => {
    callingSince.delete(cpu);
    watch("soft-lockup", cpu, sinceNs, at);
    watch("rcu-stall", cpu, sinceNs, at);
  };

  const dies = ({ cpu }: { readonly cpu: number }, at: number): void => {
    stopperEnds({ cpu }, at);
    const since = callingSince.get(cpu);
    if (since !== undefined) callEnds(cpu, since, at);
  };

  return {
    on: [
      {
        stopped: ({ cpu }, at) => {
          stoppedAt[cpu] = at;
        },
        voted: stopperEnds,
        resumed: stopperEnds,
        withdrew: stopperEnds,
        booted: dies,
        died: (fact, at) => {
          if (roster.isNewest(fact.cpu, fact.incarnation)) dies(fact, at);
        },
        "interrupts-off": ({ cpu, forNs }, at) => {
          watch("hard-lockup", cpu, at, at + forNs);
          watch("rcu-stall", cpu, at, at + forNs);
        },
        "call-stuck": ({ cpu, waitedNs }, at) => {
          callingSince.set(cpu, at - waitedNs);
          watch("csd-lock", cpu, at - waitedNs, Infinity);
        },
        "call-ended": ({ cpu, waitedNs }, at) => callEnds(cpu, at - waitedNs, at),
      },
    ],
    result: ({ at }) => {
      for (const [cpu, since] of [...callingSince]) callEnds(cpu, since, at);
      for (let cpu = 0; cpu < roster.cpus; cpu++) stopperEnds({ cpu }, at);
      return reports.toSorted((a, b) => a.atUs - b.atUs || a.cpu - b.cpu);
    },
  };
};
