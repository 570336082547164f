// How the page is bundled: one script, one style sheet, nothing from elsewhere, into .cache/dashboard unless it is told otherwise.
import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  root: here("."),
  base: "./",
  cacheDir: here("../../.cache/vite"),
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    outDir: here("../../.cache/dashboard"),
    emptyOutDir: true,
    target: "es2024",
    // Pictures and fonts as data would need an exception of the page's own rules of what it may load.
    assetsInlineLimit: 0,
    // A polyfill that browsers of this target do without.
    modulePreload: false,
    reportCompressedSize: false,
  },
  logLevel: "warn",
});
