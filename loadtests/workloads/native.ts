// Reads what `perf script` printed of a natively running load: time on CPU and asleep by system call, kernel threads, interrupts.
//
// This is the untraced truth that a strace log lacks: a system call costs a fraction of a microsecond, strace's stop for it twenty.
import { createReadStream, readFileSync } from "node:fs";
import { createInterface } from "node:readline";

/** Durations in ns of one kind of event. */
type Samples = number[];

/** What one native run showed. */
export interface NativeRun {
  /** Time on CPU in the kernel by call name. */
  readonly cpu: ReadonlyMap<string, Samples>;
  /** Time asleep by call name and state, only of those that slept. */
  readonly slept: ReadonlyMap<string, { readonly interruptible: Samples; readonly uninterruptible: Samples }>;
  /** Time on CPU in user mode between two calls of a thread. */
  readonly user: Samples;
  /** By kernel thread: time between two pieces of work, and of each. */
  readonly kthreads: ReadonlyMap<string, { readonly idle: Samples; readonly work: Samples }>;
  /** Interrupt handlers. */
  readonly irqs: Samples;
  readonly spanNs: number;
}

interface Thread {
  comm: string;
  call: number | undefined;
  /** The start of the current stretch on CPU, or undefined while off it. */
  since: number | undefined;
  /** On CPU so far, in the call or in user mode. */
  spent: number;
  offAt: number | undefined;
  offState: string;
  interruptible: number;
  uninterruptible: number;
  /** False until a boundary was seen: what came before the recording is unknown. */
  known: boolean;
}

const line = /^\s*(.+?)\s+(\d+) \[(\d+)\]\s+(\d+)\.(\d+):\s+\w+:(\w+): (.*)$/;
const switched = /prev_pid=(\d+) prev_prio=-?\d+ prev_state=(\S+) ==> next_comm=(.+) next_pid=(\d+)/;

/** Names of the system calls by number, from the C library's header. */
const callNames = (): ReadonlyMap<number, string> => {
  const header = readFileSync("/usr/include/x86_64-linux-gnu/asm/unistd_64.h", "utf8");
  return new Map([...header.matchAll(/^#define __NR_(\w+) (\d+)$/gm)].map((match) => [Number(match[2]), match[1] as string]));
};

/** A kernel thread's name without its CPU and its present work: `kworker/0:1H-kblockd` is `kworker`. */
const kthreadName = (comm: string): string => comm.split(/[/:]/, 1)[0] as string;

/** Collects one run; `programs` are the names of the processes that belong to the load, `kthreads` those of kernel threads. */
class Collector {
  readonly cpu = new Map<string, Samples>();
  readonly slept = new Map<string, { interruptible: Samples; uninterruptible: Samples }>();
  readonly user: Samples = [];
  readonly kthreads = new Map<string, { idle: Samples; work: Samples }>();
  readonly irqs: Samples = [];
  private readonly threads = new Map<number, Thread>();
  private readonly irqStart = new Map<number, number>();
  private readonly names = callNames();
  private readonly programs: ReadonlySet<string>;
  private readonly kernelThreads: ReadonlySet<string>;

  constructor(programs: readonly string[], kernelThreads: readonly string[]) {
    this.programs = new Set(programs);
    this.kernelThreads = new Set(kernelThreads);
  }

  private thread(tid: number, comm: string): Thread {
    let thread = this.threads.get(tid);
    if (thread === undefined) {
      thread = {
        comm,
        call: undefined,
        since: undefined,
        spent: 0,
        offAt: undefined,
        offState: "",
        interruptible: 0,
        uninterruptible: 0,
        known: false,
      };
      this.threads.set(tid, thread);
    }
    thread.comm = comm;
    return thread;
  }

  private clear(thread: Thread, now: number): void {
    Object.assign(thread, { since: now, spent: 0, interruptible: 0, uninterruptible: 0, known: true });
  }

  enter(tid: number, comm: string, now: number, call: number): void {
    if (!this.programs.has(comm)) return;
    const thread = this.thread(tid, comm);
    if (thread.known && thread.call === undefined && thread.since !== undefined) this.user.push(thread.spent + now - thread.since);
    this.clear(thread, now);
    thread.call = call;
  }

  leave(tid: number, comm: string, now: number): void {
    if (!this.programs.has(comm)) return;
    const thread = this.thread(tid, comm);
    const name = thread.call === undefined ? undefined : this.names.get(thread.call);
    if (name !== undefined && thread.since !== undefined) {
      const cpu = this.cpu.get(name) ?? [];
      this.cpu.set(name, cpu);
      cpu.push(thread.spent + now - thread.since);
      const slept = this.slept.get(name) ?? { interruptible: [], uninterruptible: [] };
      this.slept.set(name, slept);
      if (thread.interruptible > thread.uninterruptible) slept.interruptible.push(thread.interruptible + thread.uninterruptible);
      else if (thread.uninterruptible > 0) slept.uninterruptible.push(thread.interruptible + thread.uninterruptible);
    }
    thread.call = undefined;
    this.clear(thread, now);
  }

  switch(now: number, from: { tid: number; comm: string; state: string }, to: { tid: number; comm: string }): void {
    const out = this.thread(from.tid, from.comm);
    if (out.since !== undefined) out.spent += now - out.since;
    out.since = undefined;
    out.offAt = now;
    out.offState = from.state;
    if (this.kernelThreads.has(kthreadName(from.comm)) && !from.state.startsWith("R") && out.spent > 0)
      this.kthread(from.comm).work.push(out.spent);
    const into = this.thread(to.tid, to.comm);
    if (into.offAt !== undefined) {
      const off = now - into.offAt;
      if (into.offState.startsWith("S")) into.interruptible += off;
      else if (into.offState.startsWith("D")) into.uninterruptible += off;
      if (this.kernelThreads.has(kthreadName(to.comm)) && !into.offState.startsWith("R")) {
        this.kthread(to.comm).idle.push(off);
        into.spent = 0;
      }
    }
    into.since = now;
  }

  private kthread(comm: string): { idle: Samples; work: Samples } {
    const name = kthreadName(comm);
    const entry = this.kthreads.get(name) ?? { idle: [], work: [] };
    this.kthreads.set(name, entry);
    return entry;
  }

  irq(cpu: number, now: number, entry: boolean): void {
    if (entry) this.irqStart.set(cpu, now);
    else {
      const start = this.irqStart.get(cpu);
      if (start !== undefined) this.irqs.push(now - start);
      this.irqStart.delete(cpu);
    }
  }
}

/** Reads one file that `perf script -F cpu,tid,comm,time,event,trace --ns` printed. */
export const readNativeRun = async (path: string, programs: readonly string[], kernelThreads: readonly string[]): Promise<NativeRun> => {
  const run = new Collector(programs, kernelThreads);
  let first: number | undefined;
  let last = 0;
  for await (const text of createInterface({ input: createReadStream(path) })) {
    const match = line.exec(text);
    if (match === null) continue;
    const [, comm, tid, cpu, seconds, fraction, event, detail] = match as unknown as [
      string,
      string,
      string,
      string,
      string,
      string,
      string,
      string,
    ];
    const now = Number(seconds) * 1e9 + Number(fraction);
    first ??= now;
    last = now;
    if (event === "sys_enter") run.enter(Number(tid), comm, now, Number(/^NR (-?\d+)/.exec(detail)?.[1]));
    else if (event === "sys_exit") run.leave(Number(tid), comm, now);
    else if (event === "sched_switch") {
      const parts = switched.exec(detail);
      if (parts !== null)
        run.switch(now, { tid: Number(parts[1]), comm, state: parts[2] as string }, { tid: Number(parts[4]), comm: parts[3] as string });
    } else run.irq(Number(cpu), now, event.endsWith("_entry"));
  }
  return { cpu: run.cpu, slept: run.slept, user: run.user, kthreads: run.kthreads, irqs: run.irqs, spanNs: last - (first ?? 0) };
};
