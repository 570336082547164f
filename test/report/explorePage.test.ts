// The page of a search: what its pictures show is what the search did, and every kind of end can be read from it.
import { resolve } from "node:path";
import * as Schema from "effect/Schema";
import { parseHTML } from "linkedom";
import { assert, describe, it } from "vitest";
import { Explored } from "../../shared/report/exploreSummary.ts";
import { explorePage, explorePictures } from "../../shared/report/html/explorePage.ts";
import { sequenceOf } from "../../shared/report/html/exploreSequence.ts";
import { pageText } from "../../shared/report/html/page.ts";
import { latest, quiesce, scratch } from "../cli/quiesce.ts";

const origin = { folder: "runs/a-search", repro: "./quiesce explore", recorded: [], doubts: [], replayable: false };

const explored = async (...args: readonly string[]) => {
  const cwd = scratch();
  const { stdout } = await quiesce(cwd, ["explore", ...args, "--json"]);
  return { cwd, document: Schema.decodeUnknownSync(Explored, { onExcessProperty: "error" })(JSON.parse(stdout)) };
};

const pageOf = (document: Explored) => parseHTML(pageText(explorePage(document, explorePictures(document), origin))).document;

// Small searches that no test changes.
const broken = explored("--mutant", "copied-ack-counts-twice", "--copies", "1");
const whole = explored("--attempts", "1", "--drops", "1");
const stopped = explored("--cpus", "3", "--drops", "1", "--max-states", "5000");

describe("the page of a search", () => {
  it("has the verdict first, then how far it came, then each guarantee, pictures and what may go wrong", async () => {
    const { document } = await broken;
    const page = pageOf(document);
    assert.include(page.querySelector(".verdict.violated h1")?.textContent ?? "", "rounds: gather");
    const sections = [...page.querySelectorAll("section")].map(({ id }) => id);
    assert.deepStrictEqual(sections, ["guarantees", "pictures", "budgets", "lines"]);
    const rows = [...page.querySelectorAll("#guarantees tbody tr")].map((row) => row.textContent ?? "");
    assert.lengthOf(rows, document.properties.length);
    assert.lengthOf(
      rows.filter((row) => row.includes("✗ violated")),
      1,
    );
    assert.include(page.querySelector("#budgets")?.textContent ?? "", "packet arrives twice");
    assert.include(page.querySelector("#lines")?.textContent ?? "", "./quiesce replay runs/a-search");
  });

  it("says of a search that came to its end that all holds, and of one that did not how deep it came", async () => {
    const page = pageOf((await whole).document);
    assert.include(page.querySelector(".verdict.valid h1")?.textContent ?? "", "Every interleaving was tried");
    assert.isNull(page.querySelector("#picture-sequence"));
    const { document } = await stopped;
    const partly = pageOf(document);
    assert.include(partly.querySelector(".verdict.unknown")?.textContent ?? "", `limit of states was reached at depth ${document.depth}`);
    assert.include(partly.querySelector("#picture-levels")?.textContent ?? "", "in the midst of this depth");
  });

  it("is left in the folder by the search itself, with the lines to copy at the end of what it prints", async () => {
    const { cwd } = await broken;
    const left = latest(cwd, "report.html");
    assert.strictEqual((await quiesce(cwd, ["report"])).code, 0);
    assert.strictEqual(latest(cwd, "report.html"), left);
    const { stdout, stderr } = await quiesce(cwd, ["explore", "--mutant", "copied-ack-counts-twice", "--copies", "1"]);
    const words = stdout
      .trimEnd()
      .split("\n")
      .slice(-4)
      .map((line) => line.trim().split(/ +/)[0]);
    assert.deepStrictEqual(words, ["folder", "replay", "report", "again"]);
    assert.match(stderr, /^quiesce explore {3}again: \.\/quiesce explore /);
    const page = /report +(\S+)/.exec(stdout)?.[1] ?? "";
    assert.isTrue(resolve(cwd, page).endsWith("/report.html"));
  });
});

describe("states by depth", () => {
  it("add up to all states, one bar for each depth", async () => {
    for (const search of [broken, whole, stopped]) {
      const { document } = await search;
      const { levels, states } = document;
      assert.strictEqual(
        levels.reduce((sum, count) => sum + count, 0),
        states,
      );
      const svg = explorePictures(document).find(({ name }) => name === "levels")?.svg ?? "";
      assert.strictEqual(svg.split('class="level"').length - 1, levels.length);
    }
    const { levels, depth } = (await whole).document;
    assert.lengthOf(levels, depth + 1);
  });
});

describe("the way to what is broken", () => {
  it("has a row for each step, and an arrow from the step in which each packet left", async () => {
    const { counterexample, cpus } = (await broken).document;
    const { lanes, rows } = sequenceOf(counterexample?.steps ?? [], cpus);
    assert.deepStrictEqual(
      lanes.map(({ name }) => name),
      ["register", "coordinator0", "cpu0", "cpu1"],
    );
    assert.deepStrictEqual(
      rows.map(({ kind, lane, from }) => [kind, lane, from]),
      [
        ["arrives", 1, { lane: 0, row: 0 }],
        ["arrives", 2, { lane: 1, row: 0 }],
        ["copy", 1, { lane: 2, row: 1 }],
        ["arrives", 1, { lane: 2, row: 1 }],
      ],
    );
    assert.strictEqual(rows[1]?.text, "cpu0 receives gather #1, and finds its task in user mode");
  });
});
