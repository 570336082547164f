// The page's own files: bundled by Vite when they are missing or older than what they are made of, then kept in memory.
import { existsSync, globSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
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

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".json": "application/json; charset=utf-8",
};

const changedAt = (path: string): number => statSync(path).mtimeMs;

/** The page has parts of the library in it. */
const isFresh = (): boolean => {
  const index = join(bundled, "index.html");
  if (!existsSync(index)) return false;
  const builtAt = changedAt(index);
  const sources = globSync("{shared,services/dashboard,services/serve}/**/*.{ts,tsx,css,html,json}", { cwd: root });
  return ["package-lock.json", ...sources].every((path) => changedAt(join(root, path)) <= builtAt);
};

/** Built beside and put in its place when it is whole: somebody may be about to read the old one. */
const bundle = async (): Promise<void> => {
  const { build } = await import("vite").catch(() => {
    throw new EnvironmentMissing("the page has not been bundled, and Vite is not installed: run npm ci");
  });
  const outDir = `${bundled}.${process.pid}`;
  await build({ configFile: join(root, "services/dashboard/vite.config.ts"), build: { outDir } });
  rmSync(bundled, { recursive: true, force: true });
  renameSync(outDir, bundled);
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
  if (!isFresh()) {
    onBuild();
    await bundle();
  }
  return read(bundled);
};
