// The page of one run.
import { countText, plural } from "../../figure/numbers.ts";
import type { Summary } from "../summary.ts";
import { html } from "./html.ts";
import { linesOf, type Origin } from "./origin.ts";
import type { Page, Section } from "./page.ts";
import { listShown, type Picture, pictureShown, tableOf } from "./parts.ts";
import { culpritsOf } from "./runPictures.ts";
import { engineText, usText } from "./words.ts";

const outcomeText = ({ outcome, operations, cpus, attempts, pending }: Summary): string => {
  const tries = plural(attempts, "attempt");
  if (outcome === "committed") {
    const what = operations.asked > 1 ? `${operations.committed} of ${operations.asked} operations committed` : "committed";
    return `${what} on ${plural(cpus, "CPU")} in ${tries}`;
  }
  if (outcome === "aborted") return `aborted, nothing changed, after ${tries}`;
  return pending > 0 ? `still open: ${plural(pending, "task")} not switched` : `did not come to its end in ${tries}`;
};

const verdictWords = { valid: "Valid", violated: "Violated", unknown: "Unknown" } as const;

const numbersOf = (summary: Summary): Page["numbers"] => {
  const { timings: t, ipis, model, checks, signals, interrupted, forced, hazards, ignored } = summary;
  const lost = ipis.dropped + ipis.corrupted;
  const aside = [
    lost > 0 ? `${countText(lost)} lost` : [],
    ipis.resent > 0 ? `${countText(ipis.resent)} resent` : [],
    ipis.late > 0 ? `${countText(ipis.late)} late` : [],
  ].flat();
  const ofStop = [
    ["gather", usText(t.gatherUs), "until every task was held"],
    ["stop", usText(t.stopUs), "longest that a CPU ran nothing"],
    ["interrupts off", usText(t.irqsOffUs), "longest on one CPU"],
    ["decide", usText(t.decideUs), "last vote to decision"],
  ] as const;
  const ofTransition = [
    ["switch", usText(t.switchUs), "first asked to decision"],
    ["checks", countText(checks), signals > 0 ? `${countText(signals)} rounds of signals` : ""],
  ] as const;
  return [
    ["total", usText(t.totalUs), "first epoch opened to last closed"],
    ...(model.switch === "kernel" ? ofStop : ofTransition),
    ["two versions", usText(t.mixedUs), "side by side"],
    ["tasks held", usText(t.heldTaskUs), "added up over tasks"],
    ["IPIs", countText(ipis.sent), aside.join(", ")],
    ...(interrupted > 0 ? [["EINTR", countText(interrupted), "system calls interrupted"] as const] : []),
    ...(forced > 0 ? [["forced", countText(forced), "tasks: nothing is promised for them"] as const] : []),
    ...(hazards.call + hazards.data > 0
      ? [["hazards", `${hazards.call} / ${hazards.data}`, "calls / data that met both versions"] as const]
      : []),
    ...(ignored > 0 ? [["ignored", countText(ignored), "messages late or senseless"] as const] : []),
  ];
};

const phasesOf = ({ phases }: Summary): Section => ({
  id: "phases",
  title: "Rounds",
  body: tableOf("Rounds", {
    head: ["epoch", "round", "began at", "took", "acks", "resent", "late"],
    rows: phases.map(({ epoch, name, startUs, endUs, acks, resent, late }) => [
      epoch,
      name,
      usText(startUs),
      endUs === null ? "never ended" : usText(endUs - startUs),
      countText(acks),
      countText(resent),
      countText(late),
    ]),
  }),
});

const faultsOf = ({ faults }: Summary): readonly Section[] =>
  faults.length === 0
    ? []
    : [
        {
          id: "faults",
          title: "Faults",
          body: tableOf("Faults", {
            head: ["fault", "matched", "applied"],
            rows: faults.map(({ text, matched, applied }) => [text, matched, applied]),
          }),
        },
      ];

const brokenOf = ({ violations, broken, watchdogs }: Summary): readonly Section[] => {
  const violated = violations.map(({ monitor, reason, atUs, cpu, task }) => [
    monitor,
    reason,
    usText(atUs),
    cpu === undefined ? "–" : `cpu ${cpu}`,
    task ?? "–",
  ]);
  const sections: Section[] = [];
  if (violated.length > 0)
    sections.push({
      id: "violations",
      title: "Broken promises",
      body: tableOf("Broken promises", { head: ["promise", "what happened", "at", "CPU", "task"], rows: violated }),
    });
  if (watchdogs.length > 0)
    sections.push({
      id: "watchdogs",
      title: "What a kernel's watchdogs would have said",
      body: tableOf("Watchdogs", {
        head: ["watchdog", "CPU", "at"],
        rows: watchdogs.map(({ kind, cpu, atUs }) => [kind, `cpu ${cpu}`, usText(atUs)]),
      }),
    });
  if (broken.length > 0)
    sections.push({
      id: "others",
      title: "Guarantees of other models that this run did not keep",
      body: html`<p>They are no part of its verdict: its own model does not promise them.</p>${listShown(broken)}`,
    });
  return sections;
};

/** So many are named in words. */
const mostNamed = 5;

const whoOf = (summary: Summary): readonly Section[] => {
  const culprits = culpritsOf(summary);
  if (culprits.length === 0) return [];
  const rows = culprits.slice(0, mostNamed).map(({ name, why, ns }) => [name, why, usText(ns / 1000)]);
  return [{ id: "who", title: "Who held it up", body: tableOf("Who held it up", { head: ["who", "why", "for"], rows }) }];
};

export const runPage = (summary: Summary, pictures: readonly Picture[], origin: Origin): Page => {
  const { model, engine, hosts, cpus, tasks, seed, verdict, reasons, topology, violations } = summary;
  const { folder, replayable } = origin;
  return {
    lead: [
      "quiesce run",
      model.name,
      `${engineText(engine)}${hosts > 0 ? ` (${hosts === 1 ? "1 process" : `${countText(hosts)} processes`})` : ""}`,
      `${plural(cpus, "CPU")}${topology === undefined ? "" : ` by ${topology}`}`,
      plural(tasks, "task"),
      `seed ${seed}`,
    ],
    tone: verdict,
    verdict: `${verdictWords[verdict]}: ${outcomeText(summary)}`,
    reasons,
    numbers: numbersOf(summary),
    sections: [
      ...brokenOf(summary).filter(({ id }) => id === "violations"),
      ...whoOf(summary),
      {
        id: "pictures",
        title: "Pictures",
        body: html`${origin.doubts.map((doubt) => html`<p class="aside">${doubt}</p>\n`)}${pictures.map(pictureShown)}`,
      },
      phasesOf(summary),
      ...faultsOf(summary),
      ...brokenOf(summary).filter(({ id }) => id !== "violations"),
    ],
    lines: [
      ...(replayable ? [{ what: "replay it, step by step the same", line: `./quiesce replay ${folder}` }] : []),
      ...(violations.length > 0
        ? [{ what: "shrink it to the smallest scenario that fails alike", line: `./quiesce shrink ${folder}` }]
        : []),
      ...(replayable ? [{ what: "all of it, for ui.perfetto.dev", line: `./quiesce trace ${folder} --out trace.json` }] : []),
      ...linesOf(origin),
    ],
    footer: [summary.run, ...origin.recorded],
  };
};
