// A live machine on the page, in a real browser: watched over WebSocket, struck and steered by hand, and had again from the command line.
import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import * as Effect from "effect/Effect";
import type { Browser, Page, WebSocket } from "playwright-core";
import { afterAll, assert, beforeAll, describe, it } from "vitest";
import type { Summary } from "../../shared/report/summary.ts";
import { scratch } from "../cli/quiesce.ts";
import { plainServer } from "../live/onServer.ts";
import { findChromium, launchChromium, noChromium } from "./chromium.ts";
import { look, looks, type Served, serve, type Watched } from "./served.ts";

const main = fileURLToPath(new URL("../../services/cli/main.ts", import.meta.url));

const textOf = (page: Page, id: string): Promise<string> => page.getByTestId(id).innerText();

/** Until the news say so. */
const news = (page: Page, text: string): Promise<void> => page.getByTestId("news").getByText(text).first().waitFor();

/** How often each fault has struck, in the order of the plan, once that is known of the fault at this place. */
const struck = async (page: Page, place: number): Promise<readonly number[]> => {
  await page.getByTestId("struck").nth(place).filter({ hasText: /[1-9]/ }).waitFor();
  return (await page.getByTestId("struck").allInnerTexts()).map(Number);
};

/** By keys alone, to what has this name in the page. */
const tabTo = async (page: Page, id: string): Promise<void> => {
  for (let presses = 0; presses < 60; presses++) {
    await page.keyboard.press("Tab");
    if ((await page.evaluate("document.activeElement?.dataset.testid")) === id) return;
  }
  assert.fail(`no way by Tab to ${id}`);
};

/** The counts of the legend, by state, without those that are 0. */
const legendOf = async (page: Page): Promise<Readonly<Record<string, number>>> => {
  const items = await page.getByTestId("legend").locator("li").allInnerTexts();
  const counts = items.map((item) => [item.replace(/ \d+$/, "").trim(), Number(item.split(" ").at(-1))] as const);
  return Object.fromEntries(counts.filter(([, count]) => count > 0));
};

/** Wide and narrow, light and dark: nothing is in the way of anybody, nothing sticks out. */
const isOpenInAnyLook = async (watched: Watched): Promise<void> => {
  const { page } = watched;
  for (const { width, scheme } of looks) {
    await page.emulateMedia({ colorScheme: scheme });
    await page.setViewportSize({ width, height: 800 });
    await watched.isOpenToAll();
    assert.isAtMost(await page.evaluate<number>("document.documentElement.scrollWidth"), width);
  }
};

/** Of what the broker sends, so many frames of the driver that come alone never reach the page: none of the first, which it counts from. */
const losing = (page: Page, frames: number): Promise<void> => {
  let seen = 0;
  return page.routeWebSocket(/^ws:/, (socket) => {
    const broker = socket.connectToServer();
    broker.onMessage((message) => {
      const isFrame = /^MSG quiesce\.[\w-]+\.view /.test(message.toString()) && message.toString().split("MSG ").length === 2;
      if (isFrame) seen++;
      if (!isFrame || seen <= 20 || seen > 20 + frames) socket.send(message);
    });
  });
};

interface Said {
  readonly stdout: string;
  readonly stderr: string;
}

/** What somebody would do with the line that they have copied. */
const typed = async (line: string, cwd: string): Promise<Summary> => {
  const command = `${line.replace("./quiesce", `'${process.execPath}' '${main}'`)} --json`;
  const { stdout, stderr } = await promisify(execFile)("sh", ["-c", command], { cwd }).catch((error: Said) => error);
  assert.isNotEmpty(stdout, stderr);
  return JSON.parse(stdout) as Summary;
};

const chromium = findChromium();

describe.skipIf(chromium === null)(`a live machine on the page${chromium === null ? ` (${noChromium})` : ""}`, () => {
  const cwd = scratch();
  let browser: Browser;
  let served: Served;

  beforeAll(async () => {
    [browser, served] = await Promise.all([launchChromium(chromium as string), serve(cwd, ["--cpus", "4", "--seed", "7"])]);
  });

  afterAll(async () => {
    await browser?.close();
    await served?.end();
  });

  it("shows without the token, and its buttons say why they are grey", async () => {
    const watched = await look(browser, served, "#/live", { scheme: "dark", width: 390 });
    const { page } = watched;
    await page.getByTestId("start-form").waitFor();
    assert.include(await textOf(page, "why-not"), "token");
    for (const id of ["start", "fault-drop", "fault-add"]) assert.isTrue(await page.getByTestId(id).isDisabled(), id);
    await watched.isOpenToAll();
    watched.isSound();
    await watched.close();
  });

  it("shows to a page that is opened in mid-run what is, at once, and never takes what it has not heard of for down", async () => {
    const first = await look(browser, served, `#token=${served.token}`);
    const { page } = first;
    page.setDefaultTimeout(15_000);
    await page.getByTestId("fault-typed").fill("pause cpu 1 at prepare for 60s");
    await page.getByTestId("fault-typed").press("Enter");
    await page.getByTestId("start").click();
    const waiting = /cpu 1 has not answered prepare/;
    await page.getByTestId("waiting").filter({ hasText: waiting }).waitFor();
    const there = { held: 1, stopped: 3 };
    assert.deepStrictEqual(await legendOf(page), there);

    await page.reload();
    await page.getByTestId("waiting").filter({ hasText: waiting }).waitFor();
    assert.deepStrictEqual(await legendOf(page), there);
    assert.strictEqual(await textOf(page, "losses"), "", "where nothing is missing nothing is said");
    await isOpenInAnyLook(first);

    // Where the server cannot say what has been, nothing is known of who says nothing.
    const late = await look(browser, served, "#/live");
    await late.page.route("**/api/live/standing", (route) => route.fulfill({ json: null }));
    await losing(late.page, 3);
    await late.page.reload();
    await late.page.getByTestId("legend").waitFor();
    assert.deepStrictEqual(await legendOf(late.page), { unknown: 4 });
    await late.page.getByTestId("losses").getByText("Left out of this view: 3 frames.").waitFor();
    late.isSound();
    await late.close();

    await page.getByTestId("steer-stop").click();
    await page.getByTestId("verdict").waitFor();
    first.isSound();
    await first.close();
  }, 60_000);

  it("is steered by keys and by clicks, and the command line does the same again", async () => {
    const watched = await look(browser, served, `#token=${served.token}`);
    const { page } = watched;
    page.setDefaultTimeout(10_000);
    const sockets: WebSocket[] = [];
    page.on("websocket", (socket) => sockets.push(socket));
    await page.getByTestId("start-form").waitFor();
    assert.notInclude(page.url(), served.token);

    // Kept for the machine that is started next, which is started by keys.
    await page.getByTestId("fault-drop").click();
    await tabTo(page, "start-model");
    await tabTo(page, "start");
    await page.keyboard.press("Enter");
    await news(page, "version 1 in force");
    assert.isAtLeast((await struck(page, 0))[0] as number, 1);
    assert.match(await textOf(page, "news"), /prepare of epoch \d+: [1-9]\d* sent again/);

    // To the machine that is on.
    await page.getByTestId("fault-mute").click();
    await page.getByTestId("fault-typed").fill("drop 10% of nothing");
    await page.getByTestId("fault-typed").press("Enter");
    assert.include(await textOf(page, "trouble"), "nothing");
    await page.getByTestId("steer-unpatch").click();
    await news(page, "version 0 in force");
    assert.deepStrictEqual((await struck(page, 1)).map(Math.sign), [1, 1]);

    // The picture stands still and goes on, the machine does not care.
    await page.getByTestId("live-picture").click();
    await page.keyboard.press("Space");
    assert.match(await textOf(page, "legend"), /old version 4/);
    await page.keyboard.press("Space");
    await page.getByTestId("live-picture").waitFor();

    await page.getByTestId("steer-finish").click();
    await page.getByTestId("verdict").waitFor();
    assert.include(await textOf(page, "verdict"), "valid");
    assert.isAtLeast(Number(await textOf(page, "number-resent")), 2);
    // What was heard stays, and can be looked about in.
    await page.getByTestId("cpu-time").waitFor();
    await page.getByTestId("step-back").click();
    await page.getByTestId("to-run").waitFor();
    await watched.isSound();
    assert.isNotEmpty(sockets);
    for (const socket of sockets) assert.match(socket.url(), /^ws:\/\/127\.0\.0\.1:\d+\/$/);

    const line = await textOf(page, "line-command");
    assert.include(line, "--then unpatch --seed 7");
    const { faults, ipis, verdict, operations } = await typed(line, cwd);
    assert.deepStrictEqual(
      faults.map(({ text, applied }) => [text, applied > 0]),
      [
        ["drop 1st any to cpu 1 during prepare", true],
        ["drop 1st ack from cpu 1 during prepare", true],
      ],
    );
    assert.isAtLeast(ipis.resent, 2);
    assert.deepStrictEqual([verdict, operations.committed], ["valid", 2]);
    await watched.close();
    // Two live runs with all their processes: a machine that does much else takes long over them.
  }, 60_000);

  it("says of each order what came of it, and of what is refused why", async () => {
    const watched = await look(browser, served, `#token=${served.token}`);
    const { page } = watched;
    page.setDefaultTimeout(15_000);
    const says = (id: string, text: string | RegExp): Promise<void> => page.getByTestId(id).filter({ hasText: text }).waitFor();
    await page.getByTestId("fault-typed").fill("drop 10% of nothing");
    await page.getByTestId("fault-typed").press("Enter");
    await says("trouble", 'unknown message kind "nothing"');
    await page.getByTestId("fault-typed").fill("pause cpu 1 at start for 60s");
    await page.getByTestId("fault-typed").press("Enter");
    await says("carried-out", "Kept for the machine");
    await page.getByTestId("start-model").selectOption("hybrid");
    await page.getByTestId("start").click();
    await says("waiting", /cpu 1 has not answered start/);

    await page.getByTestId("fault-cpu").fill("");
    await page.getByTestId("fault-drop").click();
    await says("trouble", "No CPU is chosen");
    await page.getByTestId("fault-cpu").fill("9");
    await page.getByTestId("fault-drop").click();
    await says("trouble", "there is no cpu 9");
    await page.getByTestId("fault-second-coordinator").click();
    await says("carried-out", "In force from now on: second coordinator at");
    assert.strictEqual(await page.getByTestId("trouble").count(), 0);

    await page.getByTestId("steer-reverse").click();
    await says("carried-out", "told to reverse");
    await news(page, "aborted: reversed");
    await page.getByTestId("steer-force").click();
    await says("trouble", "no transition is under way");
    assert.match(await textOf(page, "line-command"), /--on-limit reverse/);
    await page.getByTestId("steer-unpatch").click();
    await says("carried-out", "told to unpatch");
    await page.getByTestId("steer-finish").click();
    await says("carried-out", "ends when nothing is still to come");
    await says("why-grey", "the machine is ending");
    await page.getByTestId("steer-stop").click();
    await page.getByTestId("machine-phase").filter({ hasText: "off" }).waitFor();
    watched.expects("console: Failed to load resource: the server responded with a status of 400 (Bad Request)");
    watched.expects("console: Failed to load resource: the server responded with a status of 409 (Conflict)");
    watched.isSound();
    await watched.close();
  }, 60_000);

  it("survives the end of the run, and of its server, which waits for no tab: verdict, picture and line stay, and it goes back and on", async () => {
    const watched = await look(browser, served, `#token=${served.token}`, { scheme: "dark" });
    const { page } = watched;
    page.setDefaultTimeout(15_000);
    // A run that is over before the page has joined it has no picture here: this one stays on until all is seen.
    await page.getByTestId("start").click();
    await page.getByTestId("round").filter({ hasText: "all operations done" }).waitFor();
    await page.getByTestId("steer-finish").click();
    await page.getByTestId("verdict").waitFor();
    await isOpenInAnyLook(watched);
    const held = async (): Promise<void> => {
      assert.include(await textOf(page, "verdict"), "valid");
      assert.strictEqual(await textOf(page, "machine-phase"), "off");
      assert.include(await textOf(page, "line-command"), "./quiesce run");
      await page.getByTestId("cpu-time").press("End");
      assert.deepStrictEqual(await legendOf(page), { patched: 4 });
      // All may have said that they are patched before somebody says what came last.
      for (let steps = 0; steps < 12 && "patched" in (await legendOf(page)); steps++) await page.getByTestId("cpu-time").press("ArrowLeft");
      assert.notProperty(await legendOf(page), "patched", "some steps back nobody had left yet");
      await page.getByTestId("cpu-time").press("Home");
      assert.notDeepEqual(await legendOf(page), { patched: 4 });
    };
    await held();
    watched.isSound();

    await served.end();
    await page.getByTestId("server-gone").waitFor();
    await held();
    assert.isTrue(await page.getByTestId("start").isDisabled());
    watched.expects("console: Failed to load resource: net::ERR_CONNECTION_REFUSED");
    watched.isSound();
    await watched.close();
  }, 60_000);

  it("a page that is opened when all is over says that it has no picture, and leads to the recording", async () => {
    await served.end();
    served = await serve(cwd, ["--cpus", "4", "--seed", "7"]);
    const first = await look(browser, served, `#token=${served.token}`);
    await first.page.getByTestId("start-stay-on").uncheck();
    await first.page.getByTestId("start").click();
    await first.page.getByTestId("verdict").waitFor();
    await first.page.reload();
    await first.page.getByTestId("not-there").waitFor();
    await first.page.getByTestId("to-run").click();
    await first.page.getByTestId("messages-shown").waitFor();
    first.isSound();
    await first.close();
  }, 60_000);

  it(
    "says why there is no picture of a machine on a server that was there before, and steers it",
    () =>
      Effect.gen(function* () {
        const scenario = join(cwd, "abroad.yaml");
        writeFileSync(scenario, `nats: ${yield* plainServer("-js")}\n`);
        const abroad = yield* Effect.acquireRelease(
          Effect.promise(() => serve(cwd, ["--cpus", "4", "--seed", "7", "--scenario", scenario])),
          (one) => Effect.promise(() => one.end()),
        );
        yield* Effect.promise(async () => {
          const watched = await look(browser, abroad, `#token=${abroad.token}`);
          const { page } = watched;
          await page.getByTestId("start").click();
          await page.getByTestId("no-viewers").waitFor();
          await page.getByTestId("steer-stop").click();
          await page.getByTestId("verdict").waitFor();
          assert.strictEqual(await page.getByTestId("no-viewers").count(), 0);
          watched.isSound();
          await watched.close();
        });
      }).pipe(Effect.scoped, Effect.runPromise),
    60_000,
  );
});
