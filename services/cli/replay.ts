// `quiesce replay`: takes a recorded run again, and says whether everything happens as it is recorded.
import type { Ending } from "../../shared/journal/decode.ts";
import type { Header } from "../../shared/journal/entry.ts";
import { GapWatch } from "../../shared/journal/merge.ts";
import { type Divergence, divergenceText, Replay } from "../../shared/journal/replay.ts";
import { OrphanEntry, TurnReader } from "../../shared/journal/turns.ts";
import { BadInput } from "../../shared/machine/badInput.ts";
import { planOf } from "../../shared/nemesis/plan.ts";
import { readJournalFile, withPlainJournal } from "../recorder/journalFile.ts";
import { version } from "../recorder/manifest.ts";
import { firstDifferenceFrom } from "./engines/virtual.ts";
import { exitCodes } from "./exit.ts";
import { pathFileIn, replaySearch } from "./explore/replay.ts";
import { interruptible } from "./interrupt.ts";
import { journalOf, partsBeside } from "./recordedRun.ts";

/** What the reading of a journal comes to. */
interface Taken {
  readonly header: Header;
  readonly turns: number;
  readonly full: boolean;
  readonly divergence: Divergence | undefined;
  readonly gaps: readonly string[];
  readonly ending: Ending;
}

/** Steps the machines along as the journal is read; what a killed live run left in parts is put together first. */
const take = async (journal: string): Promise<Taken> => {
  let header: Header | undefined;
  let replay: Replay | undefined;
  let full = true;
  let divergence: Divergence | undefined;
  const watch = new GapWatch();
  const turns = new TurnReader({
    turn: (turn) => {
      divergence ??= replay?.take(turn);
    },
    fault: () => undefined,
  });
  const ending = await readJournalFile(journal, (line) => {
    if (line.is === "header") {
      header = line.header;
      full = header.mode === "full";
      replay = machinesOf(journal, header);
    } else if (line.is === "note") full = full && line.note.note !== "facts-only";
    else {
      watch.see(line.entry);
      if (full && watch.gaps.length === 0) push(turns, journal, line.line, line.entry);
    }
  });
  const parts = partsBeside(journal);
  full = full && parts.full;
  if (full && parts.gaps.length === 0) for (const entry of parts.entries) push(turns, journal, 1, entry);
  // The last turn of a journal that was cut off may not be whole.
  if (full && ending.ended && watch.gaps.length === 0) turns.finish();
  const gaps = [...parts.damage, ...[...watch.gaps, ...parts.gaps].map(({ message }) => message)];
  return { header: header as Header, turns: replay?.turns ?? 0, full, divergence, gaps, ending };
};

const machinesOf = (journal: string, { setup, code }: Header): Replay => {
  try {
    return new Replay(setup);
  } catch (error) {
    throw new BadInput(
      journal,
      "line 1",
      `the setup builds no machine (written by version ${code}, this is ${version}): ${(error as Error).message}`,
    );
  }
};

const push = (turns: TurnReader, journal: string, line: number, entry: Parameters<TurnReader["push"]>[0]): void => {
  try {
    turns.push(entry);
  } catch (error) {
    throw error instanceof OrphanEntry ? new BadInput(journal, `line ${line}`, error.message) : error;
  }
};

/** A journal without inputs can only be written once more, from its seed. */
const runAgain = async (journal: string, { header, turns }: Taken): Promise<number> => {
  const { engine, plan: written, seed } = header;
  if (engine !== "virtual")
    throw new BadInput(journal, "", "holds facts only, and a live run cannot be run again as it was: record it with --journal full");
  const { plan, problems } = planOf(written.faults, written.seed);
  const [problem] = problems;
  if (problem !== undefined) throw new BadInput(journal, "line 1", `${problem.message} (in "${problem.text}")`);
  const line = await interruptible((signal) =>
    withPlainJournal(journal, (plain) => firstDifferenceFrom(plain, header, { plan, journalAll: false }, signal)),
  );
  const how = turns > 0 ? `${turns} turns taken again, then the seed run again` : "the seed run again";
  if (line === null) return say(`replay: ${how}: the journal is the same, byte for byte`, exitCodes.holds);
  return say(`replay: DIVERGED at line ${line}: seed ${seed}, run again, gives another journal`, exitCodes.notDeterministic);
};

const say = (text: string, code: number): number => {
  process.stdout.write(`${text}\n`);
  return code;
};

export const replay = async (run: string): Promise<number> => {
  const path = pathFileIn(run);
  if (path !== undefined) return replaySearch(path, false);
  const journal = journalOf(run);
  const taken = await take(journal);
  const { header, turns, full, divergence, gaps, ending } = taken;
  if (header.code !== version) process.stderr.write(`quiesce: recorded by version ${header.code}, this is ${version}\n`);
  if (divergence !== undefined) return say(`replay: DIVERGED at ${divergenceText(divergence)}`, exitCodes.notDeterministic);
  if (gaps.length > 0) return say(`replay: not whole: ${gaps.join("; ")}`, exitCodes.unknown);
  if (!full) return runAgain(journal, taken);
  if (!ending.ended) return say(`replay: ${turns} turns as recorded, but the run was cut off: its journal has no end`, exitCodes.unknown);
  return say(`replay: ${turns} turns of a ${header.engine} run of ${header.setup.cpus} CPUs: every output as recorded`, exitCodes.holds);
};
