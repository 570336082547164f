// Builds what the package ships into dist/: the sources as JavaScript, the types of the library, data, and the dashboard's page.
//
// Node strips no types below node_modules, so an installed copy cannot run the sources as they are.
import { execFileSync } from "node:child_process";
import { cpSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const dist = join(root, "dist");

const tool = (script: string, ...args: readonly string[]): void => {
  execFileSync(process.execPath, [join(root, "node_modules", script), ...args], { cwd: root, stdio: ["ignore", 2, 2] });
};

/** Each program in the package as `change` makes it. */
const rewrite = (change: (text: string) => string): void => {
  for (const name of globSync("**/*.js", { cwd: dist })) {
    const path = join(dist, name);
    const text = readFileSync(path, "utf8");
    const changed = change(text);
    if (changed !== text) writeFileSync(path, changed);
  }
};

/** The compiler renames what is imported; what is started as a process or thread of its own is named by a URL. */
const renameStarted = (): void => rewrite((text) => text.replaceAll(/\.ts(["`], import\.meta\.url\))/g, ".js$1"));

/** Lines to copy name the program as whoever installed it calls it: `./quiesce` is in a clone only. */
const nameAsInstalled = (): void => rewrite((text) => text.replaceAll("./quiesce ", "npx quiesce "));

/** Files that programs read where they are: their own workloads and patches. */
const copyData = (): void => {
  for (const name of globSync("loadtests/{workloads,patches}/*.json", { cwd: root })) {
    mkdirSync(dirname(join(dist, name)), { recursive: true });
    cpSync(join(root, name), join(dist, name));
  }
};

rmSync(dist, { recursive: true, force: true });
tool("typescript/bin/tsc", "-p", "infra/package/tsconfig.json");
tool("typescript/bin/tsc", "-p", "infra/package/types.json");
renameStarted();
copyData();
tool("vite/bin/vite.js", "build", "--config", "services/dashboard/vite.config.ts", "--outDir", join(dist, "dashboard"), "--emptyOutDir");
nameAsInstalled();
