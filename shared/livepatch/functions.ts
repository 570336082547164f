// Functions and what a call of one resolves to: a stack of replacements for each (struct klp_ops), and ftrace, which redirects its entry.
import { failed, type Result } from "./errno.ts";
import type { FunctionSpec } from "./module.ts";

/** One body of code: a function of the kernel or of a module. Two are the same if they are the same object. */
export interface Code {
  /** The kernel or the module that brings it. */
  readonly owner: string;
  readonly name: string;
  readonly spec: FunctionSpec;
}

/** One function that a patch changes (struct klp_func). */
export interface Replacement {
  readonly old: string;
  /** A nop stands for the original code in an atomic replace. */
  readonly nop: boolean;
  /** What is replaced, while its object is loaded. */
  original: Code | null;
  /** What runs instead; a nop has none. */
  readonly code: Code | null;
  /** Its redirection is registered. */
  patched: boolean;
  /** A call asks the task which of two versions is its own. */
  transition: boolean;
}

/** How ftrace serves the entries of functions: who may redirect one, and whose calls are traced. */
export class Ftrace {
  private readonly redirected = new Set<Code>();
  private readonly probed = new Set<Code>();
  private enabled = true;
  private readonly filter = new Set<string>();
  private readonly trace: string[] = [];

  get isEnabled(): boolean {
    return this.enabled;
  }

  /** The sysctl kernel.ftrace_enabled. A redirection is permanent: while there is one, ftrace stays on. */
  setEnabled(enabled: boolean): Result {
    if (!enabled && this.redirected.size > 0) return failed("EBUSY");
    this.enabled = enabled;
    return 0;
  }

  /** At most one user may change the instruction pointer at the entry of a function. */
  redirect(code: Code): Result {
    if (!this.enabled || this.redirected.has(code) || this.probed.has(code)) return failed("EBUSY");
    this.redirected.add(code);
    return 0;
  }

  release(code: Code): void {
    this.redirected.delete(code);
  }

  /** A probe without a post handler leaves the instruction pointer alone and is in nobody's way. */
  probe(code: Code, postHandler: boolean): Result {
    if (!postHandler) return 0;
    if (this.redirected.has(code)) return failed("EBUSY");
    this.probed.add(code);
    return 0;
  }

  removeProbe(code: Code): void {
    this.probed.delete(code);
  }

  traceFunction(name: string): void {
    this.filter.add(name);
  }

  /** A call has come to the entry of this code. */
  entered(code: Code): void {
    if (this.enabled && this.filter.has(code.name)) this.trace.push(code.name);
  }

  hasTraced(name: string): boolean {
    return this.trace.includes(name);
  }

  stopTracing(): void {
    this.filter.clear();
    this.trace.length = 0;
  }
}

/** For each function that any patch changes: its replacements, the newest first. */
export class FunctionStacks {
  private readonly stacks = new Map<Code, Replacement[]>();
  private readonly ftrace: Ftrace;

  constructor(ftrace: Ftrace) {
    this.ftrace = ftrace;
  }

  /** The first one registers the redirection, further ones are put on top. */
  push(replacement: Replacement): Result {
    const original = originalOf(replacement);
    const stack = this.stacks.get(original);
    if (stack === undefined) {
      const result = this.ftrace.redirect(original);
      if (result !== 0) return result;
      this.stacks.set(original, [replacement]);
    } else stack.unshift(replacement);
    replacement.patched = true;
    return 0;
  }

  /** The last one out takes the redirection along. */
  remove(replacement: Replacement): void {
    const original = originalOf(replacement);
    const left = (this.stacks.get(original) ?? []).filter((other) => other !== replacement);
    if (left.length === 0) {
      this.ftrace.release(original);
      this.stacks.delete(original);
    } else this.stacks.set(original, left);
    replacement.patched = false;
  }

  /** What a call of `original` runs, made by a task that the transition under way, if any, has brought to the patched side or not. */
  resolve(original: Code, isPatched: () => boolean): Code {
    const [top, below] = this.stacks.get(original) ?? [];
    if (top === undefined) return original;
    const chosen = top.transition && !isPatched() ? below : top;
    return chosen?.code ?? original;
  }

  /** What ran before this replacement was put on top. */
  below(replacement: Replacement): Code {
    const original = originalOf(replacement);
    const stack = this.stacks.get(original) ?? [];
    return stack[stack.indexOf(replacement) + 1]?.code ?? original;
  }
}

const originalOf = ({ original, old }: Replacement): Code => {
  if (original === null) throw new Error(`${old} is not resolved`);
  return original;
};
