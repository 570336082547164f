// A process of simulated CPUs: one by default, several with --hosts.
import { runHost } from "../../shared/live/process/hostProcess.ts";

runHost();
