// `quiesce shrink`: the smallest scenario that still breaks the same promise, as a file, as one line, and as a picture of who said what.
import { pictureOf } from "../../shared/chaos/picture.ts";
import { type Scenario, shrink as smallest } from "../../shared/chaos/shrink.ts";
import { type Case, type Trial, takeTrial } from "../../shared/chaos/trial.ts";
import { BadInput } from "../../shared/machine/badInput.ts";
import { printFault } from "../../shared/nemesis/grammar.ts";
import { counted } from "../../shared/report/counted.ts";
import { sequenceText } from "../../shared/report/sequenceText.ts";
import type { Shrunk } from "../../shared/report/shrinkSummary.ts";
import type { Carried } from "../../shared/virtual/network.ts";
import { makeRunFolder } from "../recorder/runFolder.ts";
import { collectedFrom } from "./chaos/cases.ts";
import { exitCodes } from "./exit.ts";
import { json, writeManifest } from "./manifestFile.ts";
import { pageBeside } from "./report/beside.ts";
import { type Configuration, configure } from "./settings/configuration.ts";
import { reproLine } from "./settings/repro.ts";
import { scenarioFile } from "./settings/scenarioFile.ts";
import type { Given, SettingName } from "./settings/table.ts";
import { subjectOf } from "./shrink/subject.ts";

export interface ShrinkRequest {
  readonly run: string | undefined;
  readonly scenario: string | undefined;
  readonly seed: number | undefined;
  readonly monitor: string | undefined;
  readonly json: boolean;
}

const caseOf = ({ setup, plan, timeLimitNs, eventLimit }: Configuration): Case => ({ setup, plan, timeLimitNs, eventLimit });

const scenarioOf = ({ setup, plan, given }: Configuration): Scenario => ({
  seed: setup.seed,
  cpus: setup.cpus,
  tasksPerCpu: setup.tasksPerCpu,
  sequel: given.then ?? [],
  ...(given.limit !== undefined && { limit: given.limit }),
  ...(given.attempts !== undefined && { attempts: given.attempts }),
  ...(given["time-limit"] !== undefined && { timeLimit: given["time-limit"] }),
  faults: plan.faults,
});

const without = (given: Given, names: readonly SettingName[]): Given =>
  Object.fromEntries(Object.entries(given).filter(([name]) => !names.some((one) => one === name)));

/** The settings of a scenario: what it leaves out is not set. */
const givenOf = (
  base: Given,
  { seed, cpus, tasksPerCpu, sequel: then, limit, attempts, timeLimit, faults }: Scenario,
  usualTasks: number,
): Given => {
  return {
    ...without(base, ["then", "limit", "attempts", "time-limit", "tasks-per-cpu", "fault"]),
    seed,
    cpus,
    ...(tasksPerCpu !== usualTasks && { "tasks-per-cpu": tasksPerCpu }),
    ...(then.length > 0 && { then }),
    ...(limit !== undefined && { limit }),
    ...(attempts !== undefined && { attempts }),
    ...(timeLimit !== undefined && { "time-limit": timeLimit }),
    ...(faults.length > 0 && { fault: faults.map(printFault) }),
  };
};

/** The scenarios of one failing run. */
class Bench {
  runs = 0;
  private readonly base: Given;
  private readonly monitor: string;
  private readonly usualTasks: number;

  constructor({ given, setup }: Configuration, monitor: string) {
    this.base = given;
    this.monitor = monitor;
    this.usualTasks = setup.workload.tasksPerCpu;
  }

  configurationOf(scenario: Scenario): Configuration {
    return configure(collectedFrom(givenOf(this.base, scenario, this.usualTasks)));
  }

  /** What no run would take, such as more of something than there is, does not fail. */
  readonly fails = (scenario: Scenario): boolean => {
    try {
      return this.take(scenario).failures.some(({ monitor }) => monitor === this.monitor);
    } catch (error) {
      if (error instanceof BadInput) return false;
      throw error;
    }
  };

  readonly packetsOf = (scenario: Scenario): readonly Carried[] => {
    const packets: Carried[] = [];
    this.take(scenario, (packet) => packets.push(packet));
    return packets;
  };

  private take(scenario: Scenario, onPacket?: (packet: Carried) => void): Trial {
    this.runs++;
    return takeTrial(caseOf(this.configurationOf(scenario)), { turnsAfterBreach: 1_000, ...(onPacket && { onPacket }) });
  }
}

const sizeText = ({ faults, cpus, operations }: Shrunk["before"]): string =>
  `${counted(faults, "fault")}, ${counted(cpus, "CPU")} and ${counted(operations, "operation")}`;

const textOf = ({ monitor, reason, before, after, runs, replay, scenario }: Shrunk, picture: string, path: string): string =>
  [
    `  ${monitor}: ${reason}`,
    `  from ${sizeText(before)} to ${sizeText(after)}, in ${counted(runs, "run")}`,
    "",
    ...scenario
      .trimEnd()
      .split("\n")
      .map((line) => `    ${line}`),
    "",
    picture,
    `  folder    ${path}`,
    `  scenario  ${path}/scenario.yaml`,
    `  report    ${path}/report.html`,
    `  replay    ${replay}`,
    "",
  ].join("\n");

const sizeOf = ({ faults, cpus, sequel }: Scenario): Shrunk["before"] => ({ faults: faults.length, cpus, operations: 1 + sequel.length });

/** Gives the exit code. */
export const shrink = async (request: ShrinkRequest): Promise<number> => {
  const given = without(subjectOf(request.run, request.scenario, request.seed), ["engine", "hosts", "nats", "journal"]);
  const configuration = configure(collectedFrom({ ...given, engine: "virtual" }));
  const { failures } = takeTrial(caseOf(configuration));
  const failure = failures.find(({ monitor }) => request.monitor === undefined || monitor === request.monitor);
  if (failure === undefined) {
    const others = failures.length > 0 ? `; it breaks ${failures.map(({ monitor }) => monitor).join(", ")}` : "";
    process.stderr.write(
      `quiesce: in virtual time this run breaks ${request.monitor ?? "no promise"}${others}: there is nothing to shrink\n`,
    );
    return exitCodes.unknown;
  }
  const bench = new Bench(configuration, failure.monitor);
  const before = scenarioOf(configuration);
  const { scenario: after, isMinimal } = smallest(before, bench);
  if (!isMinimal) process.stderr.write("quiesce: the limit of rounds was reached: something might still be left out\n");
  const found = bench.configurationOf(after);
  const picture = sequenceText(pictureOf(caseOf(found)));
  const folder = makeRunFolder(configuration.out, "shrink");
  const shrunk: Shrunk = {
    schema: "quiesce.shrink/1",
    run: folder.name,
    model: found.setup.model.name,
    monitor: failure.monitor,
    reason: takeTrial(caseOf(found)).failures.find(({ monitor }) => monitor === failure.monitor)?.reason ?? failure.reason,
    seed: after.seed,
    before: sizeOf(before),
    after: sizeOf(after),
    runs: bench.runs,
    faults: after.faults.map(printFault),
    replay: reproLine(found),
    scenario: scenarioFile(found),
  };
  writeManifest(folder, "shrink", found);
  folder.write("scenario.yaml", shrunk.scenario);
  folder.write("repro.txt", `${shrunk.replay}\n`);
  folder.write("sequence.txt", picture);
  folder.write("summary.json", json(shrunk));
  await pageBeside(folder);
  process.stdout.write(request.json ? json(shrunk) : textOf(shrunk, picture, folder.path));
  return exitCodes.holds;
};
