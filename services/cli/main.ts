#!/usr/bin/env node
// The `quiesce` command.
import { command } from "./command.ts";
import { watchForCrashes } from "./crash.ts";

watchForCrashes();

// Whoever reads our output may stop reading: that is no error of ours, and nobody is left to be told.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit();
});

await command(process.argv.slice(2), (code) => {
  process.exitCode = code;
});
// A connection that was begun to a server that is gone would keep us for two minutes, for the client gives it up and does not end it.
process.stdout.write("", () => process.exit());
