// What a run's folder holds for a report: its document, where it comes from, and the film of its journal.
import { existsSync, readFileSync, realpathSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { countText, plural } from "../../../shared/figure/numbers.ts";
import type { Header } from "../../../shared/journal/entry.ts";
import { BadInput, didYouMean } from "../../../shared/machine/badInput.ts";
import type { Film, Scene } from "../../../shared/report/html/film.ts";
import type { Origin } from "../../../shared/report/html/origin.ts";
import { sceneOf } from "../../../shared/report/html/scene.ts";
import type { Summary } from "../../../shared/report/summary.ts";
import { Filming } from "../../../shared/trace/film.ts";
import { readJournalFile } from "../../recorder/journalFile.ts";
import { journalIn } from "../recordedRun.ts";
import { folderOf } from "../shrink/subject.ts";

export interface Found {
  /** As a command line names it. */
  readonly path: string;
  /** `summary.json`, whatever it is the summary of. */
  readonly document: { readonly schema?: unknown };
}

/** The folder of a run, or the summary in it. */
export const findRun = (run: string): Found => {
  const named = folderOf(run);
  if (!existsSync(named)) throw new BadInput(run, "", "there is no such run");
  // `runs/latest` is another run tomorrow: the page of a run names the run itself.
  const path = realpathSync(statSync(named).isFile() ? dirname(named) : named);
  const file = join(path, "summary.json");
  if (!existsSync(file))
    throw new BadInput(path, "", "has no summary.json: it is no run folder, or its run was cut off (quiesce replay reads its journal)");
  try {
    return {
      path: relative(realpathSync(process.cwd()), path).startsWith("..") ? path : relative(realpathSync(process.cwd()), path) || ".",
      document: JSON.parse(readFileSync(file, "utf8")),
    };
  } catch (error) {
    throw new BadInput(file, "", `not JSON (${(error as Error).message})`);
  }
};

interface Manifest {
  readonly startedAt?: string;
  readonly commit?: string | null;
  readonly dirty?: boolean | null;
  readonly versions?: { readonly quiesce?: string; readonly node?: string };
  readonly host?: { readonly platform?: string; readonly release?: string; readonly cores?: number };
}

export const textIn = (path: string, name: string): string | null => {
  const file = join(path, name);
  return existsSync(file) ? readFileSync(file, "utf8") : null;
};

/** What surrounded the run, as far as its folder says. */
export const originOf = ({ path }: Found): Omit<Origin, "doubts"> => {
  const { startedAt, commit, dirty, versions, host } = JSON.parse(textIn(path, "manifest.json") ?? "{}") as Manifest;
  return {
    folder: path,
    repro: textIn(path, "repro.txt")?.trim() ?? null,
    replayable: journalIn(path) !== undefined,
    recorded: [
      startedAt?.replace("T", " ").replace(/\.\d+Z$/, " UTC") ?? "",
      versions?.quiesce === undefined
        ? ""
        : `quiesce ${versions.quiesce}${typeof commit === "string" ? ` at ${commit.slice(0, 10)}${dirty === true ? ", changed" : ""}` : ""}`,
      versions?.node === undefined ? "" : `Node ${versions.node}`,
      host?.platform === undefined ? "" : `${host.platform} ${host.release ?? ""}, ${host.cores ?? "?"} cores`,
    ],
  };
};

const sceneFor = (summary: Summary, wanted: number | null): Scene | null => {
  const scene = sceneOf(summary, wanted);
  if (scene !== undefined) return scene;
  const there = [...new Set(summary.phases.map(({ epoch }) => String(epoch)))];
  throw new BadInput(
    "",
    "--epoch",
    `this run has no epoch ${wanted}${didYouMean(String(wanted), there)}; it has ${there[0]} to ${there.at(-1)}`,
  );
};

export interface Filmed {
  readonly film: Film | null;
  readonly doubts: readonly string[];
}

/** The journal is read once, as a stream. */
export const filmOf = async ({ path }: Found, summary: Summary, epoch: number | null): Promise<Filmed> => {
  const scene = sceneFor(summary, epoch);
  const journal = journalIn(path);
  if (journal === undefined) return { film: null, doubts: ["The run kept no journal: there are no pictures of CPUs and messages."] };
  if (scene === null) return { film: null, doubts: ["Nothing was ever asked in this run: there is nothing to draw."] };
  let filming: Filming | undefined;
  let at = 0;
  const begin = (header: Header): void => {
    filming = new Filming(header, scene);
  };
  await readJournalFile(journal, (line) => {
    if (line.is === "header") begin(line.header);
    else if (line.is === "entry") {
      at = Math.max(at, line.entry.at);
      filming?.take(line.entry);
    } else if (line.note.note === "facts-only") filming?.factsOnly(at);
  });
  const film = filming?.finish() ?? null;
  const doubts = [
    ...(film?.hasMessages === false
      ? ["The journal holds facts only of this time: messages are not drawn (record the run with --journal full)."]
      : []),
    ...(film !== null && film.messagesSeen > film.messages.length
      ? [`Of ${plural(film.messagesSeen, "message")} the first ${countText(film.messages.length)} are drawn.`]
      : []),
  ];
  return { film, doubts };
};
