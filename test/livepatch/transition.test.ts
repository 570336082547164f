// Livepatch transitions on a machine of four CPUs, whose tasks are brought over by the protocol: what keeps one open, and what tasks see.
import { assert, describe, it } from "vitest";
import { Kernel } from "../../shared/livepatch/kernel.ts";
import { modules } from "../../shared/livepatch/modules.ts";
import { Scene, showing, sticky, target } from "./scene.ts";

const cmdline = "/proc/cmdline";
const demo = "test_klp_callbacks_demo";
const busy = "test_klp_callbacks_busy";
const patched = "test_klp_livepatch: this has been live patched";

/** The worker of the busy module sits in a function that the demo patch is to change. */
const stuck = (): Scene => {
  const scene = new Scene();
  scene.load(busy, { block_transition: "Y" });
  scene.load(demo);
  assert.strictEqual(scene.value(demo, "transition"), "1");
  scene.printed();
  return scene;
};

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
    for (const cpu of [0, 1, 2, 3]) scene.kernel.spawn(cpu, { name: "loop", kind: "user", loops: "getpid" });
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

  it("counts anew when it is turned, can be turned only once, and forced also on the way back", () => {
    const scene = new Scene();
    scene.sleeper("cmdline_proc_show");
    scene.load("test_klp_livepatch");
    scene.pass(30);
    scene.sleeper("livepatch_cmdline_proc_show");
    const { body } = scene.sleeper("livepatch_cmdline_proc_show", "user");
    scene.printed();
    assert.strictEqual(scene.write("test_klp_livepatch", "enabled", "0"), 0);
    assert.strictEqual(scene.refusal(scene.write("test_klp_livepatch", "enabled", "0")), "Invalid argument");
    scene.pass(9);
    assert.notInclude(scene.printed(), "livepatch: signaling remaining tasks");
    assert.strictEqual(body.crossing?.pending, true, "it left by a signal of before");
    scene.pass(21);
    assert.strictEqual(body.crossing?.pending, false);
    assert.deepStrictEqual(scene.printed(), ["livepatch: signaling remaining tasks"]);
    assert.strictEqual(scene.refusal(scene.write("test_klp_livepatch", "enabled", "1")), "Device or resource busy");
    assert.strictEqual(scene.write("test_klp_livepatch", "force", "1"), 0);
    scene.pass(2);
    assert.deepStrictEqual(scene.printed(), [
      "livepatch: forcing remaining tasks to the patched state",
      "livepatch: 'test_klp_livepatch': completing unpatching transition",
      "livepatch: 'test_klp_livepatch': unpatching complete",
    ]);
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

describe("the CPUs under it", () => {
  it("name the worker and the code that it sleeps in, as their stack reader finds them", () => {
    const blockers = new Set<string>();
    const kernel = new Kernel(modules, 4, (fact) => {
      if (fact.fact === "blocked") blockers.add(`${fact.task} on cpu ${fact.cpu}: ${fact.function}: ${fact.why}`);
    });
    kernel.insmod(busy, { block_transition: "Y" });
    kernel.machine.runFor(1e9);
    kernel.insmod(demo, {});
    assert.deepStrictEqual(
      [...blockers],
      [
        "swapper on cpu 1: cpu_startup_entry: running",
        "swapper on cpu 2: cpu_startup_entry: running",
        `kworker on cpu 3: busymod_work_func [${busy}]: patched function on its stack`,
      ],
    );
  });

  it("have the worker wake every 20 ms, find that it is to stay, and return to its safe point when it is not", () => {
    const scene = stuck();
    const worker = () => scene.kernel.machine.lifeOf(3).tasks[0] ?? assert.fail("no worker");
    for (let i = 0; i < 100; i++) {
      scene.pass(0.02);
      const { mode, wakeAt } = worker();
      assert.strictEqual(mode, "disk");
      assert.isAtMost(wakeAt - scene.kernel.machine.now, 20_000_000);
    }
    scene.kernel.writeParameter(busy, "block_transition", "N");
    scene.pass(0.03);
    assert.strictEqual(worker().mode, "safe");
  });
});

describe("tasks that never sleep", () => {
  it("switch as they leave the kernel, long before anybody looks at them again", () => {
    const scene = new Scene();
    const loops = [0, 1, 2, 3].map((cpu) => scene.kernel.spawn(cpu, { name: "loop", kind: "user", loops: "getpid" }));
    assert.strictEqual(scene.kernel.insmod("test_klp_syscall", { klp_pids: loops.map(({ pid }) => pid).join(",") }), 0);
    scene.pass(0.000_1);
    assert.strictEqual(scene.kernel.read("/sys/kernel/test_klp_syscall/npids"), "0");
    assert.strictEqual(scene.value("test_klp_syscall", "transition"), "1");
  });

  it("run the new version of their call from their next one on, each in its own universe until then", () => {
    const scene = new Scene();
    const loops = [0, 1, 2, 3].map((cpu) => scene.kernel.spawn(cpu, { name: "loop", kind: "user", loops: "getpid" }));
    const npids = (): string | undefined => scene.kernel.read("/sys/kernel/test_klp_syscall/npids");
    assert.isUndefined(npids());
    scene.load("test_klp_syscall", { klp_pids: [...loops.map(({ pid }) => pid), 1].join(",") });
    assert.strictEqual(npids(), "1", "all but a pid that nobody has");
    scene.disable("test_klp_syscall");
    assert.strictEqual(scene.kernel.rmmod("test_klp_syscall"), 0);
  });
});
