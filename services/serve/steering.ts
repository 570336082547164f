// What pages may ask of a server: at most one machine at a time, started from the settings of the command line and their own.

import { defaultModel, models } from "../../shared/consistency/registry.ts";
import { catalogue, defaultPatchId } from "../../shared/kernel/catalogue.ts";
import { BadInput } from "../../shared/machine/badInput.ts";
import { faultWords } from "../../shared/nemesis/grammar.ts";
import { collectAll, type Flags } from "../cli/settings/collect.ts";
import { configure } from "../cli/settings/configuration.ts";
import { givenTexts } from "../cli/settings/repro.ts";
import type { SettingName } from "../cli/settings/table.ts";
import { defaultWorkloadName, studyPatches, workloadNames } from "../input/inputs.ts";
import { Refused } from "./answer.ts";
import type { Choices, Order } from "./api.ts";
import { Machine } from "./machine.ts";
import { isFileName, namesFiles } from "./order.ts";
import type { Steering } from "./server.ts";

export interface SteeringOptions {
  /** Of the command line. */
  readonly flags: Flags;
  readonly scenario: string | undefined;
  /** Pages of this server, as a browser names where they are from; known once it listens. */
  readonly origins: () => readonly string[];
}

export interface Steered extends Steering {
  /** Ends the machine that runs, in good order. */
  readonly close: () => Promise<void>;
}

/** First comes what is usual. */
const from = (usual: string, names: readonly string[]): readonly string[] => [usual, ...names.filter((name) => name !== usual)];

const overlaid = (flags: Flags, settings: Readonly<Record<string, readonly string[]>>): Flags => {
  for (const name of namesFiles) {
    if (settings[name]?.some(isFileName)) throw new Refused(400, `${name}: a page may give a name, not a file`);
  }
  return new Map([...flags, ...(Object.entries(settings) as ReadonlyArray<[SettingName, readonly string[]]>)]);
};

/** Live, whatever the settings say: a page makes virtual runs by itself. */
const configurationOf = ({ flags, scenario }: SteeringOptions, settings: Readonly<Record<string, readonly string[]>> = {}) =>
  configure(collectAll(new Map([...overlaid(flags, settings), ["engine", ["live"]]]), process.env, scenario));

const choicesOf = (options: SteeringOptions): Choices => {
  const settings = [...givenTexts(configurationOf(options))].filter(([name]) => name !== "seed" || options.flags.get("seed")?.length === 1);
  return {
    models: [defaultModel, ...models.filter((model) => model !== defaultModel)].map(({ name, gradual }) => ({
      name,
      gradual: gradual !== null,
    })),
    workloads: from(defaultWorkloadName, workloadNames()),
    patches: from(
      defaultPatchId,
      [...catalogue, ...studyPatches()].map(({ id }) => id),
    ),
    faults: faultWords,
    settings: Object.fromEntries(settings),
  };
};

export const openSteering = (options: SteeringOptions): Steered => {
  // What is wrong with the command line is said before anything is served.
  const choices = choicesOf(options);
  let machine: Machine | null = null;

  const start = ({ settings, stayOn }: Order & { do: "start" }): void => {
    if (machine !== null && !machine.isOver) throw new Refused(409, "a machine is running: end it first");
    machine = new Machine({ configuration: configurationOf(options, settings), stayOn, origins: options.origins() });
  };

  const steer = (order: Exclude<Order, { do: "start" }>): void => {
    if (machine === null || machine.isOver) throw new Refused(409, "no machine is running");
    switch (order.do) {
      case "inject":
        return machine.inject(order.fault);
      case "operate":
        return machine.operate(order.operation);
      case "reverse":
      case "force":
        return machine.turn(order.do);
      case "finish":
        return machine.finish();
      case "stop":
        return machine.stop();
    }
  };

  return {
    live: () => ({ run: machine?.shown() ?? null }),
    standing: () => machine?.standing() ?? null,
    choices: () => choices,
    obey: (order) => {
      try {
        if (order.do === "start") start(order);
        else steer(order);
      } catch (error) {
        throw error instanceof BadInput ? new Refused(400, error.message) : error;
      }
    },
    close: async () => {
      machine?.stop();
      await machine?.ended;
    },
  };
};
