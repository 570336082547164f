// A process that runs one life of the coordinator.
import { runCoordinator } from "../../shared/live/process/coordinatorProcess.ts";

runCoordinator();
