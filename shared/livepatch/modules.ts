// The kernel and the modules that come with the program, by name: a new one is a file in modules/ and a line here.
import { decodeModule } from "./decodeModule.ts";
import type { ModuleSpec } from "./module.ts";
import atomicReplace from "./modules/test_klp_atomic_replace.json" with { type: "json" };
import callbacksBusy from "./modules/test_klp_callbacks_busy.json" with { type: "json" };
import callbacksDemo from "./modules/test_klp_callbacks_demo.json" with { type: "json" };
import callbacksDemo2 from "./modules/test_klp_callbacks_demo2.json" with { type: "json" };
import callbacksMod from "./modules/test_klp_callbacks_mod.json" with { type: "json" };
import kprobe from "./modules/test_klp_kprobe.json" with { type: "json" };
import livepatch from "./modules/test_klp_livepatch.json" with { type: "json" };
import modPatch from "./modules/test_klp_mod_patch.json" with { type: "json" };
import modTarget from "./modules/test_klp_mod_target.json" with { type: "json" };
import shadowVars from "./modules/test_klp_shadow_vars.json" with { type: "json" };
import state from "./modules/test_klp_state.json" with { type: "json" };
import state2 from "./modules/test_klp_state2.json" with { type: "json" };
import state3 from "./modules/test_klp_state3.json" with { type: "json" };
import syscall from "./modules/test_klp_syscall.json" with { type: "json" };
import vmlinux from "./modules/vmlinux.json" with { type: "json" };

const shipped = [
  vmlinux,
  livepatch,
  atomicReplace,
  syscall,
  callbacksDemo,
  callbacksDemo2,
  callbacksMod,
  callbacksBusy,
  state,
  state2,
  state3,
  shadowVars,
  kprobe,
  modTarget,
  modPatch,
];

/** Their files are checked like anybody's. */
export const modules: ReadonlyMap<string, ModuleSpec> = new Map(
  shipped.map((spec) => [spec.name, decodeModule(JSON.stringify(spec), `modules/${spec.name}.json`)]),
);
