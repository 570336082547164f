// The processes of a run, seen from the outside.
import { execFileSync } from "node:child_process";

/** Process id and when it started, which together are never used again, and what it runs. */
type Process = readonly [id: string, what: string];

export interface Row {
  readonly pid: number;
  readonly parent: number;
  readonly process: Process;
}

const processes = (): readonly Row[] =>
  execFileSync("ps", ["-eo", "pid=,ppid=,stat=,lstart=,args="], { encoding: "utf8" })
    .split("\n")
    .flatMap((line): readonly Row[] => {
      const [, pid, parent, state, start, args] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.{24})\s+(.*)$/.exec(line) ?? [];
      if (args === undefined || state?.startsWith("Z")) return [];
      return [{ pid: Number(pid), parent: Number(parent), process: [`${pid} ${start}`, `${pid} ${state} ${args}`] }];
    });

/** All that descend from this one. */
export const familyOf = (ancestor: number): readonly Row[] => {
  const rows = processes();
  const family = new Set([ancestor]);
  const found = new Set<Row>();
  for (let before = 0; before < family.size; ) {
    before = family.size;
    for (const row of rows) {
      if (!family.has(row.parent)) continue;
      family.add(row.pid);
      found.add(row);
    }
  }
  return [...found];
};

/** Those of the run that are there now: whoever was seen, and whoever bears the run's name, as its CPUs and coordinators do. */
export const leftOf = (seen: ReadonlyMap<string, string>): readonly string[] => {
  const names = new Set([...seen.values()].flatMap((what) => /main\.\w+ (?:host|coordinator)-\d+ (\S+)$/.exec(what)?.[1] ?? []));
  return processes().flatMap(({ process: [id, what] }) => (seen.has(id) || [...names].some((name) => what.includes(name)) ? [what] : []));
};
