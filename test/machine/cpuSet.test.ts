// A set of CPUs behaves as a plain Set of numbers does, however it is built, and prints as the kernel prints it.
import fc from "fast-check";
import { assert, describe, it } from "vitest";
import {
  type CpuSet,
  filter,
  firstCpus,
  forEach,
  format,
  fromAscending,
  fromCpus,
  has,
  isCpuSet,
  lowest,
  noCpus,
  oneCpu,
  parse,
  size,
  toArray,
  union,
  without,
} from "../../shared/machine/cpuSet.ts";

const limit = 40;
const cpus = fc.array(fc.nat(limit - 1));
const inOrder = (members: Iterable<number>): number[] => [...new Set(members)].sort((a, b) => a - b);
const equals = (set: CpuSet, members: Iterable<number>): void => {
  assert.deepStrictEqual(toArray(set), inOrder(members));
  assert.isTrue(isCpuSet(set, limit), `${JSON.stringify(set)} is not in its one form`);
};

describe("a set of CPUs", () => {
  it("has the members that it is made of", () => {
    fc.assert(
      fc.property(cpus, (members) => {
        const set = fromCpus(members);
        equals(set, members);
        equals(fromAscending(inOrder(members)), members);
        assert.strictEqual(size(set), new Set(members).size);
        for (let cpu = 0; cpu < limit; cpu++) assert.strictEqual(has(set, cpu), members.includes(cpu));
        assert.strictEqual(lowest(set), members.length === 0 ? -1 : Math.min(...members));
      }),
    );
  });

  it("visits its members in order", () => {
    fc.assert(
      fc.property(cpus, (members) => {
        const visited: number[] = [];
        forEach(fromCpus(members), (cpu) => visited.push(cpu));
        assert.deepStrictEqual(visited, inOrder(members));
      }),
    );
  });

  it("unites, subtracts and filters as sets do", () => {
    fc.assert(
      fc.property(cpus, cpus, (a, b) => {
        equals(union(fromCpus(a), fromCpus(b)), [...a, ...b]);
        equals(
          without(fromCpus(a), fromCpus(b)),
          a.filter((cpu) => !b.includes(cpu)),
        );
        equals(
          filter(fromCpus(a), (cpu) => cpu % 3 === 0),
          a.filter((cpu) => cpu % 3 === 0),
        );
      }),
    );
  });

  it("has one form: equal sets are equal data", () => {
    fc.assert(
      fc.property(cpus, cpus, (a, b) => {
        assert.deepStrictEqual(fromCpus([...a, ...b]), union(fromCpus(b), fromCpus(a)));
      }),
    );
  });

  it("reads back what it prints", () => {
    fc.assert(fc.property(cpus, (members) => assert.deepStrictEqual(parse(format(fromCpus(members))), fromCpus(members))));
  });

  it("prints ranges and single CPUs", () => {
    assert.strictEqual(format([0, 3, 8, 8]), "0-3,8");
    assert.strictEqual(format(noCpus), "");
    assert.deepStrictEqual(oneCpu(5), [5, 5]);
    assert.deepStrictEqual([firstCpus(3), firstCpus(0)], [[0, 2], []]);
  });

  it("reads ranges in any order, and nothing that is no list of CPUs", () => {
    assert.deepStrictEqual(parse("8,2-3,0-1"), [0, 3, 8, 8]);
    for (const text of [",", "1,", "3-1", "-1", "a", "1-", "1 2", "0x1", "1234567890"]) assert.isUndefined(parse(text), text);
  });

  it("knows what came from outside and is no set", () => {
    for (const value of [null, "0-3", [0], [1, 0], [0, 1, 2, 3], [-1, 0], [0, limit], [0.5, 1], [4, 5, 0, 1], ["0", "1"]]) {
      assert.isFalse(isCpuSet(value, limit), JSON.stringify(value));
    }
  });
});
