// The rules of the kernel's livepatch core, apart from what a transition does to tasks: that is in transition.test.ts.
import { assert, describe, it } from "vitest";
import { Livepatch } from "../../shared/livepatch/core.ts";
import { Ftrace, FunctionStacks } from "../../shared/livepatch/functions.ts";
import { type Patch, type PatchedObject, patchFrom } from "../../shared/livepatch/patch.ts";
import type { Transition, TransitionWatcher } from "../../shared/livepatch/transition.ts";
import { Scene, showing, sticky, target } from "./scene.ts";

const cmdline = "/proc/cmdline";
const demo = "test_klp_callbacks_demo";
const busy = "test_klp_callbacks_busy";
const patched = "test_klp_livepatch: this has been live patched";

describe("function stacks", () => {
  it("the newest patch of a function wins, and whichever goes, the others stay in force", () => {
    const scene = new Scene(showing("second", "cmdline_proc_show"), showing("third", "cmdline_proc_show"));
    const original = scene.kernel.read(cmdline);
    const shown = (): string | undefined => scene.kernel.read(cmdline);
    scene.load("test_klp_livepatch");
    scene.load("second");
    scene.load("third");
    assert.strictEqual(shown(), "third");
    scene.disable("second");
    assert.strictEqual(shown(), "third");
    assert.deepStrictEqual([scene.value("test_klp_livepatch", "stack_order"), scene.value("third", "stack_order")], ["1", "2"]);
    scene.disable("third");
    assert.strictEqual(shown(), patched);
    scene.disable("test_klp_livepatch");
    assert.strictEqual(shown(), original);
  });

  it("a function that is not there cannot be patched, and the load is taken back", () => {
    const scene = new Scene(showing("wrong", "no_such_function"));
    assert.strictEqual(scene.refusal(scene.kernel.insmod("wrong", {})), "No such file or directory");
    assert.deepStrictEqual(scene.printed(), ["livepatch: symbol 'no_such_function' not found in symbol table"]);
    assert.deepStrictEqual([scene.kernel.isLoaded("wrong"), scene.kernel.patchNames.length], [false, 0]);
  });

  it("at most one user changes the instruction pointer: a probe with a post handler comes too late as well", () => {
    const scene = new Scene();
    scene.load("test_klp_livepatch");
    assert.strictEqual(scene.refusal(scene.kernel.insmod("test_klp_kprobe", { has_post_handler: "1" })), "Device or resource busy");
    scene.load("test_klp_kprobe", { has_post_handler: "0" });
    assert.strictEqual(scene.kernel.read(cmdline), patched);
  });

  it("ftrace stays on while anything is redirected, and no longer", () => {
    const scene = new Scene();
    scene.load("test_klp_livepatch");
    assert.strictEqual(scene.refusal(scene.kernel.ftrace.setEnabled(false)), "Device or resource busy");
    scene.disable("test_klp_livepatch");
    assert.strictEqual(scene.kernel.ftrace.setEnabled(false), 0);
  });

  it("a call passes the entry of the old function first, then that of the new one", () => {
    const scene = new Scene();
    scene.load("test_klp_livepatch");
    const { ftrace } = scene.kernel;
    ftrace.traceFunction("cmdline_proc_show");
    scene.kernel.read(cmdline);
    assert.deepStrictEqual([ftrace.hasTraced("cmdline_proc_show"), ftrace.hasTraced("livepatch_cmdline_proc_show")], [true, false]);
    ftrace.traceFunction("livepatch_cmdline_proc_show");
    scene.kernel.read(cmdline);
    assert.isTrue(ftrace.hasTraced("livepatch_cmdline_proc_show"));
  });
});

describe("the attributes of a patch", () => {
  it("take no value that they have already, and nothing but 0 and 1", () => {
    const scene = new Scene();
    scene.load("test_klp_livepatch");
    for (const value of ["1", "2", "yes"])
      assert.strictEqual(scene.refusal(scene.write("test_klp_livepatch", "enabled", value)), "Invalid argument");
    assert.strictEqual(scene.refusal(scene.write("test_klp_livepatch", "transition", "0")), "Permission denied");
    assert.strictEqual(scene.refusal(scene.write("test_klp_livepatch", "colour", "0")), "No such file or directory");
  });

  it("stand in directories of the patch, its objects and their functions", () => {
    const scene = new Scene();
    scene.load(demo);
    const modes = ["", "vmlinux", `${busy}/busymod_work_func,1`, `${busy}/patched`, "force", "nothing"].map(
      (path) => scene.kernel.patchAttribute(demo, path)?.mode,
    );
    assert.deepStrictEqual(modes, ["drwxr-xr-x", "drwxr-xr-x", "drwxr-xr-x", "-r--r--r--", "--w-------", undefined]);
  });
});

describe("modules", () => {
  it("are loaded once, and not removed while a patch holds them", () => {
    const scene = new Scene();
    scene.load("test_klp_livepatch");
    assert.strictEqual(scene.refusal(scene.kernel.insmod("test_klp_livepatch", {})), "File exists");
    assert.strictEqual(scene.refusal(scene.kernel.rmmod("test_klp_livepatch")), "Device or resource busy");
  });

  it("refuse parameters that are no values of their type, and writes to those that are fixed", () => {
    const scene = new Scene();
    assert.strictEqual(scene.refusal(scene.kernel.insmod(busy, { block_transition: "perhaps" })), "Invalid argument");
    assert.strictEqual(scene.refusal(scene.kernel.insmod(demo, { pre_patch_ret: "much" })), "Invalid argument");
    scene.load("test_klp_kprobe");
    assert.strictEqual(scene.refusal(scene.kernel.writeParameter("test_klp_kprobe", "has_post_handler", "N")), "Permission denied");
  });

  it("that cannot be redirected may not be loaded under a patch of theirs", () => {
    const scene = new Scene();
    scene.load("test_klp_mod_patch");
    assert.strictEqual(scene.kernel.ftrace.setEnabled(false), 0);
    scene.printed();
    assert.strictEqual(scene.refusal(scene.kernel.insmod("test_klp_mod_target", {})), "Device or resource busy");
    assert.deepStrictEqual(scene.printed(), [
      "livepatch: applying patch 'test_klp_mod_patch' to loading module 'test_klp_mod_target'",
      "livepatch: failed to register ftrace handler for function 'test_klp_mod_target_show' (-16)",
      "livepatch: failed to apply patch 'test_klp_mod_patch' to module 'test_klp_mod_target' (-16)",
      "livepatch: patch 'test_klp_mod_patch' failed for module 'test_klp_mod_target', refusing to load module 'test_klp_mod_target'",
    ]);
  });

  it("have their post-unpatch callback run once for each pre-patch callback, however often they are said to go", () => {
    const called: string[] = [];
    let isLoaded = false;
    const around = {
      print: () => {},
      symbols: () => (isLoaded ? new Map() : undefined),
      call: (_: Patch, __: PatchedObject, callback: string) => {
        called.push(callback);
        return 0;
      },
      freeLater: () => {},
    };
    const atOnce = (watcher: TransitionWatcher): Transition => ({
      begin: () => {
        watcher.onStarting();
        watcher.onCompleting();
        watcher.onClosed();
      },
      reverse: () => "over",
      force: () => {},
      isPatched: () => true,
    });
    const livepatch = new Livepatch(new FunctionStacks(new Ftrace()), around, atOnce);
    const spec = { replace: false, objects: [{ object: "target", functions: [] }] };
    livepatch.enable(patchFrom("patch", spec, false, () => assert.fail("it has no functions")));
    isLoaded = true;
    for (const says of ["coming", "going", "going", "coming", "going"] as const) livepatch[says]("target");
    assert.deepStrictEqual(
      called.filter((callback) => callback === "pre-patch" || callback === "post-unpatch"),
      ["pre-patch", "post-unpatch", "pre-patch", "post-unpatch"],
    );
  });

  it("that one of several patches refuses are left as they were by those before it", () => {
    const vetoing = {
      name: "vetoing",
      parameters: { result: { type: "int", initial: "-12", writable: false } },
      patch: {
        replace: false,
        objects: [
          {
            object: "test_klp_callbacks_mod",
            functions: [],
            callbacks: { "pre-patch": [{ do: "fail-with", parameter: "result" }], "post-unpatch": [{ do: "print", text: "never" }] },
          },
        ],
      },
    } as const;
    const scene = new Scene(vetoing);
    scene.load(demo);
    scene.load("vetoing");
    scene.printed();
    assert.strictEqual(scene.refusal(scene.kernel.insmod("test_klp_callbacks_mod", {})), "Cannot allocate memory");
    const coming = "test_klp_callbacks_mod -> [MODULE_STATE_COMING] Full formed, running module_init";
    assert.deepStrictEqual(scene.printed(), [
      `livepatch: applying patch '${demo}' to loading module 'test_klp_callbacks_mod'`,
      `${demo}: pre_patch_callback: ${coming}`,
      `${demo}: post_patch_callback: ${coming}`,
      "livepatch: applying patch 'vetoing' to loading module 'test_klp_callbacks_mod'",
      "livepatch: pre-patch callback failed for object 'test_klp_callbacks_mod'",
      "livepatch: patch 'vetoing' failed for module 'test_klp_callbacks_mod', refusing to load module 'test_klp_callbacks_mod'",
      `${demo}: pre_unpatch_callback: ${coming}`,
      `livepatch: reverting patch '${demo}' on unloading module 'test_klp_callbacks_mod'`,
      `${demo}: post_unpatch_callback: ${coming}`,
    ]);
    assert.strictEqual(scene.value(demo, "test_klp_callbacks_mod/patched"), "0");
  });
});

describe("atomic replace", () => {
  it("may change the same function, and shows nothing else in between", () => {
    const scene = new Scene(showing("newer", "cmdline_proc_show", true));
    scene.load("test_klp_livepatch");
    const old = scene.sleeper("livepatch_cmdline_proc_show");
    scene.load("newer");
    assert.deepStrictEqual([scene.kernel.read(cmdline), scene.kernel.read(cmdline, old)], ["newer", patched]);
  });

  it("frees what it replaced, and the nops that stood for the original code, a while after its end", () => {
    const scene = new Scene();
    scene.load("test_klp_livepatch");
    assert.strictEqual(scene.kernel.insmod("test_klp_atomic_replace", { replace: "1" }), 0);
    const nop = (): string | undefined => scene.kernel.patchAttribute("test_klp_atomic_replace", "vmlinux/cmdline_proc_show,1")?.mode;
    assert.strictEqual(nop(), "drwxr-xr-x");
    while (scene.value("test_klp_atomic_replace", "transition") === "1") scene.pass(0.0001);
    assert.deepStrictEqual([scene.value("test_klp_livepatch", "enabled"), nop()], ["0", undefined]);
    scene.pass(0.01);
    assert.deepStrictEqual(scene.kernel.patchNames, ["test_klp_atomic_replace"]);
    scene.load("test_klp_kprobe", { has_post_handler: "Y" });
  });

  it("that is forced keeps the modules that it replaced for ever", () => {
    const scene = new Scene();
    scene.load("test_klp_livepatch");
    scene.sleeper("livepatch_cmdline_proc_show");
    scene.load("test_klp_atomic_replace", { replace: "1" });
    assert.strictEqual(scene.write("test_klp_atomic_replace", "force", "1"), 0);
    scene.pass(2);
    assert.deepStrictEqual(scene.kernel.patchNames, ["test_klp_atomic_replace"]);
    assert.strictEqual(scene.refusal(scene.kernel.rmmod("test_klp_livepatch")), "Device or resource busy");
    scene.disable("test_klp_atomic_replace");
    assert.strictEqual(scene.kernel.rmmod("test_klp_atomic_replace"), 0);
  });

  it("takes the functions that it does not change back to the original, also those that changed again before", () => {
    const scene = new Scene(showing("second", "cmdline_proc_show"));
    const original = scene.kernel.read(cmdline);
    scene.load("test_klp_livepatch");
    scene.load("second");
    scene.load("test_klp_atomic_replace", { replace: "1" });
    assert.deepStrictEqual(scene.kernel.patchNames, ["test_klp_atomic_replace"]);
    assert.strictEqual(scene.kernel.read(cmdline), original);
    assert.deepStrictEqual([scene.kernel.rmmod("second"), scene.kernel.rmmod("test_klp_livepatch")], [0, 0]);
    scene.load("test_klp_livepatch");
    assert.strictEqual(scene.kernel.read(cmdline), patched, "a nop was left behind");
  });

  it("that is turned leaves the patches that it would have replaced in force", () => {
    const scene = new Scene(sticky, target);
    scene.load("test_klp_livepatch");
    scene.load("sticky");
    scene.load("target");
    scene.load("test_klp_atomic_replace", { replace: "1" });
    assert.strictEqual(scene.value("test_klp_atomic_replace", "transition"), "1", "a worker is in code that is to be replaced");
    scene.disable("test_klp_atomic_replace");
    assert.deepStrictEqual(scene.kernel.patchNames, ["test_klp_livepatch", "sticky"]);
    assert.strictEqual(scene.kernel.read(cmdline), patched);
    scene.disable("test_klp_livepatch");
    assert.strictEqual(scene.value("sticky", "stack_order"), "1");
  });

  it("takes over the state of the system, which the last one restores", () => {
    const scene = new Scene();
    const level = (): string | undefined => scene.kernel.read("/proc/sys/kernel/printk")?.split("\t")[0];
    const seen = [level()];
    scene.load("test_klp_state");
    seen.push(level());
    scene.load("test_klp_state2");
    seen.push(level());
    scene.load("test_klp_state3");
    seen.push(level());
    scene.disable("test_klp_state3");
    seen.push(level());
    assert.deepStrictEqual(seen, ["7", "15", "15", "15", "7"]);
  });

  it("must know every state of those before it, where a patch that replaces nothing need not", () => {
    const scene = new Scene();
    scene.load("test_klp_state2");
    assert.strictEqual(scene.refusal(scene.kernel.insmod("test_klp_atomic_replace", { replace: "1" })), "Invalid argument");
    scene.load("test_klp_atomic_replace", { replace: "0" });
  });
});
