// The matrix of models: each keeps its own guarantees, and is caught breaking one of every stronger model.
import { assert, describe, it } from "vitest";
import { models } from "../../shared/consistency/registry.ts";
import { guaranteesOf, isStronger, tallyOf } from "./matrix.ts";

/** More seeds than a push needs are for a night: the number comes from outside. */
const seeds = Number(process.env.QUIESCE_MATRIX_SEEDS ?? 1000);

describe("the matrix of models", () => {
  for (const model of models) {
    it(`${model.name} keeps its guarantees over ${seeds} seeds, and breaks one of every stronger model`, () => {
      const { own, foreign, ended } = tallyOf(model, seeds);
      assert.deepEqual([...own], []);
      assert.deepEqual([...ended], ["finished"]);
      for (const other of models.filter((one) => isStronger(one, model))) {
        const broken = [...guaranteesOf(other)].filter((name) => foreign.has(name));
        assert.isNotEmpty(broken, `nothing of ${other.name} was broken; broken of others: ${[...foreign].join(", ")}`);
      }
    }, 600_000);
  }
});
