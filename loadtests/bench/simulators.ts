// Builds the simulators of others where a compiler and the library are installed, and says how to install them where not.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { start } from "./program.ts";

interface Peer {
  readonly name: string;
  readonly source: string;
  readonly library: string;
  readonly packages: string;
}

/** The program, or undefined. */
const build = async ({ name, source, library, packages }: Peer): Promise<string | undefined> => {
  const folder = mkdtempSync(join(tmpdir(), "bench-peer-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  const program = join(folder, "peer");
  const file = fileURLToPath(new URL(`../peers/${source}`, import.meta.url));
  const compiler = start({ command: "g++", args: ["-O2", "-std=c++17", file, `-l${library}`, "-o", program], pinned: false });
  return compiler.output.then(
    () => program,
    (error: Error) => {
      process.stderr.write(`${error.message}\n${name} is not installed, so its row is left out: apt-get install g++ ${packages}\n`);
      return undefined;
    },
  );
};

export const buildNs3 = (): Promise<string | undefined> =>
  build({ name: "ns-3", source: "ns3-barrier.cc", library: "ns3-core", packages: "libns3-dev" });

export const buildSimgrid = (): Promise<string | undefined> =>
  build({ name: "SimGrid", source: "simgrid-barrier.cpp", library: "simgrid", packages: "libsimgrid-dev" });
