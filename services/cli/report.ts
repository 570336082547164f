// `quiesce report`: one page about whatever a folder holds, and its pictures as files.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { BadInput } from "../../shared/machine/badInput.ts";
import { pageText } from "../../shared/report/html/page.ts";
import type { Picture } from "../../shared/report/html/parts.ts";
import { exitCodes } from "./exit.ts";
import { findRun } from "./report/folder.ts";
import { type PictureFormat, pictureFormats } from "./report/formats.ts";
import { reportedOf } from "./report/pages.ts";
import { reading } from "./settings/reading.ts";
import { count, word } from "./settings/values.ts";

export interface ReportRequest {
  readonly run: string | undefined;
  readonly out: string | undefined;
  readonly figures: string | undefined;
  readonly format: string | undefined;
  readonly epoch: string | undefined;
}

const write = (file: string, content: string | Uint8Array): void => {
  try {
    writeFileSync(file, content);
  } catch (error) {
    throw new BadInput(file, "", `cannot be written: ${(error as Error).message}`);
  }
};

const writePictures = async (directory: string, format: PictureFormat, pictures: readonly Picture[]): Promise<void> => {
  try {
    mkdirSync(directory, { recursive: true });
  } catch (error) {
    throw new BadInput(directory, "", `cannot be made: ${(error as Error).message}`);
  }
  const png = format === "png" ? (await import("../../shared/figure/png.ts")).pngOf : null;
  for (const { name, svg } of pictures) {
    const file = join(directory, `${name}.${format}`);
    write(file, png === null ? svg : png(svg));
    process.stdout.write(`${file}\n`);
  }
};

/** Gives the exit code. */
export const report = async ({ run, out, figures, format, epoch }: ReportRequest): Promise<number> => {
  const kind = reading("--format", format, word(pictureFormats)) ?? "svg";
  if (format !== undefined && figures === undefined) throw new BadInput("", "--format", "is of the files that --figures DIR writes");
  const found = findRun(run ?? "runs/latest");
  const { page, pictures } = await reportedOf(found, reading("--epoch", epoch, count(1, 1e9)) ?? null);
  const file = out ?? join(found.path, "report.html");
  write(file, pageText(page));
  process.stdout.write(`${file}\n`);
  if (figures !== undefined) await writePictures(figures, kind, pictures);
  return exitCodes.holds;
};
