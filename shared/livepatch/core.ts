// The kernel's livepatch core: enabling, disabling, reversing and forcing patches, and what becomes of them when modules come and go.
//
// In the order of kernel/livepatch/core.c, patch.c and transition.c of Linux 6.12; the lines that it prints are theirs.
import { failed, type Result } from "./errno.ts";
import type { Code, FunctionStacks } from "./functions.ts";
import { type CallbackName, vmlinux } from "./module.ts";
import { addNops, discardNops, isCompatible, type Patch, type PatchedObject, type SystemState, stateOf } from "./patch.ts";
import type { Operation, Transition, TransitionWatcher } from "./transition.ts";

/** What the core needs of the rest of the kernel. */
export interface Surroundings {
  readonly print: (line: string) => void;
  /** The functions of a loaded object by name; undefined where it is not loaded. */
  readonly symbols: (object: string) => ReadonlyMap<string, Code> | undefined;
  readonly call: (patch: Patch, object: PatchedObject, callback: CallbackName) => Result;
  /** A work item that frees what a patch held: its directory in sysfs, and unless it was forced its hold on the module. */
  readonly freeLater: (patch: Patch) => void;
}

/** What a transition does to its patch. */
const doing = { patch: "patching", unpatch: "unpatching" } as const;

const opposite: Readonly<Record<Operation, Operation>> = { patch: "unpatch", unpatch: "patch" };

export class Livepatch implements TransitionWatcher {
  /** The actively used patches in the order of their enabling. */
  private readonly patches: Patch[] = [];
  private underWay: { readonly patch: Patch; target: Operation; signaled: boolean } | null = null;
  private readonly stacks: FunctionStacks;
  private readonly around: Surroundings;
  private readonly transition: Transition;

  constructor(stacks: FunctionStacks, around: Surroundings, transition: (watcher: TransitionWatcher) => Transition) {
    this.stacks = stacks;
    this.around = around;
    this.transition = transition(this);
  }

  // ---- what others ask ----

  get installed(): readonly Patch[] {
    return this.patches;
  }

  isInTransition(patch: Patch): boolean {
    return this.underWay?.patch === patch;
  }

  /** The state of this id in the latest patch that was enabled before the one in transition. */
  earlierState(id: number): SystemState | undefined {
    const until = this.underWay === null ? 0 : this.patches.indexOf(this.underWay.patch);
    return this.patches
      .slice(0, until)
      .flatMap((patch) => stateOf(patch, id) ?? [])
      .at(-1);
  }

  /** What a call runs that is made on this version. */
  resolve(original: Code, version: number): Code {
    return this.stacks.resolve(original, () => this.transition.isPatched(version));
  }

  /** The functions that the patch in transition changes, and the code of each that nobody may be in who is to be brought over now. */
  outgoing(): ReadonlyMap<Code, Code> {
    if (this.underWay === null) return new Map();
    const { patch, target } = this.underWay;
    return new Map(
      patch.objects
        .flatMap(({ functions }) => functions)
        .flatMap((each) => {
          const { original, code } = each;
          if (!each.patched || original === null) return [];
          return [[original, target === "patch" ? this.stacks.below(each) : (code ?? original)] as const];
        }),
    );
  }

  // ---- enabling ----

  /** klp_enable_patch. */
  enable(patch: Patch): Result {
    if (patch.objects.length === 0) return failed("EINVAL");
    if (!isCompatible(patch, this.patches)) {
      this.around.print(`livepatch: Livepatch patch (${patch.name}) is not compatible with the already installed livepatches.`);
      return failed("EINVAL");
    }
    if (patch.replace) addNops(patch, this.patches);
    for (const object of patch.objects) {
      const result = this.resolveObject(object);
      if (result !== 0) return result;
    }
    this.patches.push(patch);
    const result = this.start(patch);
    if (result !== 0) this.drop(patch);
    return result;
  }

  private resolveObject(object: PatchedObject): Result {
    const symbols = this.around.symbols(object.name);
    object.loaded = symbols !== undefined;
    if (symbols === undefined) return 0;
    for (const each of object.functions) {
      const original = symbols.get(each.old);
      if (original === undefined) {
        this.around.print(`livepatch: symbol '${each.old}' not found in symbol table`);
        return failed("ENOENT");
      }
      each.original = original;
    }
    return 0;
  }

  private start(patch: Patch): Result {
    if (this.underWay !== null) return failed("EBUSY");
    this.around.print(`livepatch: enabling patch '${patch.name}'`);
    this.initialize(patch, "patch");
    const result = this.patchLoaded(patch);
    if (result !== 0) {
      this.around.print(`livepatch: failed to enable patch '${patch.name}'`);
      this.cancel(patch);
      return result;
    }
    patch.enabled = true;
    this.transition.begin("patch");
    return 0;
  }

  /** klp_init_transition: from here on the functions of the patch ask every task. */
  private initialize(patch: Patch, target: Operation): void {
    this.underWay = { patch, target, signaled: false };
    this.around.print(`livepatch: '${patch.name}': initializing ${doing[target]} transition`);
    for (const each of patch.objects.flatMap(({ functions }) => functions)) each.transition = true;
  }

  private patchLoaded(patch: Patch): Result {
    for (const object of patch.objects.filter(({ loaded }) => loaded)) {
      const vetoed = this.prePatch(patch, object);
      if (vetoed !== 0) return vetoed;
      const refused = this.patchObject(object);
      if (refused !== 0) {
        this.around.print(`livepatch: failed to patch object '${object.name}'`);
        return refused;
      }
    }
    return 0;
  }

  /** Nobody was asked to switch yet: the way back is short. */
  private cancel(patch: Patch): void {
    this.around.print(`livepatch: '${patch.name}': canceling patching transition, going to unpatch`);
    this.inTransition().target = "unpatch";
    this.onCompleting();
    this.complete();
  }

  private prePatch(patch: Patch, object: PatchedObject): Result {
    const result = this.around.call(patch, object, "pre-patch");
    object.postUnpatchDue = result === 0;
    if (result !== 0) this.around.print(`livepatch: pre-patch callback failed for object '${object.name}'`);
    return result;
  }

  private postUnpatch(patch: Patch, object: PatchedObject): void {
    if (object.postUnpatchDue) this.around.call(patch, object, "post-unpatch");
    object.postUnpatchDue = false;
  }

  private patchObject(object: PatchedObject): Result {
    for (const each of object.functions) {
      const result = this.stacks.push(each);
      if (result !== 0) {
        this.around.print(`livepatch: failed to register ftrace handler for function '${each.old}' (${result})`);
        this.unpatchObject(object);
        return result;
      }
    }
    object.patched = true;
    return 0;
  }

  private unpatchObject(object: PatchedObject): void {
    for (const each of object.functions) if (each.patched) this.stacks.remove(each);
    object.patched = false;
  }

  // ---- the attributes of a patch ----

  /** A write to `enabled`: disables, or turns the transition that is under way. */
  setEnabled(patch: Patch, enabled: boolean): Result {
    if (patch.enabled === enabled) return failed("EINVAL");
    if (this.isInTransition(patch)) {
      const turned = this.transition.reverse();
      if (turned !== "over") return turned === "turned" ? 0 : failed("EBUSY");
    }
    return enabled ? failed("EINVAL") : this.disable(patch);
  }

  private disable(patch: Patch): Result {
    if (this.underWay !== null) return failed("EBUSY");
    this.initialize(patch, "unpatch");
    for (const object of patch.objects) if (object.patched) this.around.call(patch, object, "pre-unpatch");
    patch.enabled = false;
    this.transition.begin("unpatch");
    return 0;
  }

  /** A write to `force`. */
  force(patch: Patch, value: boolean): Result {
    if (!value) return 0;
    if (!this.isInTransition(patch)) return failed("EINVAL");
    this.transition.force();
    return 0;
  }

  // ---- what a transition tells ----

  private inTransition(): NonNullable<Livepatch["underWay"]> {
    if (this.underWay === null) throw new Error("no patch is in transition");
    return this.underWay;
  }

  onStarting(): void {
    const { patch, target } = this.inTransition();
    this.around.print(`livepatch: '${patch.name}': starting ${doing[target]} transition`);
  }

  onReversing(): void {
    const { patch, target: from } = this.inTransition();
    const to = opposite[from];
    this.around.print(`livepatch: '${patch.name}': reversing transition from ${doing[from]} to ${doing[to]}`);
    patch.enabled = to === "patch";
    this.underWay = { patch, target: to, signaled: false };
    this.onStarting();
  }

  /** It is said the first time only. */
  onSignaling(): void {
    const underWay = this.inTransition();
    if (!underWay.signaled) this.around.print("livepatch: signaling remaining tasks");
    underWay.signaled = true;
  }

  /** Nobody can tell any more whether the code of these is still in use: their modules stay for ever. */
  onForcing(): void {
    const { patch, target } = this.inTransition();
    this.around.print("livepatch: forcing remaining tasks to the patched state");
    if (target === "unpatch") patch.forced = true;
    else if (patch.replace) for (const other of this.patches) if (other !== patch) other.forced = true;
  }

  onCompleting(): void {
    const { patch, target } = this.inTransition();
    this.around.print(`livepatch: '${patch.name}': completing ${doing[target]} transition`);
    if (target === "unpatch") for (const object of patch.objects) this.unpatchObject(object);
    else if (patch.replace) this.replaceOthers(patch);
    for (const each of patch.objects.flatMap(({ functions }) => functions)) each.transition = false;
  }

  private replaceOthers(patch: Patch): void {
    for (const other of this.replacedBy(patch)) {
      other.enabled = false;
      for (const object of other.objects) this.unpatchObject(object);
    }
    for (const each of patch.objects.flatMap(({ functions }) => functions)) if (each.nop && each.patched) this.stacks.remove(each);
    discardNops(patch);
  }

  private replacedBy(patch: Patch): readonly Patch[] {
    return this.patches.filter((other) => other !== patch);
  }

  onClosed(): void {
    const { patch } = this.inTransition();
    this.complete();
    if (!patch.enabled) this.free(patch);
    else if (patch.replace) for (const other of this.replacedBy(patch)) this.free(other);
  }

  private complete(): void {
    const { patch, target } = this.inTransition();
    for (const object of patch.objects.filter(({ loaded }) => loaded)) {
      if (target === "patch") this.around.call(patch, object, "post-patch");
      else this.postUnpatch(patch, object);
    }
    this.around.print(`livepatch: '${patch.name}': ${doing[target]} complete`);
    this.underWay = null;
  }

  private free(patch: Patch): void {
    this.drop(patch);
    this.around.freeLater(patch);
  }

  private drop(patch: Patch): void {
    const index = this.patches.indexOf(patch);
    if (index >= 0) this.patches.splice(index, 1);
  }

  // ---- modules ----

  /** A module is about to run its init: every patch that has it is applied to it, or it may not be loaded. */
  coming(module: string): Result {
    for (const [patch, object] of this.patchesOf(module)) {
      const result = this.applyTo(patch, object);
      if (result !== 0) {
        this.around.print(`livepatch: patch '${patch.name}' failed for module '${module}', refusing to load module '${module}'`);
        object.loaded = false;
        this.leave(module, patch);
        return result;
      }
    }
    return 0;
  }

  private applyTo(patch: Patch, object: PatchedObject): Result {
    const unresolved = this.resolveObject(object);
    if (unresolved !== 0) {
      this.around.print(`livepatch: failed to initialize patch '${patch.name}' for module '${object.name}' (${unresolved})`);
      return unresolved;
    }
    this.around.print(`livepatch: applying patch '${patch.name}' to loading module '${object.name}'`);
    const vetoed = this.prePatch(patch, object);
    if (vetoed !== 0) return vetoed;
    const refused = this.patchObject(object);
    if (refused !== 0) {
      this.around.print(`livepatch: failed to apply patch '${patch.name}' to module '${object.name}' (${refused})`);
      this.postUnpatch(patch, object);
      return refused;
    }
    if (!this.isInTransition(patch)) this.around.call(patch, object, "post-patch");
    return 0;
  }

  /** A module has run its exit: nobody is in its code any more, so that no transition is needed. */
  going(module: string): void {
    this.leave(module, undefined);
  }

  /** Takes every patch off a module, those from `until` on apart. */
  private leave(module: string, until: Patch | undefined): void {
    for (const [patch, object] of this.patchesOf(module)) {
      if (patch === until) return;
      if (!this.isInTransition(patch)) this.around.call(patch, object, "pre-unpatch");
      this.around.print(`livepatch: reverting patch '${patch.name}' on unloading module '${module}'`);
      this.unpatchObject(object);
      this.postUnpatch(patch, object);
      object.loaded = false;
      for (const each of object.functions) each.original = null;
    }
  }

  private patchesOf(module: string): ReadonlyArray<readonly [Patch, PatchedObject]> {
    if (module === vmlinux) return [];
    return this.patches.flatMap((patch) => {
      const object = patch.objects.find(({ name }) => name === module);
      return object === undefined ? [] : [[patch, object] as const];
    });
  }
}
