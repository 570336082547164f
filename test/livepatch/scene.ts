// A kernel to try rules on: with the modules that are shipped, and others that a test describes.
import { assert } from "vitest";
import { errorText } from "../../shared/livepatch/errno.ts";
import { Kernel } from "../../shared/livepatch/kernel.ts";
import type { ModuleSpec } from "../../shared/livepatch/module.ts";
import { modules } from "../../shared/livepatch/modules.ts";
import type { Task } from "../../shared/livepatch/task.ts";

const second = 1_000_000_000;

export class Scene {
  readonly kernel: Kernel;

  constructor(...more: ReadonlyArray<Partial<ModuleSpec> & { readonly name: string }>) {
    const described = more.map((spec): [string, ModuleSpec] => [
      spec.name,
      { schema: "quiesce.module/1", title: "of a test", source: "a test", ...spec },
    ]);
    this.kernel = new Kernel(new Map([...modules, ...described]), 4);
  }

  /** Loads a module, and waits until the transition that this began has ended, if it ends. */
  load(module: string, parameters: Readonly<Record<string, string>> = {}): void {
    const result = this.kernel.insmod(module, parameters);
    assert.strictEqual(result, 0, `${module}: ${errorText(result)}`);
    this.pass(3);
  }

  /** What the C library says when this fails. */
  refusal(result: number): string {
    assert.isBelow(result, 0, "it did not fail");
    return errorText(result);
  }

  write(patch: string, attribute: string, value: string): number {
    return this.kernel.writePatchAttribute(patch, attribute, value);
  }

  disable(patch: string): void {
    assert.strictEqual(this.write(patch, "enabled", "0"), 0);
    this.pass(3);
    assert.isUndefined(this.value(patch, "enabled"), `${patch} has not gone`);
  }

  value(patch: string, attribute: string): string | undefined {
    return this.kernel.patchAttribute(patch, attribute)?.value ?? undefined;
  }

  pass(seconds: number): void {
    this.kernel.machine.runFor(seconds * second);
  }

  /** A task on CPU 2 that sleeps in this function. */
  sleeper(name: string, kind: "kthread" | "user" = "kthread"): Task {
    const code = this.kernel.findFunction(name) ?? assert.fail(`no function ${name}`);
    return this.kernel.spawn(2, { name: "sleeper", kind, sleepsIn: code });
  }

  /** What was printed since this was asked last. */
  printed(): readonly string[] {
    return this.kernel.log.splice(0);
  }
}

/** A patch of one function of the kernel, whose new version shows the patch's name. */
export const showing = (name: string, old: string, replace = false) => ({
  name,
  functions: { [`${name}_show`]: { shows: name } },
  patch: { replace, objects: [{ object: "vmlinux", functions: [{ old, new: `${name}_show` }] }] },
});

/** A new version that its worker stays in, so that it cannot be taken off. */
export const sticky = {
  name: "sticky",
  parameters: { stay: { type: "bool", initial: "Y", writable: true } },
  functions: {
    sticky_work: {
      does: [
        { do: "complete", completion: "begun" },
        { do: "sleep-while", parameter: "stay", ns: 20_000_000 },
      ],
    },
  },
  patch: { replace: false, objects: [{ object: "target", functions: [{ old: "work", new: "sticky_work" }] }] },
} as const;

/** What it changes a function of, which a worker calls. */
export const target = { name: "target", functions: { work: {} }, init: [{ do: "start-work", function: "work" }] } as const;
