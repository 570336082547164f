// The runs of a chaos study by their numbers: each is what `quiesce run` would make of the settings that its number gives.
//
// Whatever a study draws is drawn as settings and faults, so that one line runs any of its runs again, exactly.
import { drawLiveSettings, drawSettings, modelOfSeed } from "../../../shared/chaos/draw.ts";
import { limitsInPauses, lossesPercent, surfacePauseNs } from "../../../shared/chaos/surface.ts";
import type { Case } from "../../../shared/chaos/trial.ts";
import { whyNotAtLimit } from "../../../shared/consistency/atLimit.ts";
import type { Model } from "../../../shared/consistency/model.ts";
import { findModel } from "../../../shared/consistency/registry.ts";
import { BadInput } from "../../../shared/machine/badInput.ts";
import { mutantNamed } from "../../../shared/mutants/registry.ts";
import { attrition, wearOf } from "../../../shared/nemesis/attrition.ts";
import { printFault } from "../../../shared/nemesis/grammar.ts";
import type { Fault } from "../../../shared/nemesis/registry.ts";
import { swarmPlan } from "../../../shared/nemesis/swarm.ts";
import { setsFor } from "../compare/plan.ts";
import type { Collected } from "../settings/collect.ts";
import { type Configuration, configure } from "../settings/configuration.ts";
import { wouldForce } from "../settings/model.ts";
import type { Given } from "../settings/table.ts";

/** What a study is of: plain data, for its threads and for its manifest. */
export interface Study {
  readonly given: Given;
  readonly models: readonly Model[];
  readonly firstSeed: number;
  /** Seeds; of each cell of a surface, if it is one. */
  readonly seeds: number;
  readonly surface: boolean;
}

interface Cell {
  readonly percent: number;
  readonly pauses: number;
}

/** About what a patch takes live: over so long its faults are spread. */
const livePatchNs = 100_000_000;

/** Loss by loss, and of each loss limit by limit. */
export const surfaceCells: readonly Cell[] = lossesPercent.flatMap((percent) => limitsInPauses.map((pauses) => ({ percent, pauses })));

export const sizeOf = ({ seeds, surface }: Study): number => (surface ? seeds * surfaceCells.length : seeds);

/** Of settings that were read before, and so are right. */
export const collectedFrom = (given: Given): Collected => ({
  given,
  origins: {},
  blame: (name, message) => new BadInput("", `--${name}`, message),
});

/** The settings that make `run` take this model; limits and policies only where it has a use for them. */
export const ofModel = ({ given, models }: Pick<Study, "given" | "models">, model: Model): Given => {
  const { "on-limit": onLimit, limit, set, ...rest } = given;
  const canDo = onLimit !== undefined && whyNotAtLimit(model, onLimit) === undefined && (model.limitNs !== null || limit !== undefined);
  return {
    ...rest,
    ...(findModel(model.name) === undefined ? { leave: model.leave, switch: model.switch } : { model: model.name }),
    ...(limit !== undefined && !wouldForce(model, given) && { limit }),
    ...(canDo && { "on-limit": onLimit }),
    ...(set !== undefined && { set: setsFor(set, model, models) }),
    engine: given.engine ?? "virtual",
  };
};

/** So much loss both ways, and a limit of so many pauses between repeats, all of one length. */
const ofCell = (given: Given, { percent, pauses }: Cell, model: Model): Given => {
  const kinds = model.gradual === null ? ["stop", "ack"] : ["transition", "text", "ack"];
  return {
    ...given,
    ...(model.onLimit !== "force" && { limit: pauses * surfacePauseNs }),
    attempts: 1,
    fault: [...(given.fault ?? []), ...kinds.map((kind) => `drop ${percent}% of ${kind}`)],
    set: [...(given.set ?? []), `resend.capNs=${surfacePauseNs}`, `resend.firstNs=${surfacePauseNs}`],
  };
};

/** One run: what it has in common with others, and its own. */
interface Numbered {
  readonly base: Configuration;
  readonly seed: number;
  readonly swarm: readonly Fault[];
}

export class Cases {
  private readonly study: Study;
  /** To settle settings costs as much as a small run, and few of them differ. */
  private readonly bases = new Map<string, Configuration>();

  constructor(study: Study) {
    this.study = study;
  }

  /** The settings of a run, seed and faults among them, as anybody could write them. */
  settingsAt(index: number): Given {
    const { base, seed, swarm } = this.at(index);
    return { ...base.given, seed, fault: [...(base.given.fault ?? []), ...swarm.map(printFault)] };
  }

  caseAt(index: number): Case {
    const { base, seed, swarm } = this.at(index);
    const { setup, plan, timeLimitNs, eventLimit } = base;
    return { setup: { ...setup, seed }, plan: { seed, faults: [...plan.faults, ...swarm] }, timeLimitNs, eventLimit };
  }

  private at(index: number): Numbered {
    const { study } = this;
    const seed = study.firstSeed + (index % study.seeds);
    const model = study.surface ? (study.models[0] as Model) : modelOfSeed(seed, study.models);
    if (study.surface) {
      const cell = surfaceCells[Math.floor(index / study.seeds)] as Cell;
      return { base: this.baseOf(model, `${cell.percent} ${cell.pauses}`, (given) => ofCell(given, cell, model)), seed, swarm: [] };
    }
    const live = study.given.engine === "live";
    const drawn = live ? drawLiveSettings(seed) : drawSettings(seed, model);
    const base = this.baseOf(model, JSON.stringify(drawn), (given) => ({ ...drawn, ...given }));
    const { cpus, operations } = base.setup;
    const swarm = swarmPlan(seed, { cpus, model: base.setup.model });
    const wear = live ? attrition(seed, wearOf(cpus, operations.length, operations.length * livePatchNs)) : [];
    return { base, seed, swarm: [...swarm, ...wear] };
  }

  private baseOf(model: Model, key: string, change: (given: Given) => Given): Configuration {
    const name = `${model.name} ${key}`;
    let base = this.bases.get(name);
    if (base === undefined) {
      const given = change(ofModel(this.study, model));
      base = configure(collectedFrom({ ...given, seed: this.study.firstSeed }));
      this.bases.set(name, base);
    }
    return base;
  }
}

/** With the faults under which a mutant shows in front of all others. */
export const withMutantsFaults = (given: Given): Given =>
  given.mutant === undefined ? given : { ...given, fault: [...mutantNamed(given.mutant).faults, ...(given.fault ?? [])] };
