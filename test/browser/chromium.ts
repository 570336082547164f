// A Chromium of this machine, for tests that look at pages as people do; none is fetched.
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { type Browser, chromium } from "playwright-core";

const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"] as const;

/** `QUIESCE_CHROMIUM`, or the first that is on the path; null where there is none. */
export const findChromium = (): string | null => {
  const named = process.env.QUIESCE_CHROMIUM;
  if (named !== undefined) return named;
  const folders = (process.env.PATH ?? "").split(delimiter);
  return folders.flatMap((folder) => names.map((name) => join(folder, name))).find((path) => existsSync(path)) ?? null;
};

/** Why a test is skipped, as it says itself. */
export const noChromium = "no Chromium here: install one (Debian: apt-get install chromium) or name it in QUIESCE_CHROMIUM";

/** Every browser has a profile of its own, that playwright removes. It talks to nobody of its own accord. */
export const launchChromium = (executablePath: string): Promise<Browser> =>
  chromium.launch({
    executablePath,
    args: [
      ...["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"],
      ...["--disable-component-update", "--disable-sync"],
    ],
  });
