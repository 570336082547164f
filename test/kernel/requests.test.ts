// Requests on one CPU: each is served once, its latency counts from when it was meant to arrive, and what kept it waiting is told apart.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import web from "../../loadtests/workloads/web.json" with { type: "json" };
import type { CpuLife } from "../../shared/kernel/cpuLife.ts";
import { decodeWorkload } from "../../shared/kernel/decode/workload.ts";
import type { Life } from "../../shared/kernel/life.ts";
import { column, rowLength } from "../../shared/kernel/requests/log.ts";
import type { ArrivalPlan } from "../../shared/kernel/requests/plan.ts";
import { underLoad } from "../../shared/kernel/requests/requestLife.ts";
import { drainLog } from "../../shared/kernel/requests/requests.ts";
import type { Workload } from "../../shared/kernel/workload.ts";
import { stream } from "../../shared/machine/random.ts";
import { callOf, constant, type Machine, machineOf, runUntil, workloadOf } from "./lives.ts";

type Row = Record<keyof typeof column, number>;

/** What has been answered since the last time. */
const answered = (cpu: CpuLife): Row[] => {
  const found: Row[] = [];
  if (cpu.requests === null) throw new Error("no load");
  drainLog(cpu.requests, (rows, count) => {
    for (let i = 0; i < count; i++)
      found.push(Object.fromEntries(Object.entries(column).map(([name, at]) => [name, rows[i * rowLength + at]])) as Row);
  });
  return found;
};

const loaded = (workload: Workload, arrivals: ArrivalPlan): Machine => {
  const { life, program } = machineOf(workload);
  return { program, life: underLoad(life, program, { load: { arrivals, fromNs: 0, coolNs: 0 }, cpus: 1, seed: 3 }) };
};

const recorded = (...timesNs: number[]): ArrivalPlan => ({ kind: "recorded", file: "", timesNs });

/** One server that makes no call but its wait: a request is 10 us of user time behind 2 us of the way out of the kernel. */
const waiting = { name: "epoll_wait", restarts: false, sleep: { probability: 1, kind: "interruptible" as const, ns: constant(1e9) } };
const plain = workloadOf({ calls: [callOf(waiting)] });
const serviceNs = 12_000;

const booted = (life: Life<CpuLife>): CpuLife => life.boot(stream(1, "life"), 0, 0, 0);

describe("one server", () => {
  it("takes a request as it arrives and answers it when it asks for the next", () => {
    const { life } = loaded(plain, recorded(50_000, 200_000));
    const cpu = booted(life);
    life.advance(cpu, 1e6);
    expect(answered(cpu)).toMatchObject([
      { id: 0, intended: 50_000, taken: 50_000, done: 50_000 + serviceNs, stopped: 0, held: 0, spun: 0, redone: 0 },
      { id: 1, intended: 200_000, taken: 200_000, done: 200_000 + serviceNs },
    ]);
  });

  it("makes those wait that arrive together, and takes them in the order of the plan", () => {
    const { life } = loaded(plain, recorded(50_000, 50_000, 50_000));
    const cpu = booted(life);
    life.advance(cpu, 1e6);
    const rows = answered(cpu);
    expect(rows.map(({ id }) => id)).toEqual([0, 1, 2]);
    // The way in again to where it finds the next one, and then the service of that.
    expect(rows.map(({ done }) => done - 50_000)).toEqual([serviceNs, 2 * serviceNs + 2_000, 3 * serviceNs + 4_000]);
  });
});

describe("a latency counts from the intended start", () => {
  it("of a request that arrives while the CPU is stopped: the stop does not hide it", () => {
    const { life } = loaded(plain, recorded(1_000_000, 1_500_000));
    const cpu = booted(life);
    life.advance(cpu, 900_000);
    life.freeze(cpu);
    life.advance(cpu, 3_900_000);
    life.release(cpu, 0);
    life.advance(cpu, 5e6);
    const [first, second] = answered(cpu);
    expect(first).toMatchObject({ intended: 1_000_000, taken: 3_900_000, done: 3_900_000 + serviceNs, stopped: 2_900_000, held: 0 });
    expect(second).toMatchObject({ intended: 1_500_000, stopped: 2_400_000 });
  });

  it("of a request in service when its server is held, and of one that arrives meanwhile", () => {
    const { life } = loaded(plain, recorded(1_000_000, 1_100_000));
    const cpu = booted(life);
    life.advance(cpu, 1_005_000);
    life.hold(cpu, "all");
    life.advance(cpu, 2_005_000);
    life.release(cpu, 0);
    life.advance(cpu, 5e6);
    const [inService, after] = answered(cpu);
    expect(inService).toMatchObject({ taken: 1_000_000, done: 2_000_000 + serviceNs, held: 1_000_000, stopped: 0 });
    expect(after).toMatchObject({ intended: 1_100_000, held: 905_000 });
  });

  it("and a stop in the middle of a hold counts as a stop", () => {
    const { life } = loaded(plain, recorded(1_000_000));
    const cpu = booted(life);
    life.advance(cpu, 1_005_000);
    life.hold(cpu, "all");
    life.advance(cpu, 1_105_000);
    life.freeze(cpu);
    life.advance(cpu, 1_305_000);
    life.release(cpu, 0);
    life.advance(cpu, 5e6);
    expect(answered(cpu)).toMatchObject([{ held: 100_000, stopped: 200_000, done: 1_300_000 + serviceNs }]);
  });

  it("and a wait for another CPU shows as one", () => {
    const { life } = loaded(plain, recorded(1_000_000));
    const cpu = booted(life);
    life.advance(cpu, 1_000_500);
    life.spin(cpu, true);
    life.advance(cpu, 1_100_500);
    life.spin(cpu, false);
    life.advance(cpu, 5e6);
    expect(answered(cpu)).toMatchObject([{ spun: 100_000, done: 1_100_000 + serviceNs }]);
  });
});

it("a server whose wait a fake signal ends loses no request, and only the first of those that wait is called", () => {
  const { life } = loaded({ ...plain, tasksPerCpu: 2 }, recorded(1_000_000));
  const cpu = booted(life);
  life.advance(cpu, 500_000);
  expect(cpu.tasks.map(({ wakeAt }) => wakeAt)).toEqual([1_000_000, Infinity]);
  life.hold(cpu, "sleepers");
  life.release(cpu, 0);
  life.advance(cpu, 5e6);
  expect(answered(cpu)).toMatchObject([{ id: 0, taken: 1_000_000 }]);
});

it("what a fake signal makes a server do again is told of the request that it had in hand", () => {
  const sleeping = callOf({ name: "futex", cpuNs: constant(4_000), sleep: { ...waiting.sleep, ns: constant(300_000) }, weight: 20 });
  const machine = loaded(workloadOf({ calls: [callOf(waiting), sleeping] }), recorded(1_000_000));
  const cpu = booted(machine.life);
  runUntil(machine, cpu, () => cpu.tasks[0]?.mode === "asleep" && cpu.requests?.servers[0]?.id === 0);
  machine.life.hold(cpu, "sleepers");
  machine.life.release(cpu, 0);
  machine.life.advance(cpu, 1e9);
  expect(answered(cpu)).toMatchObject([{ id: 0, redone: 4_000 }]);
});

describe("whatever is done to a CPU of a web server", () => {
  const workload = decodeWorkload(JSON.stringify(web), "web");
  const deed = fc.record({
    do: fc.constantFrom("hold", "freeze", "release", "spin", "unspin", "look"),
    forNs: fc.integer({ min: 1, max: 3_000_000 }),
  });
  const arrivals: ArrivalPlan = { kind: "poisson", perSecond: 20_000 };

  const doIt = (life: Life<CpuLife>, cpu: CpuLife, what: string): void => {
    if (what === "hold" && cpu.gate === "open" && !cpu.frozen) life.hold(cpu, "all");
    else if (what === "freeze") life.freeze(cpu);
    else if (what === "release") life.release(cpu, cpu.version);
    else if (what === "spin" && !cpu.frozen) life.spin(cpu, true);
    else if (what === "unspin") life.spin(cpu, false);
    else if (what === "look" && cpu.gate !== "open" && !cpu.spinning) life.outlook(cpu);
  };

  it("each request that arrived is answered, in service or in the queue, at every moment, and is answered once", () => {
    fc.assert(
      fc.property(fc.array(deed, { maxLength: 30 }), (deeds) => {
        const { life } = loaded(workload, arrivals);
        const cpu = booted(life);
        const rows: Row[] = [];
        for (const { do: what, forNs } of deeds) {
          doIt(life, cpu, what);
          life.advance(cpu, cpu.now + forNs);
          const { arrived, answered: done, queued, inService } = life.census(cpu).requests ?? expect.fail("no load");
          expect(arrived).toBe(done + queued + inService);
          rows.push(...answered(cpu));
          expect(rows.length).toBe(done);
        }
        expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length);
        for (const row of rows) {
          expect(row.done).toBeGreaterThan(row.taken);
          expect(row.taken).toBeGreaterThanOrEqual(row.intended);
          expect(row.stopped + row.held + row.spun).toBeLessThanOrEqual(row.done - row.intended);
        }
      }),
      { numRuns: 60 },
    );
  });

  it("it makes no difference how often somebody looks", () => {
    fc.assert(
      fc.property(fc.array(deed, { maxLength: 12 }), fc.integer({ min: 20_000, max: 400_000 }), (deeds, stepNs) => {
        const { life } = loaded(workload, arrivals);
        const [once, often] = [booted(life), booted(life)];
        for (const { do: what, forNs } of deeds) {
          doIt(life, once, what);
          doIt(life, often, what);
          const to = once.now + forNs;
          life.advance(once, to);
          while (often.now < to) life.advance(often, Math.min(to, often.now + stepNs));
        }
        expect(answered(often)).toEqual(answered(once));
      }),
      { numRuns: 40 },
    );
  });
});
