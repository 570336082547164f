// Runs, experiments, comparisons and counterexamples on the page, in a real browser: what it shows is what the command line says.
import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Browser, Page } from "playwright-core";
import { afterAll, assert, beforeAll, describe, it } from "vitest";
import type { Compare } from "../../shared/report/compareSummary.ts";
import { modelColumns, timeCell } from "../../shared/report/compareText.ts";
import type { Summary } from "../../shared/report/summary.ts";
import { quiesce, scratch } from "../cli/quiesce.ts";
import { findChromium, launchChromium, noChromium } from "./chromium.ts";
import { look, looks, type Served, serve, type Watched } from "./served.ts";

const main = fileURLToPath(new URL("../../services/cli/main.ts", import.meta.url));

/** Moments before the stop of a small machine: its CPUs come up, and their tasks are held. */
const mostPresses = 200;

const textOf = (page: Page, id: string): Promise<string> => page.getByTestId(id).innerText();

/** What the table behind the picture says of each CPU, at the time that is looked at. */
const statesOn = (page: Page): Promise<readonly string[]> =>
  page
    .getByTestId("states")
    .locator("tbody tr")
    .evaluateAll((rows) => rows.map((row) => row.textContent ?? ""));

const timeOn = async (page: Page): Promise<string> => (await textOf(page, "time")).split(" of ")[0] as string;

const usOf = (us: number | null): string => (us === null ? "-" : timeCell(us));

/** The numbers of a summary as the page has them. */
const numbersOf = ({ attempts, timings, ipis }: Summary): Readonly<Record<string, string>> => ({
  attempts: String(attempts),
  gather: usOf(timings.gatherUs),
  stop: usOf(timings.stopUs),
  total: usOf(timings.totalUs),
  ipis: String(ipis.sent),
  lost: String(ipis.dropped),
  resent: String(ipis.resent),
});

const numbersOn = async (page: Page, names: readonly string[]): Promise<Readonly<Record<string, string>>> =>
  Object.fromEntries(await Promise.all(names.map(async (name) => [name, await textOf(page, `number-${name}`)])));

/** What somebody would do with a line that they have copied from the page. */
const typed = async (line: string, more: string, cwd: string): Promise<string> => {
  const command = `${line.replace("./quiesce", `'${process.execPath}' '${main}'`)} ${more}`;
  const ended = await promisify(execFile)("sh", ["-c", command], { cwd }).catch((error: { readonly stdout: string }) => error);
  return ended.stdout;
};

const chromium = findChromium();

describe.skipIf(chromium === null)(`recorded and simulated runs on the page${chromium === null ? ` (${noChromium})` : ""}`, () => {
  const cwd = scratch();
  let browser: Browser;
  let served: Served;
  let run = "";
  let search = "";
  let summary: Summary;

  const fileOf = (id: string, name: string): string => readFileSync(`${cwd}/runs/${id}/${name}`, "utf8");

  beforeAll(async () => {
    const ran = await quiesce(cwd, [
      "run",
      "--engine",
      "virtual",
      "--cpus",
      "6",
      "--seed",
      "7",
      "--fault",
      "drop 20% of any",
      "--fault",
      "nmi cpu 2 at prepare",
      "--json",
    ]);
    summary = JSON.parse(ran.stdout);
    await quiesce(cwd, ["explore", "--mutant", "copied-ack-counts-twice", "--copies", "1"]);
    [run = "", search = ""] = ["-run-", "-explore-"].map((verb) => readdirSync(`${cwd}/runs`).find((name) => name.includes(verb)));
    [browser, served] = await Promise.all([launchChromium(chromium as string), serve(cwd)]);
  });

  afterAll(async () => {
    await browser?.close();
    await served?.end();
  });

  /** Looks at an address until `id` is there, does something, and finds the page sound. */
  const at = async (address: string, id: string, use: (page: Page, watched: Watched) => Promise<void>): Promise<void> => {
    const watched = await look(browser, served, address);
    await watched.page.getByTestId(id).waitFor();
    await use(watched.page, watched);
    watched.isSound();
    await watched.close();
  };

  it("lists the runs that there are, newest first, and leads to each", () =>
    at("#/runs", "runs", async (page) => {
      const rows = await page.getByTestId("runs").locator("tbody tr").allInnerTexts();
      assert.deepStrictEqual(
        rows.map((row) => row.split("\t")[0]),
        [search, run].toSorted().reverse(),
      );
      await page.getByRole("link", { name: run }).click();
      await page.getByTestId("verdict").waitFor();
    }));

  it("a recorded run has the verdict and the numbers of its summary, and every lost packet is a message that is never received", () =>
    at(`#/runs/${run}`, "verdict", async (page) => {
      assert.include(await textOf(page, "verdict"), summary.verdict);
      const expected = numbersOf(summary);
      assert.deepStrictEqual(await numbersOn(page, Object.keys(expected)), expected);
      await page.getByTestId("cpu-time").press("0");
      assert.include(await textOf(page, "messages-shown"), `${summary.ipis.dropped} lost`);
      assert.strictEqual(await textOf(page, "line-replay"), `./quiesce replay runs/${run}`);
      assert.strictEqual(`${await textOf(page, "line-again")}\n`, fileOf(run, "repro.txt"));
    }));

  it("keys go through it: to the end, back step by step to what was there before, and time goes on and stands still", () =>
    at(`#/runs/${run}`, "verdict", async (page) => {
      await page.getByTestId("cpu-time").focus();
      await page.keyboard.press("End");
      const end = await statesOn(page);
      assert.isTrue(
        end.every((row) => row.includes("running v1")),
        end.join(),
      );
      await page.keyboard.press("Home");
      assert.isTrue((await statesOn(page)).every((row) => row.includes("off")));
      const forward: Array<readonly string[]> = [];
      for (let i = 0; i < 15; i++) {
        forward.push([await timeOn(page), ...(await statesOn(page))]);
        await page.keyboard.press("ArrowRight");
      }
      for (const before of forward.toReversed().slice(0, -1)) {
        await page.keyboard.press("ArrowLeft");
        assert.deepStrictEqual([await timeOn(page), ...(await statesOn(page))], before);
      }
      await page.keyboard.press("Space");
      assert.strictEqual(await textOf(page, "play"), "Pause");
      await page.keyboard.press("Space");
      assert.strictEqual(await textOf(page, "play"), "Play");
    }));

  it("a fault has a mark that leads to it, and the picture comes nearer and says what is under the pointer", () =>
    at(`#/runs/${run}`, "verdict", async (page) => {
      await page.getByTestId("mark-fault").first().press("Enter");
      assert.include(await page.getByTestId("happenings").locator("[aria-current]").innerText(), "nmi cpu 2 at prepare");
      const moment = await timeOn(page);
      await page.getByTestId("here").click();
      await page.keyboard.press("End");
      await page.reload();
      await page.getByTestId("verdict").waitFor();
      assert.strictEqual(await timeOn(page), moment, "the address names the moment");
      const picture = page.getByTestId("cpu-time");
      await picture.press("+");
      await picture.hover({ position: { x: 300, y: 60 } });
      assert.match(await textOf(page, "hint"), /^cpu \d: .+ from .+ to .+ \(.+\)/);
    }));

  it("a click in the laboratory becomes a fault, and the line that it gives does the same on a command line", () =>
    at("#/experiments?cpus=6&seed=7", "verdict", async (page) => {
      const picture = page.getByTestId("cpu-time");
      await picture.press("ArrowDown");
      await picture.press("ArrowDown");
      await picture.press("ArrowDown");
      const isInPrepare = async (): Promise<boolean> => (await textOf(page, "phase")).includes("prepare");
      for (let presses = 0; presses < mostPresses && !(await isInPrepare()); presses++) await picture.press("ArrowRight");
      assert.isTrue(await isInPrepare(), `no prepare within ${mostPresses} moments`);
      const before = await statesOn(page);
      await page.getByTestId("strike-drop").click();
      await page
        .getByTestId("faults")
        .getByText(/^drop 100% of any to cpu 2 from .+ for 300us$/)
        .waitFor();
      await page.getByTestId("line-command").getByText("--fault 'drop 100%").waitFor();
      assert.deepStrictEqual(await statesOn(page), before, "what was before the click is as it was");

      const line = await textOf(page, "line-command");
      await page.getByText("Scenario file").click();
      const scenario = scratch({ "scenario.yaml": await textOf(page, "scenario") });
      const [said, again] = (
        await Promise.all([typed(line, "--json", cwd), typed("./quiesce run", "--scenario scenario.yaml --json", scenario)])
      ).map((text): Summary => JSON.parse(text)) as [Summary, Summary];
      assert.include(await textOf(page, "verdict"), said.verdict);
      const expected = numbersOf(said);
      assert.deepStrictEqual(await numbersOn(page, Object.keys(expected)), expected);
      assert.isAbove(said.ipis.resent, 0);
      assert.deepStrictEqual([again.timings, again.ipis], [said.timings, said.ipis]);
    }));

  it("after a click the new run is gone through as the old one was: picture, table, legend and messages follow", () =>
    at("#/experiments?cpus=6&seed=7", "verdict", async (page) => {
      await page.getByTestId("strike-crash").click();
      await page.getByTestId("line-command").getByText("--fault 'crash cpu 0").waitFor();
      const picture = page.getByTestId("cpu-time");
      const shown = async (): Promise<readonly unknown[]> => [
        await timeOn(page),
        await statesOn(page),
        await textOf(page, "legend"),
        (await picture.screenshot()).toString("base64"),
      ];
      await picture.press("Home");
      const start = await shown();
      await picture.press("End");
      const end = await shown();
      for (const [i, what] of ["time", "table", "legend", "picture"].entries()) assert.notDeepEqual(end[i], start[i], what);
      const all = await textOf(page, "messages-shown");
      for (let i = 0; i < 6; i++) await picture.press("+");
      assert.notStrictEqual(await textOf(page, "messages-shown"), all);
    }));

  it("a broken promise has its mark, and what happens there is told", () =>
    at(
      "#/experiments?cpus=2&tasks-per-cpu=1&seed=12&mutant=copied-ack-counts-twice&fault=duplicate+1st+ack&fault=drop+1st+welcome",
      "violation",
      async (page) => {
        assert.include(await textOf(page, "verdict"), "violated");
        assert.match(await textOf(page, "violation"), /^rounds: gather/);
        await page.getByTestId("mark-violation").press("Enter");
        assert.include(await textOf(page, "happenings"), "gather #1 ended: 2 acks");
      },
    ));

  it("what is wrong with the settings is said where they are", () =>
    at("#/experiments?cpus=6&fault=dorp+10%25+of+ack", "problem", async (page, watched) => {
      assert.include(await textOf(page, "problem"), 'did you mean "drop"?');
      watched.expects("console: Failed to load resource: the server responded with a status of 400 (Bad Request)");
    }));

  it("a comparison is the one that the command line prints", () =>
    at("#/compare?cpus=4&seed=7&patch=study-sleepers&fault=drop+5%25+of+any", "models", async (page) => {
      const said: Compare = JSON.parse(await typed(await textOf(page, "line-command"), "--json", cwd));
      const cells = said.rows.map((row) =>
        modelColumns.map(({ cell }) => cell(row)).map((cell) => (typeof cell === "string" ? cell : cell.text)),
      );
      const rows = await page
        .getByTestId("models")
        .locator("tbody tr")
        .evaluateAll((all) => all.map((row) => [...row.children].map((cell) => cell.textContent)));
      assert.deepStrictEqual(rows, cells);
      assert.strictEqual(await page.getByTestId("cpu-time-small").count(), cells.length);
    }));

  it("a counterexample goes step by step, tells what each changes, and the light of the promise goes out at the last one", () =>
    at(`#/runs/${search}/steps`, "steps", async (page) => {
      const path = JSON.parse(fileOf(search, "path.json")) as { readonly steps: ReadonlyArray<{ readonly changes: readonly unknown[] }> };
      for (const [i, { changes }] of path.steps.entries()) {
        assert.include(await textOf(page, "light-rounds"), "holds");
        await page.keyboard.press("ArrowRight");
        assert.strictEqual(await textOf(page, "step-number"), `step ${i + 1} of ${path.steps.length}`);
        assert.strictEqual(await page.getByTestId("changes").locator("tbody tr").count(), changes.length);
      }
      assert.include(await textOf(page, "light-rounds"), "broken");
      await page.keyboard.press("ArrowLeft");
      assert.include(await textOf(page, "light-rounds"), "holds");
    }));

  it.each([
    ["#/runs", "runs"],
    ["#/runs/RUN", "verdict"],
    ["#/experiments?seed=7&fault=nmi+cpu+2+at+prepare", "verdict"],
    ["#/compare?cpus=4&seed=7&models=simple,hybrid", "models"],
    ["#/runs/SEARCH/steps?step=2", "steps"],
  ])("%s, light and dark, wide and narrow: nothing is in the way of who has no mouse or no eyes, nothing sticks out", (address, id) =>
    at(address.replace("RUN", run).replace("SEARCH", search), id, async (page, watched) => {
      for (const { width, scheme } of looks) {
        await page.emulateMedia({ colorScheme: scheme });
        await page.setViewportSize({ width, height: 800 });
        await watched.isOpenToAll();
        assert.isAtMost(await page.evaluate<number>("document.documentElement.scrollWidth"), width);
      }
    }),
  );
});
