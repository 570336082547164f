// What each step of a case does on a simulated kernel, and when it fails: the part of the suite's shell functions.
import { errorText } from "../errno.ts";
import type { Kernel } from "../kernel.ts";
import type { Task } from "../task.ts";
import { type Count, pidsMark, type Step, type Wait } from "./case.ts";

/** A step that did not do what the script wants; the case ends with it. */
export class StepFailed extends Error {
  override readonly name = "StepFailed";
}

/** The suite looks every 0.1 s, 600 times at most (functions.sh). */
const pollNs = 100_000_000;
const polls = 600;

/** What a shell takes to run a command, about. */
const commandNs = 2_000_000;

const fail = (message: string): never => {
  throw new StepFailed(message);
};

const shown = (value: string | undefined): string => (value === undefined ? "nothing" : JSON.stringify(value));

export class Shell {
  private readonly kernel: Kernel;
  private readonly tasks: Task[] = [];
  /** The pids that stand for {PIDS} in this case, also after their tasks are gone. */
  private pids = "";

  constructor(kernel: Kernel) {
    this.kernel = kernel;
  }

  /** A text of the file as it is in this run. */
  fill(said: string): string {
    return said.replaceAll(pidsMark, this.pids);
  }

  take(step: Step): void {
    this.kernel.machine.runFor(commandNs);
    switch (step.op) {
      case "insmod":
        return this.insmod(step);
      case "rmmod":
        return this.rmmod(step);
      case "writeEnabled":
        return this.writeEnabled(step);
      case "writeParam":
        return this.writeParameter(step.module, step.param, step.value);
      case "readIntoLog":
        return this.readIntoLog(step.file, step.onlyIfContains);
      case "readAndLogIfEqual":
        if (this.read(step.file) === step.equals) this.kernel.print(step.text);
        return;
      case "setFtraceEnabled":
        return this.setFtraceEnabled(step.value, step.mustFail);
      case "ftraceFunction":
        for (const name of step.function) this.trace(name);
        return;
      case "spawnTasks":
        return this.spawn(step.count, step.calls);
      case "killTasks":
        for (const task of this.tasks.splice(0)) this.kernel.end(task);
        return;
      case "logLine":
        return this.kernel.print(this.fill(step.text));
      // Kprobes are enabled from the start, as on a machine that has just come up.
      case "enableKprobes":
        return;
      default:
        return this.check(step);
    }
  }

  private check(step: Extract<Step, { op: `assert${string}` | `wait${string}` }>): void {
    const { kernel } = this;
    switch (step.op) {
      case "assertRead":
        return this.assertRead(step);
      case "waitRead":
        return this.until(() => kernel.read(step.file) === step.equals, `${step.file} reads ${shown(step.equals)}`);
      case "waitSysfs":
        return this.until(
          () => kernel.patchAttribute(step.patch, step.attr)?.value === step.value,
          `${step.patch}/${step.attr} reads "${step.value}"`,
        );
      case "assertSysfsValue":
        return this.expect(`${step.patch}/${step.attr}`, kernel.patchAttribute(step.patch, step.attr)?.value ?? undefined, step.value);
      case "assertSysfsMode":
        return this.expect(`the mode of ${step.patch}/${step.attr}`, kernel.patchAttribute(step.patch, step.attr)?.mode, step.mode);
      case "assertPatchDirCount":
        return this.expect("the number of patch directories", String(kernel.patchNames.length), String(step.value));
      case "waitPatchDirCount":
        return this.until(() => kernel.patchNames.length === step.value, `there are ${step.value} patch directories`);
      case "assertTraced":
        for (const name of step.function) if (!kernel.ftrace.hasTraced(name)) fail(`${name} was not traced`);
        return kernel.ftrace.stopTracing();
    }
  }

  // ---- modules ----

  private insmod({ module, params, wait, mustFail }: Step & { op: "insmod" }): void {
    const given = Object.fromEntries(Object.entries(params).map(([name, value]) => [name, this.fill(value)]));
    const path = `test_modules/${module}.ko`;
    this.kernel.print(["% insmod", path, ...Object.entries(given).map(([name, value]) => `${name}=${value}`)].join(" "));
    const result = this.kernel.insmod(module, given);
    const error = `insmod: ERROR: could not insert module ${path}: ${errorText(result)}`;
    if (result === 0 && mustFail) fail(`${module} unexpectedly loaded`);
    if (result !== 0 && !mustFail) fail(error);
    if (result !== 0) this.kernel.print(error);
    else this.waitFor(module, wait);
  }

  private rmmod({ module, precondition }: Step & { op: "rmmod" }): void {
    if (!this.kernel.isLoaded(module)) fail(`${module} is not loaded`);
    if (precondition !== null) this.until(() => this.kernel.refcountOf(module) === 0, `nobody uses ${module}`);
    this.kernel.print(`% rmmod ${module}`);
    const result = this.kernel.rmmod(module);
    if (result !== 0) fail(`rmmod: ERROR: could not remove module ${module}: ${errorText(result)}`);
  }

  private writeParameter(module: string, parameter: string, value: string): void {
    const path = `/sys/module/${module}/parameters/${parameter}`;
    this.kernel.print(`% echo ${value} > ${path}`);
    const result = this.kernel.writeParameter(module, parameter, value);
    if (result !== 0) fail(`${path}: ${errorText(result)}`);
  }

  // ---- patches ----

  private writeEnabled({ patch, value, wait, mustFail }: Step & { op: "writeEnabled" }): void {
    const path = `/sys/kernel/livepatch/${patch}/enabled`;
    this.kernel.print(`% echo ${value} > ${path}`);
    const result = this.kernel.writePatchAttribute(patch, "enabled", value);
    if (result === 0 && mustFail) fail(`${path}: "${value}" was unexpectedly taken`);
    if (result !== 0 && !mustFail) fail(`${path}: ${errorText(result)}`);
    if (result === 0) this.waitFor(patch, wait);
  }

  private waitFor(patch: string, wait: Wait | null): void {
    const attribute = (path: string) => this.kernel.patchAttribute(patch, path);
    switch (wait) {
      case null:
        return;
      case "transition==0":
      case "transition==1": {
        const value = wait.slice(-1);
        return this.until(() => attribute("transition")?.value === value, `${patch}/transition reads ${value}`);
      }
      case "sysfs dir present":
        return this.until(() => attribute("") !== undefined, `${patch} has a directory in sysfs`);
      case "sysfs dir gone":
        return this.until(() => attribute("") === undefined, `${patch} has no directory in sysfs`);
    }
  }

  // ---- files ----

  private read(path: string): string {
    return this.kernel.read(path) ?? fail(`there is no file ${path} that can be read`);
  }

  private assertRead({ file, equals, differsFrom, contains }: Step & { op: "assertRead" }): void {
    const found = this.read(file);
    if (equals !== null) this.expect(file, found, equals);
    if (differsFrom !== null && found === differsFrom) fail(`${file} reads ${shown(found)}, which it may not`);
    if (contains !== null && !found.includes(contains)) fail(`${file} reads ${shown(found)}, without ${shown(contains)}`);
  }

  /** As grep does it: line by line. */
  private readIntoLog(path: string, wanted: string | null): void {
    for (const line of this.read(path).split("\n")) if (wanted === null || line.includes(wanted)) this.kernel.print(line);
  }

  // ---- ftrace ----

  private setFtraceEnabled(value: string, mustFail: boolean): void {
    const { ftrace } = this.kernel;
    const key = "kernel.ftrace_enabled";
    const result = ftrace.setEnabled(value !== "0");
    if (result !== 0 && !mustFail) fail(`failed to set ${key} = ${value}: ${errorText(result)}`);
    if (result !== 0) this.kernel.print(`livepatch: sysctl: setting key "${key}": ${errorText(result)}`);
    else this.kernel.print(`livepatch: ${key} = ${ftrace.isEnabled ? "1" : "0"}`);
  }

  private trace(name: string): void {
    if (this.kernel.findFunction(name) === undefined) fail(`there is no function ${name} to trace`);
    this.kernel.ftrace.traceFunction(name);
  }

  // ---- tasks ----

  private spawn({ of, most }: Count, calls: string): void {
    const { cpus } = this.kernel.machine;
    const wanted = Math.min(of === "onlineCpus" ? cpus : of, most);
    for (let i = 0; i < wanted; i++) this.tasks.push(this.kernel.spawn(i % cpus, { name: `call_${calls}`, kind: "user", loops: calls }));
    this.pids = this.tasks.map(({ pid }) => pid).join(",");
  }

  // ---- waiting ----

  private expect(what: string, found: string | undefined, wanted: string): void {
    if (found !== wanted) fail(`${what}: expected ${shown(wanted)}, found ${shown(found)}`);
  }

  private until(holds: () => boolean, what: string): void {
    for (let i = 0; i < polls && !holds(); i++) this.kernel.machine.runFor(pollNs);
    if (!holds()) fail(`waited 60 s in vain until ${what}`);
  }
}
