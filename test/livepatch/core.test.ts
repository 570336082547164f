// The rules of the kernel's livepatch core, each on a machine of four CPUs whose tasks are brought over by the protocol.
import { assert, describe, it } from "vitest";
import { Scene, showing } from "./scene.ts";

const cmdline = "/proc/cmdline";
const demo = "test_klp_callbacks_demo";
const busy = "test_klp_callbacks_busy";
const patched = "test_klp_livepatch: this has been live patched";

/** A new version that its worker stays in, so that it cannot be taken off. */
const sticky = {
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
const target = { name: "target", functions: { work: {} }, init: [{ do: "start-work", function: "work" }] } as const;

/** The worker of the busy module sits in a function that the demo patch is to change. */
const stuck = (): Scene => {
  const scene = new Scene();
  scene.load(busy, { block_transition: "Y" });
  scene.load(demo);
  assert.strictEqual(scene.value(demo, "transition"), "1");
  scene.printed();
  return scene;
};

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

describe("a task that sleeps in a function to be patched", () => {
  it("keeps the transition open for as long as it does, whatever signals are sent, and that is said once", () => {
    const scene = stuck();
    scene.pass(10);
    assert.deepStrictEqual(scene.printed(), [], "too early for signals");
    scene.pass(20);
    assert.deepStrictEqual(scene.printed(), ["livepatch: signaling remaining tasks"]);
    scene.pass(60);
    assert.deepStrictEqual(scene.printed(), []);
    assert.strictEqual(scene.value(demo, "transition"), "1");
    assert.strictEqual(scene.value(demo, "enabled"), "1");
  });

  it("lets it end within a check of leaving", () => {
    const scene = stuck();
    assert.strictEqual(scene.kernel.writeParameter(busy, "block_transition", "N"), 0);
    scene.pass(2);
    assert.strictEqual(scene.value(demo, "transition"), "0");
    assert.include(scene.printed(), `livepatch: '${demo}': patching complete`);
  });

  it("lets no other patch in meanwhile, nor another go", () => {
    const scene = new Scene();
    scene.load("test_klp_livepatch");
    scene.load(busy, { block_transition: "Y" });
    scene.load(demo);
    scene.printed();
    assert.strictEqual(scene.refusal(scene.kernel.insmod("test_klp_atomic_replace", {})), "Device or resource busy");
    assert.strictEqual(scene.refusal(scene.write("test_klp_livepatch", "enabled", "0")), "Device or resource busy");
    assert.deepStrictEqual(scene.printed(), []);
    assert.deepStrictEqual([...scene.kernel.patchNames], ["test_klp_livepatch", demo]);
  });

  it("is passed over by force, which is said, and the patch can be taken off again later", () => {
    const scene = stuck();
    assert.strictEqual(scene.write(demo, "force", "0"), 0);
    assert.strictEqual(scene.value(demo, "transition"), "1");
    assert.strictEqual(scene.write(demo, "force", "1"), 0);
    scene.pass(2);
    const printed = scene.printed();
    assert.deepStrictEqual(printed.slice(0, 2), [
      "livepatch: forcing remaining tasks to the patched state",
      `livepatch: '${demo}': completing patching transition`,
    ]);
    assert.strictEqual(printed.at(-1), `livepatch: '${demo}': patching complete`);
    assert.strictEqual(scene.refusal(scene.write(demo, "force", "1")), "Invalid argument");
    scene.disable(demo);
    assert.strictEqual(scene.kernel.refcountOf(demo), 0);
  });

  it("lets the transition be turned, after which other patches come and go as ever", () => {
    const scene = stuck();
    scene.disable(demo);
    assert.deepStrictEqual(scene.printed().slice(0, 2), [
      `livepatch: '${demo}': reversing transition from patching to unpatching`,
      `livepatch: '${demo}': starting unpatching transition`,
    ]);
    assert.strictEqual(scene.kernel.rmmod(demo), 0);
    scene.load("test_klp_livepatch");
    assert.strictEqual(scene.kernel.read(cmdline), patched);
    scene.disable("test_klp_livepatch");
    assert.notStrictEqual(scene.kernel.read(cmdline), patched);
  });

  it("in the new version keeps the patch from being taken off; turned, it stays enabled; forced, its module stays for ever", () => {
    const scene = new Scene(sticky, target);
    scene.load("sticky");
    scene.load("target");
    assert.strictEqual(scene.write("sticky", "enabled", "0"), 0);
    scene.pass(5);
    assert.deepStrictEqual([scene.value("sticky", "transition"), scene.value("sticky", "enabled")], ["1", "0"]);
    assert.strictEqual(scene.write("sticky", "enabled", "1"), 0);
    scene.pass(3);
    assert.deepStrictEqual([scene.value("sticky", "transition"), scene.value("sticky", "enabled")], ["0", "1"]);
    assert.strictEqual(scene.write("sticky", "enabled", "0"), 0);
    scene.pass(3);
    assert.strictEqual(scene.write("sticky", "force", "1"), 0);
    scene.pass(3);
    assert.deepStrictEqual(scene.kernel.patchNames, []);
    assert.strictEqual(scene.refusal(scene.kernel.rmmod("sticky")), "Device or resource busy");
  });
});

describe("a transition", () => {
  const atFirst = (scene: Scene): string | undefined => {
    assert.strictEqual(scene.kernel.insmod("test_klp_livepatch", {}), 0);
    return scene.value("test_klp_livepatch", "transition");
  };

  const endsAtTheFirstRetry = (scene: Scene): void => {
    assert.strictEqual(atFirst(scene), "1");
    scene.pass(0.74);
    assert.strictEqual(scene.value("test_klp_livepatch", "transition"), "1");
    scene.pass(1.02);
    assert.strictEqual(scene.value("test_klp_livepatch", "transition"), "0");
  };

  it("of an idle machine ends at the first retry: idle tasks run, but for that of the CPU that asks", () =>
    endsAtTheFirstRetry(new Scene()));

  it("of a machine whose tasks never sleep ends at the first retry too: they run, and idle tasks do not", () => {
    const scene = new Scene();
    for (const cpu of [0, 1, 2, 3]) scene.kernel.spawn(cpu, { name: "loop", kind: "user", loops: "getpid", stack: [] });
    endsAtTheFirstRetry(scene);
  });

  it("shows each task its own version, patching and unpatching", () => {
    const scene = new Scene(showing("second", "cmdline_proc_show"));
    const original = scene.kernel.read(cmdline);
    const old = scene.sleeper("cmdline_proc_show");
    const shown = (): unknown => [scene.kernel.read(cmdline), scene.kernel.read(cmdline, old)];
    scene.load("test_klp_livepatch");
    assert.deepStrictEqual(shown(), [patched, original]);
    scene.kernel.end(old);
    scene.pass(2);
    assert.strictEqual(scene.value("test_klp_livepatch", "transition"), "0");
    scene.load("second");
    const inSecond = scene.sleeper("second_show");
    scene.write("second", "enabled", "0");
    scene.pass(3);
    assert.deepStrictEqual([scene.kernel.read(cmdline), scene.kernel.read(cmdline, inSecond)], [patched, "second"]);
    scene.kernel.end(inSecond);
    scene.pass(2);
    assert.deepStrictEqual(scene.kernel.patchNames, ["test_klp_livepatch"]);
  });

  it("brings a user task that sleeps in an old version out by a fake signal", () => {
    const scene = new Scene();
    scene.sleeper("cmdline_proc_show", "user");
    scene.load("test_klp_livepatch");
    scene.pass(9);
    assert.strictEqual(scene.value("test_klp_livepatch", "transition"), "1");
    scene.pass(20);
    assert.strictEqual(scene.value("test_klp_livepatch", "transition"), "0");
  });

  it("counts anew when it is turned, and can be turned and forced only until then", () => {
    const scene = new Scene();
    scene.sleeper("cmdline_proc_show");
    scene.load("test_klp_livepatch");
    scene.pass(30);
    scene.sleeper("livepatch_cmdline_proc_show");
    scene.printed();
    assert.strictEqual(scene.write("test_klp_livepatch", "enabled", "0"), 0);
    assert.strictEqual(scene.refusal(scene.write("test_klp_livepatch", "enabled", "0")), "Invalid argument");
    scene.pass(9);
    assert.notInclude(scene.printed(), "livepatch: signaling remaining tasks");
    scene.pass(21);
    assert.deepStrictEqual(scene.printed(), ["livepatch: signaling remaining tasks"]);
    assert.strictEqual(scene.refusal(scene.write("test_klp_livepatch", "enabled", "1")), "Device or resource busy");
    assert.strictEqual(scene.refusal(scene.write("test_klp_livepatch", "force", "1")), "Device or resource busy");
  });

  it("leaves out a module that came and went in it", () => {
    const scene = stuck();
    scene.load("test_klp_callbacks_mod");
    assert.strictEqual(scene.kernel.rmmod("test_klp_callbacks_mod"), 0);
    scene.printed();
    scene.kernel.writeParameter(busy, "block_transition", "N");
    scene.pass(2);
    assert.deepStrictEqual(
      scene.printed().filter((line) => line.startsWith(demo)),
      [`${demo}: post_patch_callback: vmlinux`, `${demo}: post_patch_callback: ${busy} -> [MODULE_STATE_LIVE] Normal state`],
    );
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

describe("tasks that never sleep", () => {
  it("run the new version of their call from their next one on, each in its own universe until then", () => {
    const scene = new Scene();
    const loops = [0, 1, 2, 3].map((cpu) => scene.kernel.spawn(cpu, { name: "loop", kind: "user", loops: "getpid", stack: [] }));
    const npids = (): string | undefined => scene.kernel.read("/sys/kernel/test_klp_syscall/npids");
    assert.isUndefined(npids());
    scene.load("test_klp_syscall", { klp_pids: [...loops.map(({ pid }) => pid), 1].join(",") });
    assert.strictEqual(npids(), "1", "all but a pid that nobody has");
    scene.disable("test_klp_syscall");
    assert.strictEqual(scene.kernel.rmmod("test_klp_syscall"), 0);
  });
});
