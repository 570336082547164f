// The budgets of a search in words.
import { printTopology } from "../protocol/topology.ts";
import type { ExploreSetup } from "./machines/setup.ts";

const counted = (count: number, one: string, more: string): string => (count === 0 ? "" : `${count} ${count === 1 ? one : more}`);

/** By which way rounds go, if not straight, and what may go wrong, in all. */
export const budgetsText = ({ budgets, model, topology }: ExploreSetup): string => {
  const { drops, copies, cpuCrashes, coordinatorCrashes, secondCoordinator, calls, checks } = budgets;
  const parts = [
    counted(drops, "drop", "drops"),
    counted(copies, "copy", "copies"),
    counted(cpuCrashes, "CPU crash", "CPU crashes"),
    counted(coordinatorCrashes, "coordinator crash", "coordinator crashes"),
    counted(secondCoordinator, "second coordinator", "more coordinators"),
    counted(calls, "call", "calls"),
    model.gradual === null ? "" : counted(checks, "failed check", "failed checks"),
  ].filter((part) => part !== "");
  const faults = parts.length === 0 ? "no faults" : `at most ${parts.join(", ")}`;
  const way = topology.shape === "flat" ? "" : `${printTopology(topology)}, `;
  return `${way}${faults}, ${counted(model.attempts, "attempt", "attempts")}`;
};
