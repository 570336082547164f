// Runs the code of modules as their files describe it: one action after the other, sleeping where it sleeps.
import { failed, type Result } from "./errno.ts";
import type { Ftrace } from "./functions.ts";
import { type codeOf, isSet, type LoadedModule, numbersOf, parameterOf, setParameter } from "./loaded.ts";
import type { Action, LogLevelStep, ShadowAction } from "./module.ts";
import { type SystemState, stateOf } from "./patch.ts";
import type { ShadowVariables } from "./shadow.ts";
import { ShadowTester } from "./shadowActions.ts";
import type { Task } from "./task.ts";

/** What code of a module finds around it. */
export interface Host {
  readonly print: (line: string) => void;
  readonly ftrace: Ftrace;
  readonly shadows: ShadowVariables;
  /** The kernel's console log level. */
  readonly console: { level: number };
  readonly earlierState: (id: number) => SystemState | undefined;
  /** The kernel's own function of this name. */
  readonly kernelCode: (name: string) => ReturnType<typeof codeOf> | undefined;
  readonly startWork: (module: LoadedModule, name: string) => void;
}

/** Whose code runs, what a callback is called for, and by which task. */
export interface Frame {
  readonly module: LoadedModule;
  readonly object: string;
  readonly task: Task | null;
}

/** CONSOLE_LOGLEVEL_MOTORMOUTH (include/linux/printk.h): everything reaches the console. */
const everythingLevel = 15;

/** How long a wait for something sleeps before it looks again. */
const lookAgainNs = 1_000_000;

/** Yields for how long it sleeps, in ns; ends with what the code returns. */
export function* perform(host: Host, actions: readonly Action[], frame: Frame): Generator<number, Result> {
  const tester = new ShadowTester(host.shadows, (text) => host.print(`${frame.module.spec.name}: ${text}`));
  for (const action of actions) {
    const result = yield* performOne(host, action, frame, tester);
    if (result !== 0) return result;
  }
  return 0;
}

function* performOne(host: Host, action: Action, frame: Frame, tester: ShadowTester): Generator<number, Result> {
  const { module } = frame;
  switch (action.do) {
    case "if-earlier-state":
      return yield* perform(host, host.earlierState(action.state) === undefined ? action.absent : action.present, frame);
    case "flush-work":
      if (action.unless === undefined || !isSet(module, action.unless)) while (module.work.size > 0) yield lookAgainNs;
      return 0;
    case "await":
      while (!module.completed.has(action.completion)) yield lookAgainNs;
      return 0;
    case "sleep-while":
      while (isSet(module, action.parameter)) yield action.ns;
      return 0;
    case "name-pointer":
    case "shadow-get":
    case "shadow-alloc":
    case "shadow-get-or-alloc":
    case "shadow-free":
    case "shadow-free-all":
      tester.perform(action);
      return 0;
    default:
      return performAtOnce(host, action, frame);
  }
}

type MaySleep = { do: "if-earlier-state" | "flush-work" | "await" | "sleep-while" } | ShadowAction;

const performAtOnce = (host: Host, action: Exclude<Action, MaySleep>, { module, object, task }: Frame): Result => {
  switch (action.do) {
    case "print":
      host.print(`${module.spec.name}: ${fill(action.text, module, object)}`);
      return 0;
    case "fail-with":
      return Number(parameterOf(module, action.parameter));
    case "log-level":
      return saveLogLevel(host, module, action.step, action.state);
    case "strike-pid": {
      const left = numbersOf(module, action.parameter).map((pid) => (pid === task?.pid ? 0 : pid));
      module.parameters.set(action.parameter, left.join(","));
      return 0;
    }
    case "start-work":
      host.startWork(module, action.function);
      return 0;
    case "complete":
      module.completed.add(action.completion);
      return 0;
    case "set-parameter":
      return setParameter(module, action.parameter, action.value);
    case "add-kprobe": {
      const code = host.kernelCode(action.function);
      return code === undefined ? failed("ENOENT") : host.ftrace.probe(code, isSet(module, action.postHandler));
    }
    case "remove-kprobe": {
      const code = host.kernelCode(action.function);
      if (code !== undefined) host.ftrace.removeProbe(code);
      return 0;
    }
  }
};

/** `{module}` is who prints, `{object}` what a callback was called for. */
export const fill = (text: string, module: LoadedModule, object: string): string =>
  text.replaceAll("{module}", module.spec.name).replaceAll("{object}", object);

/** Room for the level is made before it is needed, and freed when nothing can need it any more: neither happens where it could fail. */
const saveLogLevel = (host: Host, { patch }: LoadedModule, step: LogLevelStep, id: number): Result => {
  const state = patch === null ? undefined : stateOf(patch, id);
  if (state === undefined) return failed("EINVAL");
  switch (step) {
    case "allocate":
      state.data = { level: 0 };
      return 0;
    case "take-over":
      state.data = host.earlierState(id)?.data ?? null;
      return 0;
    case "set":
      if (state.data === null) throw new Error("there is no room for the console log level");
      state.data.level = host.console.level;
      host.console.level = everythingLevel;
      return 0;
    case "restore":
      if (state.data === null) throw new Error("no console log level was saved");
      host.console.level = state.data.level;
      return 0;
    case "free":
      state.data = null;
      return 0;
  }
};
