// A livepatch as it is installed: its objects, what state each is in, and the system states that it keeps.
import type { Code, Replacement } from "./functions.ts";
import type { Callbacks, PatchSpec } from "./module.ts";

/** What a patch changes in the kernel or in one module (struct klp_object). */
export interface PatchedObject {
  readonly name: string;
  readonly callbacks: Callbacks;
  readonly functions: Replacement[];
  /** Made for the nops of an atomic replace only. */
  readonly isDynamic: boolean;
  loaded: boolean;
  patched: boolean;
  /** Its pre-patch callback has succeeded, so that its post-unpatch callback is due. */
  postUnpatchDue: boolean;
}

/** A change to the system that outlives a replacement; its data is the console log level that was saved, once there is room for one. */
export interface SystemState {
  readonly id: number;
  readonly version: number;
  data: { level: number } | null;
}

export interface Patch {
  /** The module's name. */
  readonly name: string;
  readonly replace: boolean;
  readonly objects: PatchedObject[];
  readonly states: readonly SystemState[];
  enabled: boolean;
  /** Some task was forced out of it or into another patch: nobody knows whether its code still runs. */
  forced: boolean;
}

export const stateOf = (patch: Patch, id: number): SystemState | undefined => patch.states.find((state) => state.id === id);

/** A cumulative patch must deal with every state of those before it; any patch must know at least their version of the states that it has. */
export const isCompatible = (patch: Patch, installed: readonly Patch[]): boolean =>
  installed
    .flatMap(({ states }) => states)
    .every((earlier) => {
      const own = stateOf(patch, earlier.id);
      return own === undefined ? !patch.replace : own.version >= earlier.version;
    });

const replacement = (old: string, code: Code | null): Replacement => ({
  old,
  nop: code === null,
  original: null,
  code,
  patched: false,
  transition: false,
});

const patchedObject = (name: string, callbacks: Callbacks, functions: Replacement[], isDynamic: boolean): PatchedObject => ({
  name,
  callbacks,
  functions,
  isDynamic,
  loaded: false,
  patched: false,
  postUnpatchDue: false,
});

/** `codeOf` finds a function of the patch's own module. */
export const patchFrom = (name: string, spec: PatchSpec, replace: boolean, codeOf: (name: string) => Code): Patch => ({
  name,
  replace,
  objects: spec.objects.map(({ object, functions, callbacks }) =>
    patchedObject(
      object,
      callbacks ?? {},
      functions.map((each) => replacement(each.old, codeOf(each.new))),
      false,
    ),
  ),
  states: (spec.states ?? []).map((state) => ({ ...state, data: null })),
  enabled: false,
  forced: false,
});

/** A nop for each function that the installed patches change and this one does not. */
export const addNops = (patch: Patch, installed: readonly Patch[]): void => {
  for (const { name, functions } of installed.flatMap(({ objects }) => objects)) {
    for (const { old } of functions) {
      const own = patch.objects.find((object) => object.name === name);
      if (own?.functions.some((each) => each.old === old) === true) continue;
      if (own !== undefined) own.functions.push(replacement(old, null));
      else patch.objects.push(patchedObject(name, {}, [replacement(old, null)], true));
    }
  }
};

/** The replaced patches are gone: what stood for the original code in between is not needed any more. */
export const discardNops = (patch: Patch): void => {
  for (const object of patch.objects) object.functions.splice(0, object.functions.length, ...object.functions.filter(({ nop }) => !nop));
  patch.objects.splice(0, patch.objects.length, ...patch.objects.filter(({ isDynamic }) => !isDynamic));
};
