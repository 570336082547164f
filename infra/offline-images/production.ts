// Prints the folders of the installed packages that are not for development only, one a line, as the lock file tells them apart.
import { existsSync, readFileSync } from "node:fs";

interface Lock {
  readonly packages: Readonly<Record<string, { readonly dev?: boolean }>>;
}

const { packages } = JSON.parse(readFileSync("package-lock.json", "utf8")) as Lock;
for (const [folder, { dev }] of Object.entries(packages)) {
  // What is below another package goes with it; the first entry is the project itself.
  const isTop = folder !== "" && folder.lastIndexOf("node_modules/") === 0;
  if (isTop && dev !== true && existsSync(folder)) process.stdout.write(`${folder}\n`);
}
