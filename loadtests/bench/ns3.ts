// Builds the ns-3 peer where a compiler and the library are installed, and says how to install them where not.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { start } from "./program.ts";

const source = fileURLToPath(new URL("../peers/ns3-barrier.cc", import.meta.url));

/** The program, or undefined. */
export const buildNs3 = async (): Promise<string | undefined> => {
  const folder = mkdtempSync(join(tmpdir(), "bench-ns3-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  const program = join(folder, "ns3-barrier");
  const compiler = start({ command: "g++", args: ["-O2", "-std=c++17", source, "-lns3-core", "-o", program], pinned: false });
  return compiler.output.then(
    () => program,
    (error: Error) => {
      process.stderr.write(`${error.message}\nns-3 is not installed, so its row is left out: apt-get install g++ libns3-dev\n`);
      return undefined;
    },
  );
};
