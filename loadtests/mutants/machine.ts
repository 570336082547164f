// The machine on which mutants are hunted: four CPUs with little to do, so that a run takes a millisecond.
import type { Model } from "../../shared/consistency/model.ts";
import type { Profile } from "../../shared/kernel/profile.ts";
import { profiles } from "../../shared/kernel/profiles.ts";
import { prey } from "../../shared/mutants/grounds.ts";
import type { Setup } from "../../shared/protocol/setup.ts";
import { flat } from "../../shared/protocol/topology.ts";
import type { Hunt } from "../../shared/virtual/hunt.ts";

/** The model with the pauses of a small machine: what takes a real one seconds takes this one milliseconds. */
const hastened = (model: Model): Model => ({
  ...model,
  retryNs: 100_000,
  limitNs: model.limitNs === null ? null : 20_000_000,
  holdLimitNs: 40_000_000,
  gradual: model.gradual === null ? null : { ...model.gradual, checkNs: 1_000_000 },
});

const machineOf = (model: Model): Setup => ({
  ...prey,
  seed: 1,
  cpus: 4,
  model: hastened(model),
  profile: profiles[0] as Profile,
  operations: ["patch"],
  resend: { firstNs: 20_000, capNs: 2_000_000 },
  topology: flat,
  bootLimitNs: 5_000_000,
});

export const hunt: Hunt = { machineOf, seeds: 400, timeLimitNs: 200_000_000, eventLimit: 20_000 };
