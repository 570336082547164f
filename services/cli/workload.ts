// `quiesce workload import`: a workload from an strace log, printed or written to a file.
import { writeFileSync } from "node:fs";
import type { ImportReport } from "../../shared/kernel/recording/importer.ts";
import { BadInput } from "../../shared/machine/badInput.ts";
import { importWorkloadFile } from "../workload/importFile.ts";

export interface ImportRequest {
  readonly file: string;
  readonly name?: string;
  readonly title?: string;
  /** CPUs of the machine that was recorded. */
  readonly cpus?: number;
  /** Where the workload is written; stdout if not given. */
  readonly to?: string;
}

const reportText = ({ lines, calls, threads, malformed, messages, neverReturned }: ImportReport): string =>
  [`${lines} lines: ${calls} calls of ${threads} threads, ${neverReturned} that never returned, ${malformed} malformed lines`, ...messages]
    .map((line) => `  ${line}\n`)
    .join("");

export const importWorkload = async ({ file, to, ...options }: ImportRequest): Promise<void> => {
  const { workload, report } = await importWorkloadFile(file, options);
  const text = `${JSON.stringify(workload, null, 2)}\n`;
  process.stderr.write(reportText(report));
  if (to === undefined) {
    process.stdout.write(text);
    return;
  }
  try {
    writeFileSync(to, text, { flag: "wx" });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new BadInput(to, "", code === "EEXIST" ? "is there already, and is not overwritten" : message);
  }
};
