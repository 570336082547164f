// Draws the pictures of the documentation again, by the commands that anybody has: `npm run pictures`, or `npm run pictures -- NAME...`.
//
// In virtual time the same seed gives the same run, so that a picture changes only where the program does.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { scalingFigure } from "./scaling.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

interface Drawn {
  readonly name: string;
  /** Where it stands. */
  readonly file: string;
  /** `directory` is empty, and removed afterwards. */
  readonly draw: (directory: string) => string;
}

const quiesce = (...args: readonly string[]): void => {
  // A threshold that is crossed is a result like any other.
  try {
    execFileSync(process.execPath, [join(root, "services/cli/main.ts"), ...args], { cwd: root, stdio: ["ignore", "ignore", "inherit"] });
  } catch (error) {
    if ((error as { readonly status?: number }).status !== 99) throw error;
  }
};

const inPage = (name: string, ...args: readonly string[]): Drawn => ({
  name,
  file: `docs/pictures/${name}.svg`,
  draw: (directory) => {
    quiesce(...args, "--out", directory, "--quiet");
    quiesce("report", join(directory, "latest"), "--figures", join(directory, "figures"));
    return readFileSync(join(directory, "figures", `${name}.svg`), "utf8");
  },
});

/** One that a study writes into its own folder. */
const inFolder = (name: string, file: string, ...args: readonly string[]): Drawn => ({
  name,
  file,
  draw: (directory) => {
    quiesce(...args, "--out", directory, "--quiet");
    return readFileSync(join(directory, "latest", `${name}.svg`), "utf8");
  },
});

const virtual = ["--engine", "virtual"] as const;

const drawn: readonly Drawn[] = [
  inPage("cpus", "run", ...virtual, "--cpus", "160", "--seed", "7"),
  inPage("messages", "run", ...virtual, "--cpus", "5", "--seed", "12", "--fault", "drop 12% of any", "--fault", "duplicate 12% of any"),
  inPage("switching", "run", ...virtual, "--cpus", "64", "--seed", "7", "--model", "hybrid", "--patch", "study-sleepers"),
  inPage("scorecard", "compare", ...virtual, "--cpus", "16", "--seed", "7", "--patch", "study-sleepers"),
  inPage("dip", "load", "--rate", "60k/s", "--models", "simple,kpatch,hybrid", "--patches", "10", "--patch-every", "500ms", "--seed", "7"),
  {
    name: "scaling",
    file: "docs/pictures/scaling.svg",
    draw: () => scalingFigure(readFileSync(join(root, "loadtests/scaling/results.csv"), "utf8")),
  },
  inFolder("latency", "loadtests/load/latency.svg", "load", "loadtests/load.yaml"),
  inFolder("survival", "loadtests/chaos/survival.svg", "chaos", "loadtests/chaos.yaml"),
];

const wanted = process.argv.slice(2);
const strange = wanted.find((name) => !drawn.some((one) => one.name === name));
if (strange !== undefined) {
  process.stderr.write(`no picture is called "${strange}"; there are ${drawn.map(({ name }) => name).join(", ")}\n`);
  process.exit(254);
}
for (const { name, file, draw } of drawn.filter((one) => wanted.length === 0 || wanted.includes(one.name))) {
  const directory = mkdtempSync(join(tmpdir(), "quiesce-pictures-"));
  try {
    writeFileSync(join(root, file), draw(directory));
    process.stdout.write(`${file}   ${name}\n`);
  } finally {
    rmSync(directory, { recursive: true });
  }
}
