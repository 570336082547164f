// Imports an strace log from a file, however long, into a workload.
import { open } from "node:fs/promises";
import { basename } from "node:path";
import { type Imported, Importer, type ImportOptions } from "../../shared/kernel/recording/importer.ts";
import { BadInput } from "../../shared/machine/badInput.ts";

/** Reads the log line by line; the workload is named after the file, without its extensions, unless a name is given. */
export const importWorkloadFile = async (path: string, options: Partial<ImportOptions> = {}): Promise<Imported> => {
  const importer = new Importer({ ...options, name: options.name ?? (basename(path).split(".", 1)[0] as string) });
  const file = await open(path).catch((error: NodeJS.ErrnoException) => {
    throw new BadInput(path, "", error.code === "ENOENT" ? "there is no such file" : error.message);
  });
  try {
    for await (const line of file.readLines({ encoding: "latin1" })) importer.line(line);
  } finally {
    await file.close();
  }
  return importer.finish();
};
