// How the tests run: every file in a process of its own, with a NATS server found once for all of them.
import { defineConfig } from "vitest/config";

/** What takes browsers, containers, or several machines: `npm run test:machines`. All else is `npm test`. */
const machines = ["test/browser/**/*.test.ts", "test/containers/**/*.test.ts", "test/live/{cluster,joined,lab}*.test.ts"];

const project = (name: string, include: readonly string[], exclude: readonly string[]) => ({
  test: {
    name,
    include: [...include],
    exclude: [...exclude],
    globalSetup: ["test/infra/provideNatsServer.ts"],
    pool: "forks" as const,
    testTimeout: 240_000,
    hookTimeout: 240_000,
  },
});

export default defineConfig({
  test: {
    projects: [project("one-machine", ["test/**/*.test.ts"], machines), project("machines", machines, [])],
    // By itself vitest leaves one core to whoever watches; half of what live tests do is waiting.
    maxWorkers: 2,
  },
});
