// Gathering tasks that cannot be gathered: how long `simple` tries before it lets everybody go.
import { type Chapter, exactly } from "../line.ts";
import { modelOf, runMachine } from "../machine.ts";
import { overSeeds } from "../sample.ts";
import { hungDisk } from "../workloads.ts";

const seeds = 5;

export const freezer = (): Chapter => ({
  title: "A gather that cannot succeed",
  method: "`simple` on 8 CPUs of 8 tasks under the `hung-disk` workload: the first epoch, from its opening to its end.",
  lines: [
    {
      quantity: "limit of a gather",
      unit: "s",
      simulated: overSeeds(seeds, (seed) => {
        const { outcome, epochsNs } = runMachine({ model: modelOf("simple"), cpus: 8, tasksPerCpu: 8, workload: hungDisk }, seed);
        if (outcome === "committed") throw new Error("a hung disk did not hold the gather up");
        return (epochsNs[0] as number) / 1e9;
      }),
      published: exactly(20),
      source: "the freezer's limit (kernel/power/process.c, freeze_timeout_msecs, Linux 6.12)",
      given: true,
      why: "The limit is the freezer's. What is tested is that everybody is let go right then. The freezer asks again every 1 to 8 ms; here a CPU says by itself when its last task is held.",
    },
  ],
});
