// conservation: no request is lost, and none is served twice.
//
// A CPU counts what has arrived from the plan of arrivals, and what has become of it where that happens.
import type { Census } from "../../kernel/life.ts";
import { forEveryModel, type Monitor } from "../monitor.ts";

export const conservation: Monitor = {
  name: "conservation",
  about: "protocol",
  guarantee: "each request that arrived on a CPU has been answered once, is in service there, or waits",
  appliesTo: forEveryModel,
  watch: (_, breach) => {
    const look = ({ cpu, census }: { readonly cpu: number; readonly census: Census }, at: number): void => {
      if (census.requests === undefined) return;
      const { arrived, answered, queued, inService } = census.requests;
      if (arrived === answered + queued + inService) return;
      const reason = `cpu ${cpu}: ${arrived} requests arrived, but ${answered} are answered, ${queued} wait and ${inService} are in service`;
      breach({ reason, at, cpu });
    };
    return { memory: {}, on: { held: look, voted: look, resumed: look } };
  },
};
