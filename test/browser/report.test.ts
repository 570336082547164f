// Pages of reports in a real browser: they ask nobody for anything, fit a phone, and can be read by everybody, light and dark.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser } from "playwright-core";
import { afterAll, assert, beforeAll, describe, it } from "vitest";
import { quiesce, scratch } from "../cli/quiesce.ts";
import { findChromium, launchChromium, noChromium } from "./chromium.ts";

const executable = findChromium();
if (executable === null) process.stderr.write(`report in a browser: skipped, ${noChromium}\n`);

/** One of each kind that is soon made. */
const commands: Readonly<Record<string, readonly string[]>> = {
  "a run in which packets get lost": ["run", "--engine", "virtual", "--seed", "3", "--cpus", "6", "--fault", "drop 20% of any"],
  "a comparison": ["compare", "--engine", "virtual", "--seed", "7", "--repeat", "2", "--models", "simple,hybrid"],
  "a search that found something": ["chaos", "--seeds", "1..12", "--cpus", "4", "--mutant", "majority-is-enough"],
  "a sweep": ["scale", "--cpus", "2,4,8", "--repeat", "2"],
  "a load study": ["load", "--rate", "2k/s", "--patches", "2", "--patch-every", "200ms", "--seed", "7"],
};

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** What a person who depends on it would run into. */
interface Found {
  readonly violations: ReadonlyArray<{
    readonly id: string;
    readonly impact: string;
    readonly nodes: ReadonlyArray<{ readonly html: string }>;
  }>;
}

const look = async (browser: Browser, file: string, scheme: "light" | "dark", width: number) => {
  const page = await browser.newPage({ viewport: { width, height: 800 }, colorScheme: scheme });
  const said: string[] = [];
  const asked: string[] = [];
  page.on("console", (message) => said.push(message.text()));
  page.on("pageerror", (error) => said.push(error.message));
  page.on("request", (request) => asked.push(request.url()));
  const url = pathToFileURL(file).href;
  await page.goto(url);
  const across = await page.evaluate<number>("document.documentElement.scrollWidth");
  const { violations } = await page.evaluate<Found>(`${axe}; axe.run(document, { resultTypes: ["violations"] })`);
  const heading = await page.locator("h1").innerText();
  await page.close();
  const serious = violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
  return { said, asked: asked.filter((one) => one !== url), across, serious, heading };
};

describe.skipIf(executable === null)("the page of", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchChromium(executable ?? "");
  });
  afterAll(() => browser?.close());

  it.each(Object.entries(commands))(
    "%s can be read by everybody, on any screen, and asks for nothing",
    async (_, command) => {
      const cwd = scratch();
      const { stderr } = await quiesce(cwd, [...command, "--quiet"]);
      assert.notInclude(stderr, "could not be made");
      const file = join(cwd, "runs", "latest", "report.html");
      const clean = { said: [], asked: [], serious: [] };
      const { heading, across: _wide, ...wide } = await look(browser, file, "dark", 1200);
      assert.match(heading, /^[✓✗?] ./);
      assert.deepStrictEqual(wide, clean);
      const { heading: _same, ...narrow } = await look(browser, file, "light", 390);
      assert.deepStrictEqual(narrow, { ...clean, across: 390 });
    },
    60_000,
  );
});
