// The figures of a sweep: one for each measure that has a curve, with a curve for each machine but its size.
import { assert, describe, it } from "vitest";
import { type CellRuns, scaleDocument } from "../../shared/report/scaleDocument.ts";
import { scaleFigures } from "../../shared/report/scaleFigure.ts";
import { hostNames, measureNames, type RunRecord } from "../../shared/scale/record.ts";

const record = (cell: string, seed: number, completionNs: number): RunRecord => ({
  cell,
  seed,
  verdict: "valid",
  outcome: "committed",
  measures: { ...(Object.fromEntries(measureNames.map((name) => [name, null])) as RunRecord["measures"]), completion_ns: completionNs },
  host: { ...(Object.fromEntries(hostNames.map((name) => [name, null])) as RunRecord["host"]), host_cpu_s: 0.001 * seed },
  by: "here",
});

const cellRuns = (cpus: number, model: string, ns: number): CellRuns => {
  const key = `cpus=${cpus} model=${model}`;
  const runs = [1, 2, 3, 4, 5].map((seed) => record(key, seed, ns + seed));
  return { key, point: { cpus: `${cpus}`, model }, cpus, runs, closed: true };
};

const sizes = [2, 4, 8, 16, 32, 64];
const cells = sizes.flatMap((cpus) => [cellRuns(cpus, "simple", 20_000 + 3_000 * cpus), cellRuns(cpus, "hybrid", 1.4e9)]);
const figures = new Map(
  scaleFigures(
    scaleDocument(cells, {
      run: "scale-1",
      engine: "virtual",
      code: "c",
      axes: [
        { name: "cpus", values: sizes.map(String) },
        { name: "model", values: ["simple", "hybrid"] },
      ],
      firstSeed: 1,
      policy: { least: 5, most: 5, untilCi: null },
      complete: true,
      floorUs: null,
      resources: { wallMs: 1, runsNow: 60, maxRssBytes: 1 },
    }),
    cells,
  ),
);

describe("the figures of a sweep", () => {
  it("are of what was measured, and of nothing else", () => {
    assert.deepStrictEqual([...figures.keys()], ["completion.svg", "harness.svg"]);
  });

  it("tell the curves by what differs between them, each with its law", () => {
    const svg = figures.get("completion.svg") ?? "";
    assert.match(svg, /simple: grows as 20 µs \+ 3 µs × CPUs/);
    assert.match(svg, /hybrid: stays at 1\u202f400\u202f000 µs/);
    assert.include(svg, "virtual time, 60 runs, seeds from 1");
  });
});
