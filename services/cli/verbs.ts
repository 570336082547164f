// The verbs in the order of help; each is in a file of its kind, and what it does in the file of its name.
import * as Command from "effect/cli/Command";
import type { Finish } from "./flags.ts";
import { doctorVerb, listVerb, validateVerb } from "./verbs/about.ts";
import { chaosVerb, shrinkVerb } from "./verbs/chaos.ts";
import { coordinatorVerb, cpuVerb, recorderVerb, upVerb } from "./verbs/cluster.ts";
import { compareVerb } from "./verbs/compare.ts";
import { exploreVerb } from "./verbs/explore.ts";
import { conformanceVerb, workloadVerb } from "./verbs/kernel.ts";
import { keysVerb } from "./verbs/keys.ts";
import { loadVerb } from "./verbs/load.ts";
import { diffVerb, replayVerb, reportVerb, traceVerb } from "./verbs/recorded.ts";
import { runVerb } from "./verbs/run.ts";
import { scaleVerb, workerVerb } from "./verbs/scale.ts";
import { serveVerb } from "./verbs/serve.ts";

export const commandFor = (finish: Finish): Command.Command<"quiesce", Record<never, never>, Record<never, never>, unknown> =>
  Command.make("quiesce").pipe(
    Command.withDescription("Brings every CPU of a simulated machine to rest, patches its kernel and lets it run again"),
    Command.withSubcommands([
      runVerb(finish),
      compareVerb(finish),
      scaleVerb(finish),
      chaosVerb(finish),
      loadVerb(finish),
      exploreVerb(finish),
      shrinkVerb(finish),
      replayVerb(finish),
      reportVerb(finish),
      traceVerb(finish),
      diffVerb(finish),
      serveVerb(finish),
      listVerb(() => commandFor(finish)),
      validateVerb,
      doctorVerb(finish),
      upVerb(finish),
      coordinatorVerb(finish),
      cpuVerb(finish),
      recorderVerb(finish),
      workerVerb(finish),
      keysVerb(finish),
      conformanceVerb(finish),
      workloadVerb,
    ]),
  );
