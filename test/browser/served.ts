// `quiesce serve` and its page for tests: looked at in a browser that notes whatever the page should not do.
import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import type { Browser, Page } from "playwright-core";
import { assert } from "vitest";

const main = fileURLToPath(new URL("../../services/cli/main.ts", import.meta.url));

export interface Served {
  /** Without the token. */
  readonly url: string;
  readonly token: string;
  readonly end: () => Promise<void>;
}

const firstLine = (child: ChildProcess): Promise<string> =>
  new Promise((resolve, reject) => {
    let text = "";
    child.stdout?.setEncoding("utf8").on("data", (piece: string) => {
      text += piece;
      if (text.includes("\n")) resolve(text.split("\n")[0] as string);
    });
    child.once("exit", (code) => reject(new Error(`serve ended with ${code} before it said where it is`)));
  });

/** In this directory, at a port that is free. */
export const serve = async (cwd: string, args: readonly string[] = []): Promise<Served> => {
  const child = spawn(process.execPath, [main, "serve", "--port", "0", ...args], { cwd, stdio: ["ignore", "pipe", "ignore"] });
  const [url = "", token = ""] = (await firstLine(child)).split("/#token=");
  const end = (): Promise<void> =>
    new Promise((resolve) => {
      if (child.exitCode !== null) return resolve();
      child.once("exit", () => resolve());
      child.kill("SIGTERM");
    });
  return { url, token, end };
};

/** What pages are looked at in: light and dark, wide and narrow. */
export const looks = [
  { scheme: "light", width: 1280 },
  { scheme: "dark", width: 390 },
  { scheme: "dark", width: 1280 },
  { scheme: "light", width: 390 },
] as const;

export interface Look {
  readonly width?: number;
  readonly scheme?: "light" | "dark";
}

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

interface Barrier {
  readonly id: string;
  readonly impact: string | null;
  readonly nodes: ReadonlyArray<{ readonly html: string; readonly failureSummary?: string }>;
}

/** What axe finds that is serious or worse. */
const barriersIn = async (page: Page): Promise<readonly string[]> => {
  await page.evaluate(axe);
  const found = (await page.evaluate(
    "axe.run({ resultTypes: ['violations'], runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'] })",
  )) as { readonly violations: readonly Barrier[] };
  return found.violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary ?? ""}`));
};

/** Notes errors of a page, and requests to anybody but its server. */
export class Watched {
  readonly page: Page;
  private troubles: string[] = [];

  constructor(page: Page, url: string) {
    this.page = page;
    page.on("pageerror", ({ message }) => this.troubles.push(`error: ${message}`));
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") this.troubles.push(`console: ${message.text()}`);
    });
    page.on("request", (request) => {
      const { protocol, host } = new URL(request.url());
      if (protocol !== "data:" && host !== new URL(url).host) this.troubles.push(`asks ${request.url()}`);
    });
  }

  /** This was to be expected, and is no trouble. It must have happened. */
  expects(trouble: string): void {
    assert.include(this.troubles, trouble);
    this.troubles = this.troubles.filter((one) => one !== trouble);
  }

  isSound(): void {
    assert.deepStrictEqual(this.troubles, []);
  }

  /** Nor is anything in the way of who cannot see the page or has no mouse. */
  async isOpenToAll(): Promise<void> {
    assert.deepStrictEqual(await barriersIn(this.page), []);
  }

  async close(): Promise<void> {
    await this.page.context().close();
  }
}

export const look = async (
  browser: Browser,
  { url }: Pick<Served, "url">,
  address: string,
  { width = 1280, scheme = "light" }: Look = {},
): Promise<Watched> => {
  const context = await browser.newContext({ viewport: { width, height: 800 }, colorScheme: scheme, reducedMotion: "reduce" });
  const watched = new Watched(await context.newPage(), url);
  await watched.page.goto(`${url}/${address}`);
  return watched;
};
