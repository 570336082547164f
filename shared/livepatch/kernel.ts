// A simulated kernel with livepatching: modules come and go, patches are written to, files are read, and everything has its log.
import type { Profile } from "../kernel/profile.ts";
import { profiles } from "../kernel/profiles.ts";
import type { Fact } from "../protocol/facts.ts";
import { Livepatch } from "./core.ts";
import { failed, type Result } from "./errno.ts";
import { type Code, Ftrace, FunctionStacks } from "./functions.ts";
import { codeOf, type LoadedModule, load, numbersOf, setParameter, stateText } from "./loaded.ts";
import { type Action, type CallbackName, type FileSpec, type ModuleSpec, vmlinux } from "./module.ts";
import { type Patch, type PatchedObject, patchFrom } from "./patch.ts";
import { type Frame, fill, type Host, perform } from "./perform.ts";
import { PlacedTasks } from "./placedLife.ts";
import { ProtocolTransition } from "./protocolTransition.ts";
import { ShadowVariables } from "./shadow.ts";
import { SmallMachine } from "./smallMachine.ts";
import { type Attribute, attributeOf, writeAttribute } from "./sysfs.ts";
import type { Placement, Task } from "./task.ts";

/** Work items that free something run soon, but not at once. */
const workNs = 1_000_000;

/** Longer than any init or exit of a module waits for something that will happen. */
const patienceNs = 60_000_000_000;

/** As a machine is set up by default (CONFIG_CONSOLE_LOGLEVEL_DEFAULT). */
const defaultLogLevel = 7;

/** The default one. */
const profile = profiles[0] as Profile;

export type Watch = (fact: Fact, at: number) => void;

/** A command waits for what does not happen: on a real machine it would never end. */
export class Hangs extends Error {
  override readonly name = "Hangs";
}

export class Kernel {
  readonly log: string[] = [];
  readonly ftrace = new Ftrace();
  readonly machine: SmallMachine;
  /** Who makes other tasks: kthreadd, and the shell that runs the commands of a script. Both are on CPU 0. */
  private readonly makers: { readonly [K in Task["kind"]]: Task };
  readonly console = { level: defaultLogLevel };
  private readonly available: ReadonlyMap<string, ModuleSpec>;
  private readonly itself: LoadedModule;
  private readonly modules = new Map<string, LoadedModule>();
  /** Directories in /sys/kernel/livepatch. */
  private readonly directories = new Map<string, Patch>();
  private readonly livepatch: Livepatch;
  private readonly host: Host;
  private readonly tasks: PlacedTasks;

  /** `watch` is told of every fact that the machines announce. */
  constructor(available: ReadonlyMap<string, ModuleSpec>, cpus: number, watch: Watch = () => {}) {
    const itself = available.get(vmlinux);
    if (itself === undefined) throw new Error("there is no kernel among the modules");
    this.available = available;
    this.itself = load(itself);
    this.itself.state = "live";
    const around = {
      print: (line: string) => this.print(line),
      symbols: (object: string) => (object === vmlinux ? this.itself : this.modules.get(object))?.codes,
      call: (patch: Patch, object: PatchedObject, callback: CallbackName) => this.callBack(patch, object, callback),
      freeLater: (patch: Patch) => this.machine.after(workNs, () => this.free(patch)),
    };
    let transition: ProtocolTransition | undefined;
    this.livepatch = new Livepatch(new FunctionStacks(this.ftrace), around, (watcher) => {
      transition = new ProtocolTransition(() => this.machine, watcher);
      return transition;
    });
    this.host = this.hostFor();
    this.tasks = new PlacedTasks(profile, {
      outgoing: () => this.livepatch.outgoing(),
      systemCalls: new Map(Object.entries(itself.systemCalls ?? {}).map(([name, served]) => [name, codeOf(this.itself, served)])),
      called: (task, version) => this.systemCall(task, version),
    });
    this.machine = new SmallMachine({
      cpus,
      profile,
      life: this.tasks.life,
      functions: Object.keys(itself.functions ?? {}),
      onFact: (fact, at) => {
        watch(fact, at);
        transition?.onFact(fact);
      },
    });
    this.makers = {
      kthread: this.tasks.place(0, this.machine.lifeOf(0), { name: "kthreadd", kind: "kthread" }, null),
      user: this.tasks.place(0, this.machine.lifeOf(0), { name: "sh", kind: "user" }, null),
    };
  }

  private hostFor(): Host {
    return {
      print: (line) => this.print(line),
      ftrace: this.ftrace,
      shadows: new ShadowVariables(),
      console: this.console,
      earlierState: (id) => this.livepatch.earlierState(id),
      kernelCode: (name) => this.itself.codes.get(name),
      startWork: (module, name) => this.startWork(module, codeOf(module, name)),
    };
  }

  print(line: string): void {
    this.log.push(line);
  }

  // ---- modules ----

  isLoaded(name: string): boolean {
    return this.modules.has(name);
  }

  refcountOf(name: string): number | undefined {
    return this.modules.get(name)?.refcount;
  }

  /** Its parameters are set, patches are applied to it, its init runs; at an error everything is taken back. */
  insmod(name: string, parameters: Readonly<Record<string, string>>): Result {
    const spec = this.available.get(name);
    if (spec === undefined || name === vmlinux) return failed("ENOENT");
    if (this.modules.has(name)) return failed("EEXIST");
    const module = load(spec);
    for (const [parameter, value] of Object.entries(parameters)) {
      const result = setParameter(module, parameter, value);
      if (result !== 0) return result;
    }
    this.modules.set(name, module);
    const refused = this.livepatch.coming(name);
    if (refused !== 0) {
      this.modules.delete(name);
      return refused;
    }
    const result = this.initialize(module);
    if (result !== 0) this.unload(module);
    else module.state = "live";
    return result;
  }

  private initialize(module: LoadedModule): Result {
    const { init, patch } = module.spec;
    const result = this.run(module, init ?? [], `insmod of ${module.spec.name}`);
    return result !== 0 || patch === undefined ? result : this.enable(module, patch);
  }

  private unload(module: LoadedModule): void {
    module.state = "going";
    this.livepatch.going(module.spec.name);
    this.modules.delete(module.spec.name);
  }

  rmmod(name: string): Result {
    const module = this.modules.get(name);
    if (module === undefined) return failed("ENOENT");
    if (module.refcount > 0) return failed("EBUSY");
    module.state = "going";
    this.run(module, module.spec.exit ?? [], `rmmod of ${name}`);
    this.unload(module);
    return 0;
  }

  /** Runs code of a module to its end; time goes on where it sleeps. */
  private run(module: LoadedModule, actions: readonly Action[], what: string): Result {
    const end = this.machine.now + patienceNs;
    const code = perform(this.host, actions, { module, object: "", task: this.makers.user });
    for (;;) {
      const { done, value } = code.next();
      if (done === true) return value;
      if (this.machine.now > end) throw new Hangs(`${what} waits for what does not happen`);
      this.machine.runFor(value);
    }
  }

  /** A write to /sys/module/M/parameters/P. */
  writeParameter(name: string, parameter: string, value: string): Result {
    const module = this.modules.get(name);
    const known = module?.spec.parameters?.[parameter];
    if (module === undefined || known === undefined) return failed("ENOENT");
    return known.writable ? setParameter(module, parameter, value) : failed("EACCES");
  }

  // ---- patches ----

  /** What the init function of a patch module does. */
  private enable(module: LoadedModule, spec: NonNullable<ModuleSpec["patch"]>): Result {
    const { name } = module.spec;
    const replace = typeof spec.replace === "boolean" ? spec.replace : Number(module.parameters.get(spec.replace.parameter)) !== 0;
    const patch = patchFrom(name, spec, replace, (code) => codeOf(module, code));
    module.patch = patch;
    module.refcount++;
    this.directories.set(name, patch);
    const result = this.livepatch.enable(patch);
    if (result !== 0) this.free(patch);
    return result;
  }

  /** Its directory goes; so does its hold on the module, unless nobody can tell whether its code is still in use. */
  private free(patch: Patch): void {
    this.directories.delete(patch.name);
    const module = this.modules.get(patch.name);
    if (module !== undefined && !patch.forced) module.refcount--;
  }

  private callBack(patch: Patch, object: PatchedObject, callback: CallbackName): Result {
    const module = this.modules.get(patch.name);
    if (module === undefined) throw new Error(`${patch.name} has gone while it was in use`);
    const target = this.modules.get(object.name);
    const frame: Frame = { module, object: target === undefined ? object.name : stateText(target), task: null };
    const { done, value } = perform(this.host, object.callbacks[callback] ?? [], frame).next();
    if (done !== true) throw new Error(`a ${callback} callback of ${patch.name} may not sleep`);
    return value;
  }

  get patchNames(): readonly string[] {
    return [...this.directories.keys()];
  }

  /** What is at this path below /sys/kernel/livepatch/P; undefined if nothing is. */
  patchAttribute(name: string, path: string): Attribute | undefined {
    const patch = this.directories.get(name);
    return patch === undefined ? undefined : attributeOf(this.livepatch, patch, path);
  }

  writePatchAttribute(name: string, path: string, value: string): Result {
    const patch = this.directories.get(name);
    return patch === undefined ? failed("ENOENT") : writeAttribute(this.livepatch, patch, path, value);
  }

  // ---- files ----

  /** What a task reads in a file, without the end of its last line; undefined if there is no such file. */
  read(path: string, task = this.makers.user): string | undefined {
    const parts = path.split("/").slice(1);
    const [top, second, third = "", ...rest] = parts;
    if (top === "sys" && second === "kernel" && third === "livepatch") {
      return this.patchAttribute(rest[0] ?? "", rest.slice(1).join("/"))?.value ?? undefined;
    }
    if (top === "sys" && second === "module") return this.readModule(third, rest.join("/"));
    if (path === "/proc/sys/kernel/ftrace_enabled") return this.ftrace.isEnabled ? "1" : "0";
    if (path === "/proc/sys/kernel/printk") return `${this.console.level}\t4\t1\t7`;
    for (const module of [this.itself, ...this.modules.values()]) {
      const file = module.spec.files?.[path];
      if (file !== undefined) return this.readFile(module, file, task);
    }
    return undefined;
  }

  private readModule(name: string, path: string): string | undefined {
    const module = this.modules.get(name);
    if (path === "refcnt") return module?.refcount.toString();
    return path.startsWith("parameters/") ? module?.parameters.get(path.slice("parameters/".length)) : undefined;
  }

  private readFile(module: LoadedModule, file: FileSpec, task: Task): string | undefined {
    if ("counts" in file) {
      for (let cpu = 0; cpu < this.machine.cpus; cpu++) this.machine.lifeOf(cpu);
      return String(numbersOf(module, file.counts).filter((entry) => entry !== 0).length);
    }
    const code = this.call(codeOf(module, file.function), this.versionOf(task));
    const owner = code.owner === vmlinux ? this.itself : this.modules.get(code.owner);
    if (owner === undefined) throw new Error(`${code.owner} has gone while its code was in use`);
    return fill(code.spec.shows ?? "", owner, "");
  }

  // ---- calls and tasks ----

  /** Whose code a call runs: the entry of the function is passed first, then that of what it was redirected to. */
  private call(original: Code, version: number): Code {
    const code = this.livepatch.resolve(original, version);
    this.ftrace.entered(original);
    if (code !== original) this.ftrace.entered(code);
    return code;
  }

  private systemCall(task: Task, version: number): void {
    const served = this.itself.spec.systemCalls?.[task.loops ?? ""];
    if (served === undefined) throw new Error(`there is no system call ${task.loops}`);
    const code = this.call(codeOf(this.itself, served), version);
    const module = code.owner === vmlinux ? this.itself : this.modules.get(code.owner);
    if (module === undefined) throw new Error(`${code.owner} has gone while its code was in use`);
    if (perform(this.host, code.spec.does ?? [], { module, object: "", task }).next().done !== true)
      throw new Error(`${code.name} may not sleep`);
  }

  systemCalls(): readonly string[] {
    return Object.keys(this.itself.spec.systemCalls ?? {});
  }

  /** A function of the kernel or of a module that is loaded. */
  findFunction(name: string): Code | undefined {
    return [this.itself, ...this.modules.values()].flatMap(({ codes }) => codes.get(name) ?? [])[0];
  }

  /** The version that the calls of this task resolve to. */
  private versionOf({ cpu, body }: Task): number {
    const { version } = this.machine.lifeOf(cpu);
    return body.crossing?.version ?? version;
  }

  /** A task of its own on this CPU, on the version of whoever made it. */
  spawn(cpu: number, placement: Placement): Task {
    return this.tasks.place(cpu, this.machine.lifeOf(cpu), placement, this.makers[placement.kind]);
  }

  end(task: Task): void {
    this.tasks.remove(this.machine.lifeOf(task.cpu), task);
  }

  /** A kernel worker calls a function of a module, sleeps in it as long as that sleeps, and comes back to its safe point. */
  private startWork(module: LoadedModule, original: Code): void {
    const code = this.call(original, this.versionOf(this.makers.kthread));
    const worker = this.spawn(this.machine.cpus - 1, { name: "kworker", kind: "kthread", sleepsIn: code });
    module.work.add(worker);
    const owner = this.modules.get(code.owner) ?? module;
    const doing = perform(this.host, code.spec.does ?? [], { module: owner, object: "", task: worker });
    const sleepFor = (ns: number): void => {
      this.tasks.sleepFor(this.machine.lifeOf(worker.cpu), worker, ns);
      this.machine.after(ns, goOn);
    };
    const goOn = (): void => {
      // It has woken: either it goes to sleep again, or it is on its way out.
      this.machine.lifeOf(worker.cpu);
      const { done, value } = doing.next();
      if (done === true) module.work.delete(worker);
      else sleepFor(value);
    };
    sleepFor(workNs);
  }
}
