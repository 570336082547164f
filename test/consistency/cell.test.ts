// The grid of models: every cell can be had, has the policies that it needs and no others, and is a model that a run would take.
import { assert, describe, it } from "vitest";
import { cellOf } from "../../shared/consistency/cell.ts";
import { decodeModel } from "../../shared/consistency/decode.ts";
import type { Leave, Model, Switch } from "../../shared/consistency/model.ts";
import { findModel, models } from "../../shared/consistency/registry.ts";

const leaves: readonly Leave[] = ["function", "patched-set", "kernel"];
const switches: readonly Switch[] = ["function", "task", "kernel"];

const read = (model: unknown): Model => decodeModel(JSON.stringify(model), "model");

const named = (name: string): Model => {
  const found = findModel(name);
  assert.isDefined(found);
  return found;
};

describe("a cell of the grid", () => {
  it.each(models.map(({ name }) => name))("of %s can be had for both axes, and reads back as it is", (name) => {
    for (const leave of leaves)
      for (const as of switches) {
        const cell = cellOf(named(name), leave, as);
        assert.deepInclude(cell, { leave, switch: as });
        assert.deepStrictEqual(read(cell), cell);
      }
  });

  it("is the model itself where nothing changes", () => {
    for (const model of models) {
      assert.strictEqual(cellOf(model), model);
      assert.strictEqual(cellOf(model, model.leave, model.switch), model);
    }
  });

  it("is the registry's model of that cell where it does the same", () => {
    assert.strictEqual(cellOf(named("hybrid"), "function", "function").name, "function+function");
    assert.strictEqual(cellOf(named("simple"), "kernel", "task"), named("kgraft"));
    assert.strictEqual(cellOf(named("simple"), "patched-set", "task"), named("hybrid"));
    assert.strictEqual(cellOf(named("immediate"), "kernel", "kernel"), named("simple"));
  });

  it("keeps what the chosen model says, and takes what is missing from the nearest", () => {
    const words = cellOf(named("ksplice"), "patched-set", "task");
    assert.strictEqual(words.name, "patched-set+task");
    assert.deepStrictEqual([words.check, words.gradual, words.onLimit], [named("ksplice").check, named("hybrid").gradual, "reverse"]);
    const patient = cellOf(named("simple"), "patched-set");
    assert.deepStrictEqual([patient.gather, patient.check, patient.limitNs], [null, named("kpatch").check, named("simple").limitNs]);
  });
});

describe("a model changed by hand", () => {
  const refused = (model: unknown, message: string): void => assert.throws(() => read(model), message);

  it("is refused where its policies are not those of its cell", () => {
    refused({ ...named("simple"), gradual: named("hybrid").gradual }, "gradual: must be null where switch is kernel");
    refused({ ...named("kgraft"), gradual: null }, "gradual: must not be null where switch is task");
    refused({ ...named("kpatch"), check: null }, "check: must not be null where leave is patched-set");
    refused({ ...named("kgraft"), check: named("kpatch").check }, "check: must be null where leave is kernel");
  });

  it("is refused where it cannot do at its limit what it says", () => {
    refused({ ...named("kpatch"), onLimit: "force" }, "onLimit: kpatch stops the machine: before its decision it can only abort");
    for (const onLimit of ["abort", "reverse"])
      refused({ ...named("kgraft"), onLimit }, "onLimit: kgraft cannot go back once it is under way: it can only force");
    assert.strictEqual(read({ ...named("hybrid"), onLimit: "force" }).onLimit, "force");
  });

  it("is refused where a CPU would let go before the coordinator has decided, which only a stop can come to", () => {
    refused({ ...named("kpatch"), limitNs: 3e9 }, "holdLimitNs: expected an integer from 3000000001");
    assert.strictEqual(read({ ...named("hybrid"), limitNs: 30e9 }).limitNs, 30e9);
  });
});
