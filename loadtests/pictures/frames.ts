// How smooth the page is: the time from one frame of the screen to the next while somebody looks about in a run of 64 and of 4,096 CPUs, and
// how long a live picture of 4,096 CPUs takes to draw. `npm run frames`. Needs a Chromium on the path.
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium, type Page } from "playwright-core";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** For each way to look about. */
const measureMs = 4_000;
const operations = 10;

/** What is done in each frame, in words of the page itself: nobody's hands are in the way. `i` counts frames. */
const ways = {
  zooming: `canvas.dispatchEvent(new WheelEvent("wheel", { deltaY: i % 100 < 50 ? -30 : 30, clientX: 600, clientY: 300, bubbles: true, cancelable: true }))`,
  moving: `canvas.dispatchEvent(new KeyboardEvent("keydown", { key: i % 18 < 9 ? "ArrowRight" : "ArrowLeft", shiftKey: true, bubbles: true, cancelable: true }))`,
  playing: "",
} as const;

/** Ms from each frame to the next. */
const intervals = (page: Page, act: string): Promise<readonly number[]> =>
  page.evaluate(`new Promise((done) => {
    const canvas = document.querySelector("canvas");
    const times = [];
    let last, start;
    const step = (now) => {
      start ??= now;
      if (last !== undefined) times.push(now - last);
      last = now;
      if (now - start > ${measureMs}) return done(times);
      const i = times.length;
      ${act};
      requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
  })`);

const told = (values: readonly number[]): string => {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number): string => (sorted[Math.floor(share * (sorted.length - 1))] ?? 0).toFixed(1);
  return `median ${at(0.5)} ms, 95 % below ${at(0.95)} ms, longest ${at(1)} ms, of ${sorted.length}`;
};

const say = (what: string, text: string): boolean => process.stdout.write(`${what.padEnd(34)}${text}\n`);

const recorded = async (page: Page, url: string, cpus: number): Promise<void> => {
  const startedAt = performance.now();
  await page.goto(`${url}#/experiments?cpus=${cpus}&seed=7&fault=${encodeURIComponent("drop 2% of any")}`);
  await page.getByRole("heading", { name: `on ${cpus} CPUs` }).waitFor();
  say(`${cpus} CPUs, until it is shown`, `${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
  for (const [way, act] of Object.entries(ways)) {
    await page.getByTestId("cpu-time").press("0");
    if (way === "moving") for (let i = 0; i < 3; i++) await page.getByTestId("cpu-time").press("+");
    const before = await page.getByTestId("cpu-time").screenshot();
    if (way === "playing") await page.getByTestId("play").click();
    say(`${cpus} CPUs, ${way}`, told(await intervals(page, act)));
    if (before.equals(await page.getByTestId("cpu-time").screenshot())) throw new Error(`${way} has moved nothing`);
  }
};

/** A machine that is patched and unpatched while the page draws. */
const live = async (page: Page, address: string): Promise<void> => {
  await page.goto(address);
  await page.getByTestId("start").click();
  for (let done = 1; done <= operations; done++) {
    await page.getByTestId("news").getByText(`epoch ${done} closed`).waitFor();
    if (done < operations) await page.getByTestId(done % 2 === 1 ? "steer-unpatch" : "steer-patch").click();
  }
  say("4096 live CPUs, as it is patched", await page.getByTestId("drawing-time").innerText());
  await page.getByTestId("sight-all").click();
  say("4096 live CPUs, all in sight", told(await intervals(page, "")));
  say(`  a picture of ${operations} operations`, await page.getByTestId("drawing-time").innerText());
  await page.getByTestId("steer-stop").click();
};

const directory = mkdtempSync(join(tmpdir(), "quiesce-frames-"));
const command = [join(root, "services/cli/main.ts"), "serve", "--port", "0", "--cpus", "4096", "--hosts", "2"];
const server = spawn(process.execPath, command, { cwd: directory, stdio: ["ignore", "pipe", "inherit"] });
const [printed] = (await once(server.stdout.setEncoding("utf8"), "data")) as [string];
const executablePath = execFileSync("which", ["chromium"], { encoding: "utf8" }).trim();
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"] });
try {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  page.setDefaultTimeout(60_000);
  const address = printed.trim();
  say("load of the machine", loadavg()[0]?.toFixed(1) ?? "");
  for (const cpus of [64, 4_096]) await recorded(page, address.replace(/#.*/, ""), cpus);
  await live(page, address);
  say("load of the machine", loadavg()[0]?.toFixed(1) ?? "");
} finally {
  await browser.close();
  server.kill("SIGTERM");
  await once(server, "exit");
  rmSync(directory, { recursive: true });
}
