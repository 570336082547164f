#!/usr/bin/env node
// What `npx quiesce` runs, on whatever Node there is: hands everything to the Node that the package is pinned to.
"use strict";
const { spawn } = require("node:child_process");
const { existsSync } = require("node:fs");
const { homedir, constants } = require("node:os");
const { dirname, join } = require("node:path");
const { version, dependencies } = require("../../package.json");

const environmentMissing = 5;

/** The pinned Node, or this one if it is of the same major version. */
const findNode = () => {
  const pinned = join(dirname(require.resolve("node/package.json")), "bin", process.platform === "win32" ? "node.exe" : "node");
  if (existsSync(pinned)) return pinned;
  const major = dependencies.node.split(".", 1)[0];
  if (process.versions.node.split(".", 1)[0] === major) return process.execPath;
  process.stderr.write(
    `quiesce: ${pinned} is missing: npm was not allowed to run the install script of the package node. Allow it, or use Node ${major}\n`,
  );
  process.exit(environmentMissing);
};

const main = join(__dirname, "../../dist/services/cli/main.js");
// What was compiled once is not compiled again. The package's own folder may belong to somebody else.
const caches = process.env.XDG_CACHE_HOME || join(homedir(), ".cache");
const env = { NODE_COMPILE_CACHE: join(caches, "quiesce", version), ...process.env };
const child = spawn(findNode(), [main, ...process.argv.slice(2)], { stdio: "inherit", env });

// A terminal signals both; what is sent to this process alone is passed on, and the other one decides.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
child.on("error", (error) => {
  process.stderr.write(`quiesce: ${error.message}\n`);
  process.exit(environmentMissing);
});
child.on("exit", (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
