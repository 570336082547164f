// Two results side by side: rows are matched by name, tolerances by the longest path, and nothing that differs goes unseen.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type DiffOptions, diffOf, idleRules, leavesOf, type Tolerance } from "../../shared/report/diff.ts";
import { diffMarkdown, diffText } from "../../shared/report/diffText.ts";

const diff = (a: unknown, b: unknown, options: Partial<DiffOptions> = {}) =>
  diffOf({ name: "a", document: a }, { name: "b", document: b }, { tolerance: { share: 0 }, rules: [], ...options });

const document = (p99: number, extra: readonly object[] = []) => ({
  schema: "quiesce.load/1",
  cells: [...extra, { name: "simple-1", latencyUs: { p99 }, verdict: "valid" }],
  resources: { wallMs: 12 },
});

describe("a difference", () => {
  it("is none between a document and itself, whatever it is", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (one) => {
        expect(diff(one, structuredClone(one)).differences).toEqual([]);
      }),
    );
  });

  it("is seen at every leaf that is not the same", () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.stringMatching(/^[a-z]{1,4}$/), fc.integer()),
        fc.dictionary(fc.stringMatching(/^[a-z]{1,4}$/), fc.integer()),
        (a, b) => {
          const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
          const apart = [...keys].filter((key) => a[key] !== b[key]);
          expect(
            diff(a, b)
              .differences.map(({ path }) => path)
              .sort(),
          ).toEqual(apart.sort());
          expect(diff(a, b).beyond).toBe(apart.length);
        },
      ),
    );
  });

  it("is between rows of one name, wherever they stand", () => {
    const more = { name: "hybrid-1", latencyUs: { p99: 5 }, verdict: "valid" };
    const found = diff(document(100), document(100, [more]));
    expect(found.differences.map(({ path, a }) => [path, a])).toEqual([
      ["cells.hybrid-1.latencyUs.p99", undefined],
      ["cells.hybrid-1.name", undefined],
      ["cells.hybrid-1.verdict", undefined],
    ]);
  });

  it("of words is always beyond", () => {
    const found = diff({ verdict: "valid" }, { verdict: "unknown" }, { tolerance: { share: 1 } });
    expect(found.beyond).toBe(1);
  });
});

describe("a tolerance", () => {
  const within = (a: number, b: number, tolerance: Tolerance): boolean => diff({ v: a }, { v: b }, { tolerance }).beyond === 0;

  it("is a share of the larger, so that it is the same both ways, or an amount", () => {
    expect(within(95, 100, { share: 0.05 })).toBe(true);
    expect(within(100, 95, { share: 0.05 })).toBe(true);
    expect(within(94, 100, { share: 0.05 })).toBe(false);
    expect(within(0, 3, { amount: 3 })).toBe(true);
    expect(within(0, 3.1, { amount: 3 })).toBe(false);
  });

  it("of the longest path that fits wins, and a path is for all that is below it", () => {
    const rules: DiffOptions["rules"] = [
      { path: "cells", tolerance: "ignore" },
      { path: "cells.*.latencyUs", tolerance: { share: 0.1 } },
      { path: "**.wallMs", tolerance: "ignore" },
    ];
    expect(diff(document(100), document(105), { rules }).beyond).toBe(0);
    expect(diff(document(100), document(150), { rules }).beyond).toBe(1);
    const other = { ...document(100), resources: { wallMs: 99 } };
    expect(diff(document(100), other, { rules }).differences).toEqual([]);
  });

  it("for a path that neither has is a mistake", () => {
    expect(idleRules([{ path: "cels.simple-1.latencyUs.p99", tolerance: "ignore" }], [document(1)])).toEqual([
      'no path of either is "cels.simple-1.latencyUs.p99" (did you mean "cells.simple-1.latencyUs.p99"?)',
    ]);
    expect(idleRules([{ path: "cells.*.verdict", tolerance: "ignore" }], [document(1)])).toEqual([]);
  });
});

describe("what is printed", () => {
  const found = diff(document(100), document(150), { tolerance: { share: 0.1 } });

  it("says first whether they are the same, then what differs and by how much", () => {
    const text = diffText(found, { columns: Infinity, colours: false });
    expect(text).toContain("✗ DIFFERENT   1 of 5 values differ by more than they may");
    expect(text).toMatch(/cells\.simple-1\.latencyUs\.p99 {2}100 +150 +\+50 % +beyond/);
    expect(diffText(diff(1, 1), { columns: Infinity, colours: false })).toContain("✓ SAME   equal in all 1 values");
  });

  it("is a table in Markdown", () => {
    expect(diffMarkdown(found)).toContain("| `cells.simple-1.latencyUs.p99` | 100 | 150 | +50 % | **beyond** |");
  });

  it("has every leaf at its path", () => {
    expect([...leavesOf(document(1)).keys()]).toContain("cells.simple-1.latencyUs.p99");
  });
});
