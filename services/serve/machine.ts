// The one machine that a server runs for its pages: started, steered and ended by their orders, each of which is written down so that the
// same can be had from the command line.
import { stringify } from "yaml";
import { readAddress } from "../../shared/live/bus/address.ts";
import type { Incoming } from "../../shared/live/bus/reading.ts";
import type { Reins } from "../../shared/live/driver/lookout.ts";
import { isProblem, parseFault, printFault } from "../../shared/nemesis/grammar.ts";
import { printDuration } from "../../shared/nemesis/units.ts";
import { Present, type Standing } from "../../shared/page/present.ts";
import type { Control, Operation } from "../../shared/protocol/messages.ts";
import type { Summary } from "../../shared/report/summary.ts";
import { execute } from "../cli/engines/execute.ts";
import { errorText } from "../cli/exit.ts";
import { writeManifest } from "../cli/manifestFile.ts";
import { writeResults } from "../cli/results.ts";
import { type Configuration, cpusNamedIn } from "../cli/settings/configuration.ts";
import { givenTexts, reproLine } from "../cli/settings/repro.ts";
import { isRepeatable } from "../cli/settings/table.ts";
import { compressJournal } from "../recorder/journalFile.ts";
import { makeRunFolder, type RunFolder } from "../recorder/runFolder.ts";
import { Refused } from "./answer.ts";
import { apiLimits, type Join, type LiveRun } from "./api.ts";

export interface MachineOptions {
  readonly configuration: Configuration;
  readonly stayOn: boolean;
  /** The pages that may join it. */
  readonly origins: readonly string[];
}

/** Nobody clicks more finely. */
const wholeUs = (ns: number): number => 1_000 * Math.ceil(ns / 1_000);

export class Machine {
  /** Resolves when the last file has been written. */
  readonly ended: Promise<void>;
  private readonly configuration: Configuration;
  private readonly folder: RunFolder;
  private readonly abort = new AbortController();
  private readonly operations: Operation[];
  private readonly faults: string[];
  private readonly orders: string[] = [];
  /** The settings that turn a transition as somebody has turned it by hand. */
  private turned: Pick<Configuration["given"], "limit" | "on-limit"> = {};
  private readonly notices: string[] = [];
  /** What is heard of it from the start on, for pages that are opened later. */
  private readonly present: Present;
  private phase: LiveRun["phase"] = "starting";
  private reins: Reins | null = null;
  private join: Join | null = null;
  private summary: Summary | null = null;
  private error: string | null = null;

  constructor({ configuration, stayOn, origins }: MachineOptions) {
    this.configuration = configuration;
    this.present = new Present(configuration.setup.cpus, "off");
    this.operations = [...configuration.setup.operations];
    this.faults = configuration.plan.faults.map(printFault);
    this.folder = makeRunFolder(configuration.out, "run");
    this.writeRepro();
    writeManifest(this.folder, "run", configuration);
    this.ended = this.run(stayOn, origins);
  }

  get isOver(): boolean {
    return this.phase === "ended";
  }

  // ---- orders ----

  inject(text: string): void {
    const fault = parseFault(text);
    if (isProblem(fault)) throw new Refused(400, fault.message);
    const absent = Math.max(-1, ...cpusNamedIn(fault));
    if (absent >= this.configuration.setup.cpus) throw new Refused(400, `there is no cpu ${absent}`);
    if (this.reins?.inject(fault) !== true) throw new Refused(409, "faults are off: the machine is not up yet, or has been healed");
    this.faults.push(printFault(fault));
    this.writeRepro();
  }

  operate(operation: Operation): void {
    if (this.operations.at(-1) === operation) throw new Refused(409, `there is nothing left to ${operation}`);
    this.control({ kind: "control", do: "operate", operation });
    this.operations.push(operation);
    this.writeRepro();
  }

  /** Of a transition that is under way. A stop is never turned: it ends by itself. */
  turn(how: "reverse" | "force"): void {
    const { gradual, name } = this.configuration.setup.model;
    const may = how === "reverse" ? gradual?.reversible === true : gradual !== null;
    if (!may) throw new Refused(409, `${name} has no ${how}`);
    const sinceNs = this.reins?.sinceOpened() ?? null;
    if (sinceNs === null) throw new Refused(409, "no transition is under way");
    this.control({ kind: "control", do: how });
    this.orders.push(`${how} at ${printDuration(this.now())}`);
    this.turned = { limit: Math.max(1_000, wholeUs(sinceNs)), "on-limit": how };
    this.writeRepro();
  }

  finish(): void {
    if (this.phase === "starting") throw new Refused(409, "the machine is not up yet: end it at once, or wait");
    this.phase = this.isOver ? "ended" : "ending";
    this.reins?.finish();
  }

  stop(): void {
    this.abort.abort();
  }

  private control(msg: Control): void {
    if (this.reins === null || this.phase !== "running" || this.now() === 0) throw new Refused(409, "the machine is not up");
    this.reins.control(msg);
  }

  private now(): number {
    return wholeUs(this.reins?.now() ?? 0);
  }

  // ---- what it is ----

  /** With all that was done to it since. */
  private amended(): Configuration {
    const { given, setup } = this.configuration;
    const [, ...further] = this.operations;
    // biome-ignore lint/suspicious/noThenProperty: the setting is called so, and nobody awaits it.
    const amendments = { fault: this.faults, ...this.turned, ...(further.length > 0 && { then: further }), seed: setup.seed };
    return { ...this.configuration, given: { ...given, ...amendments } };
  }

  private scenario(): string {
    const settings = [...givenTexts(this.amended())].filter(([name, texts]) => name !== "out" && texts.length > 0);
    const entries = settings.map(([name, texts]) => [name, isRepeatable(name) ? texts : texts[0]]);
    return stringify({ schema: "quiesce.scenario/1", ...Object.fromEntries(entries) });
  }

  private command(): string {
    return reproLine(this.amended(), [], "run", ["out", "engine"]);
  }

  private writeRepro(): void {
    this.folder.write("repro.txt", `${this.command()}\n`);
  }

  shown(): LiveRun {
    const { setup, hosts } = this.configuration;
    return {
      run: this.folder.name,
      phase: this.phase,
      cpus: setup.cpus,
      hosts,
      model: { name: setup.model.name, gradual: setup.model.gradual !== null },
      patch: setup.patch.id,
      workload: setup.workload.name,
      seed: setup.seed,
      operations: [...this.operations],
      faults: [...this.faults],
      orders: [...this.orders],
      command: this.command(),
      scenario: this.scenario(),
      join: this.join,
      notices: [...this.notices],
      summary: this.summary,
      error: this.error,
    };
  }

  /** Null before it is on, and when it is over. */
  standing(): Standing | null {
    const { reins, present } = this;
    if (reins === null) return null;
    const { faults, packets } = reins.counts();
    return { run: this.folder.name, present: present.snapshot(), faults, packets };
  }

  // ---- its life ----

  private hear(heard: Incoming): void {
    this.present.pass(this.reins?.now() ?? 0);
    this.present.hear(heard);
  }

  private notice(text: string): void {
    if (this.notices.length < apiLimits.notices) this.notices.push(text);
  }

  private async run(stayOn: boolean, origins: readonly string[]): Promise<void> {
    const { configuration, folder } = this;
    const onOpen = (webSocket: string, viewer: string, reins: Reins): void => {
      const { user, password } = readAddress(viewer) ?? {};
      this.reins = reins;
      this.phase = "running";
      // A server that is not the run's own takes no viewers.
      if (webSocket !== "" && user !== undefined && password !== undefined) this.join = { webSocket, user, password };
    };
    const onClose = (): void => {
      this.reins = null;
      this.join = null;
      this.phase = "ending";
    };
    try {
      const ran = await execute({
        configuration,
        run: folder.name,
        journal: folder.journal,
        folder: folder.path,
        progress: null,
        viewed: { viewing: { origins, stayOn, onOpen, onClose }, operations: () => this.operations },
        onFact: (_, fact) => {
          if (fact.fact === "died") this.present.died(fact.cpu);
        },
        onMessage: (incoming) => this.hear(incoming),
        onNotice: (text) => this.notice(text),
        signal: this.abort.signal,
      });
      const setup = { ...configuration.setup, operations: this.operations };
      this.summary = writeResults(folder, { ...configuration, setup }, ran);
      if (configuration.journal !== "off") await compressJournal(folder.journal);
    } catch (error) {
      this.error = errorText(error).trim();
    }
    onClose();
    this.phase = "ended";
  }
}
