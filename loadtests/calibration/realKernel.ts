// The real kernel that was measured under emulation, as data: Debian's 6.1 in qemu, stop_machine, IPI broadcasts and live patches.
import { readFileSync } from "node:fs";
import { Schema } from "effect";

const Times = Schema.Record(Schema.String, Schema.Number);

const RealKernel = Schema.fromJsonString(
  Schema.Struct({
    source: Schema.String,
    stopMachineUs: Schema.Struct({
      mode: Schema.String,
      columns: Schema.Array(Schema.String),
      rows: Schema.Array(Schema.Array(Schema.Number)),
    }),
    oversubscribed: Schema.Struct({ mode: Schema.String, stopMachineP50Us: Times, ipiBroadcastWaitP50Us: Times }),
    livepatchTransitionS: Schema.Record(
      Schema.String,
      Schema.Struct({
        patchIdle: Schema.Array(Schema.Number),
        unpatchIdle: Schema.Array(Schema.Number),
        patchBusyLoopPerCpu: Schema.Number,
        unpatchBusyLoopPerCpu: Schema.Number,
      }),
    ),
  }),
);

export const realKernel = Schema.decodeUnknownSync(RealKernel)(readFileSync(new URL("data/real-kernel.json", import.meta.url), "utf8"));

/** Some quantity by number of CPUs. */
type ByCpus = ReadonlyMap<number, number>;

/** A column of the stop_machine table. */
export const stopMachineColumn = (name: string): ByCpus => {
  const { columns, rows } = realKernel.stopMachineUs;
  const nth = columns.indexOf(name);
  if (nth < 0) throw new Error(`there is no column "${name}"`);
  return new Map(rows.map((row) => [row[0] as number, row[nth] as number]));
};

const byCpus = (times: Readonly<Record<string, number>>): ByCpus =>
  new Map(Object.entries(times).map(([cpus, time]) => [Number(cpus), time]));

/** With two cores for all CPUs. */
export const onTwoCoresUs = {
  stop: byCpus(realKernel.oversubscribed.stopMachineP50Us),
  broadcast: byCpus(realKernel.oversubscribed.ipiBroadcastWaitP50Us),
};

export const at = (column: ByCpus, cpus: number): number => {
  const value = column.get(cpus);
  if (value === undefined) throw new Error(`the real kernel was not measured so with ${cpus} CPUs`);
  return value;
};
