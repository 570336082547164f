// How the tests run: every file in a process of its own, with a NATS server found once for all of them.
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: ["test/infra/provideNatsServer.ts"],
    pool: "forks",
    // By itself vitest leaves one core to whoever watches; half of what live tests do is waiting.
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
