// Takes the picture of the page for the documentation: a live machine that loses packets while it is patched. `npm run screenshot`
//
// A live run is never the same twice, and so is its picture; it is taken again when the page has changed. Needs a Chromium on the path.
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium, type Page } from "playwright-core";

const root = fileURLToPath(new URL("../..", import.meta.url));

const settings = ["--cpus", "24", "--hosts", "12", "--seed", "7", "--workload", "database", "--fault", "drop 10% of any"] as const;

/** Patched, then unpatched while a CPU stands still: to be seen while it happens and after. */
const steer = async (page: Page): Promise<void> => {
  await page.getByTestId("start").click();
  await page.getByTestId("news").getByText("version 1 in force").first().waitFor();
  await page.getByTestId("fault-cpu").fill("5");
  await page.getByTestId("fault-pause").click();
  await page.getByTestId("fault-lossy").hover();
  await page.getByTestId("steer-unpatch").click();
  await page.getByTestId("news").getByText("version 0 in force").first().waitFor();
  // Until what processes count has come.
  await page.getByTestId("struck").nth(1).filter({ hasText: "1" }).waitFor();
};

const directory = mkdtempSync(join(tmpdir(), "quiesce-picture-"));
const command = [join(root, "services/cli/main.ts"), "serve", "--port", "0", ...settings];
const server = spawn(process.execPath, command, { cwd: directory, stdio: ["ignore", "pipe", "inherit"] });
const [address] = (await once(server.stdout.setEncoding("utf8"), "data")) as [string];
const executablePath = execFileSync("which", ["chromium"], { encoding: "utf8" }).trim();
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"] });
try {
  const page = await browser.newPage({ viewport: { width: 1360, height: 1000 }, colorScheme: "light" });
  await page.goto(address.trim());
  await steer(page);
  await page.screenshot({ path: join(root, "docs/pictures/dashboard.png") });
} finally {
  await browser.close();
  server.kill("SIGTERM");
  await once(server, "exit");
  rmSync(directory, { recursive: true });
}
