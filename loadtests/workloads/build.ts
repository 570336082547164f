// Makes the shipped workload files, and the table of untraced times, from the raw logs that record.sh left in a directory.
import { readFileSync, writeFileSync } from "node:fs";
import type { Distribution } from "../../shared/kernel/distribution.ts";
import { importStrace } from "../../shared/kernel/recording/importer.ts";
import { type Background, type Native, shippedNative } from "../../shared/kernel/recording/native.ts";
import { quantile, quantiles } from "../../shared/kernel/recording/sample.ts";
import { type NativeRun, readNativeRun } from "./native.ts";

const here = new URL(".", import.meta.url);
const [directory, host = "2-CPU AMD EPYC virtual machine", cpus = "2"] = process.argv.slice(2);
if (directory === undefined) throw new Error("usage: build.ts DIRECTORY [HOST [CPUS]]");

const loads = [
  {
    name: "web",
    title: "nginx, two workers, a static page for 32 clients that pause between requests",
    source: "nginx 1.22 under wrk 4.1 -t 4 -c 32 with pauses of 2 to 20 ms",
    programs: ["nginx"],
  },
  {
    name: "database",
    title: "PostgreSQL, four pgbench clients, each commit waits for the disk",
    source: "PostgreSQL 15 with default settings under pgbench -c 4 -j 2 -s 5",
    programs: ["postgres"],
  },
  {
    name: "compile",
    title: "make and gcc, forty small C files, as many at a time as there are CPUs",
    source: "GNU make 4.3 -j and gcc 12",
    programs: ["make", "cc", "gcc", "cc1", "as", "sh"],
  },
] as const;

/** One per CPU and mostly asleep; a machine has only one of the others (rcu, kswapd, ...), which a mix per CPU cannot say. */
const kthreads = [
  { name: "kworker", perCpu: 2 },
  { name: "ksoftirqd", perCpu: 1 },
] as const;

const ascending = (values: readonly number[]): number[] => [...values].sort((a, b) => a - b);
const distribution = (values: readonly number[], points: number): Distribution & { readonly kind: "quantiles" } => ({
  kind: "quantiles",
  ns: quantiles(ascending(values), points),
});

/** What perf itself adds to a call and to a gap: the loop of getppid again, which costs 0.17 us natively and does nothing between. */
const yardstick = await readNativeRun(`${directory}/getppid.perf`, ["getppid"], []);
const perfCall = quantile(ascending(yardstick.cpu.get("getppid") ?? []), 0.5) - 170;
const perfGap = quantile(ascending(yardstick.user), 0.5) - 10;
const less = (values: readonly number[], cost: number): number[] => values.map((value) => Math.max(60, value - cost));

const sleepOf = (run: NativeRun, name: string): NonNullable<Native["calls"][string]["sleep"]> => {
  const { interruptible, uninterruptible } = run.slept.get(name) ?? { interruptible: [], uninterruptible: [] };
  const slept = [...interruptible, ...uninterruptible];
  if (slept.length === 0) return "never";
  return {
    probability: Number((slept.length / (run.cpu.get(name)?.length ?? 1)).toPrecision(4)),
    kind: interruptible.length >= uninterruptible.length ? "interruptible" : "uninterruptible",
    ns: distribution(slept, 33),
  };
};

/** TLB shootdowns that all CPUs received while perf watched, from /proc/interrupts before and after. */
const shootdowns = (name: string): number => {
  const [before = 0, after = 0] = readFileSync(`${directory}/${name}.tlb`, "utf8")
    .trim()
    .split("\n")
    .map((line) => (line.match(/\d+/g) ?? []).reduce((sum, count) => sum + Number(count), 0));
  return after - before;
};

const perCpuAndSecond = (count: number, run: NativeRun): number => Number((count / Number(cpus) / (run.spanNs / 1e9)).toPrecision(3));

const backgroundOf = (name: string, run: NativeRun): Background => ({
  kthreads: kthreads.map((kthread) => {
    const seen = run.kthreads.get(kthread.name);
    if (seen === undefined || seen.idle.length === 0) throw new Error(`${name}: ${kthread.name} never ran: record for longer`);
    return { ...kthread, idleNs: distribution(seen.idle, 17), workNs: distribution(less(seen.work, perfCall), 17) };
  }),
  irqsOff: { perSecond: perCpuAndSecond(run.irqs.length, run), ns: distribution(less(run.irqs, perfCall), 17) },
  crossCalls: { perSecond: perCpuAndSecond(shootdowns(name), run) },
});

const write = (url: URL, value: unknown): void => {
  // Lists of numbers stay on one line: the files are read by people too.
  const text = JSON.stringify(value, null, 2).replaceAll(
    /\[\s+(-?[\d.e+]+(?:,\s+-?[\d.e+]+)*)\s+\]/g,
    (_, list: string) => `[${list.replaceAll(/\s+/g, " ")}]`,
  );
  writeFileSync(url, `${text}\n`);
};

const pooled = new Map<string, number[]>();
const backgrounds: Background[] = [];
for (const { name, title, source, programs } of loads) {
  const run = await readNativeRun(
    `${directory}/${name}.perf`,
    programs,
    kthreads.map((kthread) => kthread.name),
  );
  const own: Record<string, Native["calls"][string]> = {};
  const all = [...run.cpu.values()].reduce((sum, values) => sum + values.length, 0);
  for (const [call, values] of run.cpu) {
    const cpu = less(values, perfCall);
    own[call] = { cpuNs: distribution(cpu, 17), share: values.length / all, sleep: sleepOf(run, call) };
    // Each load weighs the same in the pool, however long it ran.
    const sorted = ascending(cpu);
    const pool = pooled.get(call) ?? [];
    pooled.set(call, pool);
    for (let i = 0; i < 200; i++) pool.push(quantile(sorted, i / 199));
  }
  const native: Native = {
    source: "an untraced run of the same load under perf trace points, as do its calls' shares and sleeps",
    calls: { ...shippedNative.calls, ...own },
    userNs: distribution(less(run.user, perfGap), 33),
  };
  const background = backgroundOf(name, run);
  backgrounds.push(background);
  const log = readFileSync(`${directory}/${name}.strace`, "latin1").trimEnd().split("\n");
  const { workload, report } = importStrace(log, { name, title, source: `${source}, ${host}`, cpus: Number(cpus), native, background });
  write(new URL(`${name}.json`, here), workload);
  console.log(name, JSON.stringify({ ...report, native: report.native.length }), "crossCalls", background.crossCalls.perSecond);
}

const calls = Object.fromEntries(
  [...pooled].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, values]) => [name, quantiles(ascending(values), 9)]),
);
const { kthreads: threads, irqsOff, crossCalls } = backgrounds[0] as Background;
const points = ({ kind, ...rest }: Distribution): unknown => (kind === "quantiles" && "ns" in rest ? rest.ns : []);
write(new URL("../../shared/kernel/data/native.json", here), {
  source: `untraced runs of nginx, PostgreSQL and gcc under perf trace points, ${host}`,
  calls,
  background: {
    kthreads: threads.map((thread) => ({ ...thread, idleNs: points(thread.idleNs), workNs: points(thread.workNs) })),
    irqsOff: { ...irqsOff, ns: points(irqsOff.ns) },
    crossCalls,
  },
});
