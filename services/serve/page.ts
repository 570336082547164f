// The page's own files: bundled by Vite when there are none of these sources, then kept in memory.
import { createHash } from "node:crypto";
import { existsSync, globSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { extname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { EnvironmentMissing } from "../../infra/bootstrap/natsServer.ts";

export interface PageFile {
  readonly type: string;
  readonly bytes: Uint8Array;
}

/** By their paths in the server: `/`, `/assets/index-abc.js`. Whatever else is asked for is not there. */
export type Page = ReadonlyMap<string, PageFile>;

const root = fileURLToPath(new URL("../..", import.meta.url));

/** What is built for a package has the page beside it: then nothing is bundled, and Vite need not be there. */
const packed = join(root, "dashboard");
const bundled = join(root, ".cache/dashboard");

/** How long a page of other sources is kept: a day. */
const keptMs = 86_400_000;

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".json": "application/json; charset=utf-8",
};

/** By what the page is made of, so that nothing is ever put in the place of something else: it has parts of the library in it. */
const folderNow = (): string => {
  const sources = globSync("{shared,services/dashboard,services/serve}/**/*.{ts,tsx,css,html,json}", { cwd: root });
  const hash = createHash("sha256");
  for (const path of ["package-lock.json", ...sources.toSorted()])
    hash
      .update(`${path}\0`)
      .update(readFileSync(join(root, path)))
      .update("\0");
  return join(bundled, hash.digest("hex").slice(0, 16));
};

/** Built beside and put in its place when it is whole. Whoever has done so before has put the same there. */
const bundle = async (folder: string): Promise<void> => {
  const { build } = await import("vite").catch(() => {
    throw new EnvironmentMissing("the page has not been bundled, and Vite is not installed: run npm ci");
  });
  mkdirSync(bundled, { recursive: true });
  const outDir = mkdtempSync(`${folder}.`);
  try {
    await build({ configFile: join(root, "services/dashboard/vite.config.ts"), build: { outDir } });
    renameSync(outDir, folder);
  } catch (error) {
    if (!existsSync(join(folder, "index.html"))) throw error;
  } finally {
    rmSync(outDir, { recursive: true, force: true });
  }
};

/** Somebody may still be about to read a page of before, or to make one: those that are old go. */
const removeOld = (folder: string): void => {
  for (const name of readdirSync(bundled)) {
    const path = join(bundled, name);
    const changed = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Number.POSITIVE_INFINITY;
    if (path !== folder && Date.now() - changed > keptMs) rmSync(path, { recursive: true, force: true });
  }
};

const read = (folder: string): Page => {
  const page = new Map<string, PageFile>();
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const type = types[extname(entry.name)];
    if (!entry.isFile() || type === undefined) continue;
    const path = join(entry.parentPath, entry.name);
    const name = `/${relative(folder, path).split(sep).join("/")}`;
    page.set(name === "/index.html" ? "/" : name, { type, bytes: readFileSync(path) });
  }
  return page;
};

/** `onBuild` hears that the page has to be bundled first, which takes a second. */
export const openPage = async (onBuild: () => void): Promise<Page> => {
  if (existsSync(join(packed, "index.html"))) return read(packed);
  const folder = folderNow();
  if (!existsSync(folder)) {
    onBuild();
    await bundle(folder);
    removeOld(folder);
  }
  return read(folder);
};
