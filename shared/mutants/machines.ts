// The machines of a run, of which the setup says whether they are a mutant: every engine and every replay builds them here.
import { type Machines, timedMachines } from "../protocol/machines.ts";
import type { Setup } from "../protocol/setup.ts";
import { mutantNamed } from "./registry.ts";

export const machinesOf = (setup: Setup): Machines =>
  timedMachines(setup, setup.mutant === undefined ? {} : mutantNamed(setup.mutant).variant);
