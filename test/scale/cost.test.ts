// What a run is expected to cost.
import { assert, describe, it } from "vitest";
import { costOf } from "../../shared/scale/cost.ts";

describe("the expected cost", () => {
  it("of a virtual machine with combiners is that of a tree, and more than that of a flat one", () => {
    const cpus = 524_288;
    const flat = costOf("virtual", cpus, "flat");
    const tree = costOf("virtual", cpus, "tree");
    assert.approximately(flat.bytes, 2.1e9, 0.3e9);
    assert.approximately(tree.bytes, 3.5e9, 0.3e9);
    assert.approximately(tree.seconds / flat.seconds, 4, 0.5);
    assert.deepStrictEqual(costOf("live", cpus, "tree"), costOf("live", cpus, "flat"));
  });
});
