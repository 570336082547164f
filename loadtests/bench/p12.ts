// P12: rounds in virtual time, told what messages and processes cost here, beside live rounds of the same machines.
import { type Pair, type Row, row, type Sample, type Settings, type Target } from "./measure.ts";
import { isGiven, type Measured, measureProcesses, profileOf } from "./processModel.ts";
import { live, patchesOf, simulated } from "./subject.ts";

const target: Target = { of: "ratio", bound: "within", value: 0.25 };

interface Block {
  readonly hosts: number;
  readonly pinned: boolean;
}

const blocks: readonly Block[] = [true, false].flatMap((pinned) => [1, 2, 4].map((hosts) => ({ hosts, pinned })));

/** No round is asked again: live, the first resend comes later than any of these rounds takes. */
const patience = ["--set", "resend.firstNs=1000000000", "--set", "resend.capNs=2000000000"];

const predicted = (measured: Measured, cpus: number, { hosts, pinned }: Block): Promise<Sample> =>
  simulated(cpus, ["--profile", profileOf(measured, cpus, hosts, pinned), ...patience]);

const tell = ({ carry, host, coordinator, ask }: Measured): void => {
  const us = (value: number): string => value.toPrecision(3);
  process.stderr.write(
    `carrying a message ${us(carry.pinned)} µs pinned, ${us(carry.free)} free; host ${us(host.message)} a message and ${us(host.packet)} a CPU; ` +
      `coordinator ${us(ask)} a round, ${us(coordinator.message)} a message, ${us(coordinator.packet)} an ack\n`,
  );
};

/** Costs are measured anew before the live rounds of a block, so that the machine is as fast or slow for both. */
const trialOf = async (block: Block, sizes: readonly number[], { patches, floorsOnly }: Settings): Promise<readonly Pair[]> => {
  const measured = await measureProcesses(patches);
  tell(measured);
  const pairs: Pair[] = [];
  for (const cpus of sizes) {
    const subject = await predicted(measured, cpus, block);
    const floor = floorsOnly ? {} : await live({ ...block, cpus, patches: patchesOf(cpus, patches) });
    pairs.push({ subject, floor });
  }
  return pairs;
};

/** The subject is the prediction, and live rounds are what it is held to. */
export const p12 = async (settings: Settings): Promise<readonly Row[]> => {
  const { trials, cpus: sizes = [8, 64, 512, 4096] } = settings;
  const rows: Row[] = [];
  for (const block of blocks) {
    const perTrial: Array<readonly Pair[]> = [];
    for (let trial = 0; trial < trials; trial++) perTrial.push(await trialOf(block, sizes, settings));
    const place = `${block.hosts} host${block.hosts > 1 ? "s" : ""}, ${block.pinned ? "pinned" : "free"}`;
    for (const [i, cpus] of sizes.entries()) {
      const pairs = perTrial.map((trial) => trial[i] as Pair);
      const given = isGiven(cpus, block.hosts, block.pinned) ? " (given)" : "";
      rows.push(row({ name: `predicted and live round, ${cpus} CPUs, ${place}${given}`, unit: "µs", key: "p50Us", target }, pairs));
    }
  }
  return rows;
};
