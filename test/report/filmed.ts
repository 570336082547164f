// A small virtual run as its summary and the film of one of its epochs, beside what the engine knows of its packets.
import { judgeOf } from "../../shared/oracle/judgement.ts";
import type { Setup } from "../../shared/protocol/setup.ts";
import type { Film } from "../../shared/report/html/film.ts";
import { sceneOf } from "../../shared/report/html/scene.ts";
import { summarize } from "../../shared/report/summarize.ts";
import type { Summary } from "../../shared/report/summary.ts";
import { Filming } from "../../shared/trace/film.ts";
import type { Carried } from "../../shared/virtual/network.ts";
import { runOf } from "../trace/drawn.ts";

export interface Filmed {
  readonly summary: Summary;
  readonly film: Film;
  readonly packets: readonly Carried[];
}

export const filmed = (setup: Setup, faults: readonly string[] = [], mode: "full" | "facts" = "full"): Filmed => {
  const { header, entries, packets, end } = runOf(setup, faults, mode);
  const judge = judgeOf(setup);
  for (const { at, clock, actor, kind, body } of entries) if (kind === "fact") judge.announce({ at, clock, actor, fact: body });
  const counts = faults.map((text) => ({ text, matched: 1, applied: 1 }));
  const judgement = judge.conclude(end, counts);
  const summary = summarize({
    run: "a-run",
    engine: "virtual",
    hosts: 0,
    setup,
    end,
    faults: counts,
    judgement,
    wire: null,
    wallMs: 1,
    maxRssMb: 1,
  });
  const scene = sceneOf(summary, null);
  if (scene === null || scene === undefined) throw new Error("a run in which nothing was asked");
  const filming = new Filming(header, scene);
  for (const entry of entries) filming.take(entry);
  return { summary, film: filming.finish(), packets };
};
