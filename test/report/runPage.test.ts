// The page of a run: what its pictures show is what the engine did, and whatever anybody is called stays text.
import { parseHTML } from "linkedom";
import { assert, describe, it } from "vitest";
import { hybrid } from "../../shared/consistency/hybrid.ts";
import { isCoordinator } from "../../shared/machine/machine.ts";
import { isRoundMessage } from "../../shared/protocol/messages.ts";
import { criticalPath } from "../../shared/report/html/criticalPath.ts";
import { pageText } from "../../shared/report/html/page.ts";
import { runPage } from "../../shared/report/html/runPage.ts";
import { runPictures } from "../../shared/report/html/runPictures.ts";
import { sceneOf } from "../../shared/report/html/scene.ts";
import { spaceTimeOf } from "../../shared/report/html/spaceTime.ts";
import type { Summary } from "../../shared/report/summary.ts";
import { smallSetup, smallWorkload } from "../fixtures/setup.ts";
import { type Filmed, filmed } from "./filmed.ts";

const origin = { folder: "runs/a-run", repro: "./quiesce run --seed 1", recorded: ["today"], doubts: [], replayable: true };

const pageOf = ({ summary, film }: Pick<Filmed, "summary" | "film">): string =>
  pageText(runPage(summary, runPictures(summary, film), origin));

const pictureOf = ({ summary, film }: Filmed, name: string): string => {
  const picture = runPictures(summary, film).find((one) => one.name === name);
  assert.isDefined(picture, `no picture of ${name}`);
  return picture?.svg ?? "";
};

const count = (svg: string, what: string): number => svg.split(what).length - 1;

const quiet = filmed(smallSetup({ cpus: 8 }));
const lossy = filmed(smallSetup({ cpus: 4, seed: 3 }), ["drop 30% of any"]);
/** A transition of a second, with calls between CPUs that lose packets all the while. */
const hardest = filmed(smallSetup({ cpus: 1_000, model: hybrid, workload: { ...smallWorkload, crossCalls: { perSecond: 5 } } }), [
  "drop 20% of any",
]);
const doubled = filmed(smallSetup({ cpus: 4, seed: 3 }), ["duplicate 30% of any"]);

describe("the picture of messages", () => {
  it("draws every packet of a round that the engine lost as a stub with a cross, and no other", () => {
    const { film, packets } = lossy;
    const lost = packets.filter(
      ({ at, fate, msg }) => fate.kind === "lost" && (isRoundMessage(msg) || msg.kind === "ack") && at >= film.fromNs && at <= film.toNs,
    );
    assert.isAbove(lost.length, 5);
    const svg = pictureOf(lossy, "messages");
    const others = film.messages.filter(({ why, label }) => why !== null && (why !== "lost" || /^(hello|welcome|call)/.test(label))).length;
    assert.strictEqual(count(svg, 'class="lost"') - others, lost.length);
    assert.include(svg, "stroke-dasharray");
  });

  it("draws what is sent again and what arrives twice each in a way of its own, and says what each means", () => {
    const svg = pictureOf(lossy, "messages");
    assert.isAbove(count(svg, 'class="again"'), 0);
    for (const meaning of ["dashed, with a cross: never arrived", "orange: sent again"]) assert.include(svg, meaning);
    const twice = pictureOf(doubled, "messages");
    assert.isAbove(count(twice, 'class="copy"'), 0);
    assert.include(twice, "double line: a copy");
    const calm = pictureOf(quiet, "messages");
    for (const kind of ["lost", "copy"]) assert.strictEqual(count(calm, `class="${kind}"`), 0);
    assert.notInclude(calm, "never arrived");
  });

  it("has a critical path of one piece, from the first asking to the end of the last round", () => {
    for (const { film } of [quiet, filmed(smallSetup({ cpus: 9, topology: { shape: "tree", fanout: 2 } }))]) {
      const legs = criticalPath(film);
      legs.slice(1).forEach((leg, place) => {
        const before = legs[place];
        assert.deepStrictEqual([leg.from, leg.fromNs], [before?.to, before?.toNs]);
      });
      assert.isTrue(isCoordinator(legs[0]?.from ?? 0));
      assert.strictEqual(legs.at(-1)?.toNs, film.rounds.at(-1)?.endedNs);
    }
  });

  it("folds what a crowd loses at about one moment into one mark with its number, and counts every loss once", () => {
    for (const { film } of [filmed(smallSetup({ cpus: 200 }), ["drop 20% of any"]), hardest]) {
      const { trips, losses, lanes, fromNs, toNs, drawn, of } = spaceTimeOf(film, { title: "", subtitle: "" });
      const missing = film.messages.filter(({ arrivedNs }) => arrivedNs === null).length;
      const lone = trips.filter(({ arrivedNs }) => arrivedNs === null);
      assert.isAbove(missing, 100);
      assert.strictEqual(lone.length + losses.reduce((sum, { count }) => sum + count, 0), missing);
      assert.strictEqual(drawn, of);
      const crowd = lanes.length - 1;
      for (const { from, to } of lone) assert.notInclude([from, to], crowd);
      for (const marks of Map.groupBy(losses, ({ from, to }) => `${from} ${to}`).values())
        marks.slice(1).forEach(({ sentNs }, place) => {
          assert.isAbove(sentNs - (marks[place]?.sentNs ?? 0), (toNs - fromNs) / 15);
        });
    }
  });

  it("folds what many say alike, and still counts every message", () => {
    const many = filmed(smallSetup({ cpus: 40 }));
    const svg = pictureOf(many, "messages");
    assert.include(svg, "other CPUs");
    assert.isAbove(count(svg, 'class="fan"'), 5);
    assert.include(svg, `all ${many.film.messagesSeen} messages drawn`);
    assert.isBelow(count(svg, 'class="trip"'), many.film.messagesSeen / 2);
  });
});

describe("the picture of CPUs", () => {
  it("has a row for each of few CPUs and outlines the last to arrive", () => {
    const svg = pictureOf(quiet, "cpus");
    for (let cpu = 0; cpu < 8; cpu++) assert.include(svg, `>cpu ${cpu}<`);
    assert.strictEqual(count(svg, 'class="last"'), 1);
    const last = quiet.film.lanes.reduce((a, b) => ((b.arrivedNs ?? 0) > (a.arrivedNs ?? 0) ? b : a)).cpu;
    assert.include(svg, `the last to arrive: cpu ${last} `);
  });

  it("covers all of its time with states that follow on each other", () => {
    for (const { spans } of lossy.film.lanes) {
      assert.strictEqual(spans[0]?.fromNs, lossy.film.fromNs);
      assert.strictEqual(spans.at(-1)?.toNs, lossy.film.toNs);
      spans.slice(1).forEach(({ fromNs }, place) => {
        assert.strictEqual(fromNs, spans[place]?.toNs);
      });
    }
  });

  it("is drawn from facts alone where the journal holds nothing else, and messages are not", () => {
    const { summary, film } = filmed(smallSetup({ cpus: 4 }), [], "facts");
    assert.isFalse(film.hasMessages);
    assert.deepStrictEqual(
      runPictures(summary, film).map(({ name }) => name),
      ["cpus", "blame"],
    );
  });
});

describe("the picture of switches", () => {
  it("ends with every task switched where a transition committed", () => {
    const transition = filmed(smallSetup({ cpus: 4, model: hybrid }));
    const { film } = transition;
    assert.isAbove(film.tasks, 0);
    assert.strictEqual(film.switched.at(-1)?.switched, film.tasks);
    assert.include(pictureOf(transition, "switching"), "tasks switched");
  });
});

describe("the scene", () => {
  const round = (epoch: number, startUs: number, endUs: number | null, resent = 0): Summary["phases"][number] => ({
    epoch,
    name: "gather",
    startUs,
    endUs,
    acks: 1,
    resent,
    late: 0,
  });
  const phases = [round(1, 0, 10), round(2, 100, 110, 3), round(3, 200, 210)];

  it("is the epoch of the first broken promise, else that of most trouble, else the last, or the one that is asked for", () => {
    const broken = [{ monitor: "decision", reason: "", atUs: 5 }];
    assert.strictEqual(sceneOf({ phases, violations: broken }, null)?.epoch, 1);
    assert.strictEqual(sceneOf({ phases, violations: [] }, null)?.epoch, 2);
    assert.strictEqual(sceneOf({ phases: [round(1, 0, 10), round(2, 20, 30)], violations: [] }, null)?.epoch, 2);
    assert.strictEqual(sceneOf({ phases, violations: [] }, 3)?.epoch, 3);
    assert.isUndefined(sceneOf({ phases, violations: [] }, 9));
    assert.isNull(sceneOf({ phases: [], violations: [] }, null));
  });
});

const hostile = `<script>alert(1)</script>"'><img src=x onerror=alert(2)>&amp;\u202egnp.exe\u0000]]>`;

/** The same run with everybody's name and every text from somebody who means harm. */
const renamed = ({ summary, film }: Filmed): Pick<Filmed, "summary" | "film"> => ({
  summary: {
    ...summary,
    run: hostile,
    model: { ...summary.model, name: hostile },
    verdict: "violated",
    reasons: [hostile],
    violations: [{ monitor: hostile, reason: hostile, atUs: film.fromNs / 1000 + 1, task: hostile }],
    broken: [hostile],
    faults: [{ text: hostile, matched: 1, applied: 1 }],
    blame: summary.blame.map((row) => ({ ...row, task: hostile, function: hostile, why: hostile })),
  },
  film: { ...film, faults: [{ atNs: film.fromNs + 1, actor: 0, text: hostile }] },
});

describe("the page", () => {
  it("keeps whatever anybody is called as text, in words, pictures, titles and lines to copy", () => {
    const named = renamed(lossy);
    const text = pageText(
      runPage(named.summary, runPictures(named.summary, named.film), { ...origin, folder: hostile, repro: hostile, doubts: [hostile] }),
    );
    const { document } = parseHTML(text);
    assert.lengthOf(document.querySelectorAll("script, img, iframe, object, embed, link, base, form, animate, foreignObject"), 0);
    for (const element of document.querySelectorAll("*"))
      for (const name of element.getAttributeNames()) assert.notMatch(name, /^on|^(href|src|xlink:href|srcset)$/);
    assert.include(document.querySelector("#violations td")?.textContent ?? "", "<script>alert(1)</script>");
    for (const character of ["\u202e", "\u0000"]) assert.notInclude(text, character);
  });

  it("fetches nothing, has every id once, a name for every picture and a table beside it", () => {
    const text = pageOf(lossy);
    assert.deepStrictEqual(
      [...text.replaceAll('xmlns="http://www.w3.org/2000/svg"', "").matchAll(/https?:|\burl\(|@import|\bsrc=|<link/g)],
      [],
    );
    const { document } = parseHTML(text);
    const ids = [...document.querySelectorAll("[id]")].map(({ id }) => id);
    assert.lengthOf(new Set(ids), ids.length);
    const figures = [...document.querySelectorAll("figure")];
    assert.lengthOf(figures, 3);
    for (const figure of figures) {
      assert.match(figure.querySelector("svg > title")?.textContent ?? "", /simple, 4 CPUs, virtual time, seed 3$/);
      assert.isAbove(figure.querySelector("svg > desc")?.textContent?.length ?? 0, 10);
      assert.isAbove(figure.querySelectorAll("details tbody tr").length, 0);
    }
  });

  it("has the verdict first, then numbers, then who held it up, then pictures, and lines to copy at the end", () => {
    const text = pageOf(lossy);
    const places = ["<h1>", 'class="numbers"', 'id="who"', 'id="pictures"', 'id="phases"', 'id="faults"', 'id="lines"'].map((part) =>
      text.indexOf(part),
    );
    assert.notInclude(places, -1);
    assert.deepStrictEqual(
      places,
      places.toSorted((a, b) => a - b),
    );
    assert.include(text, "./quiesce replay runs/a-run");
  });

  it("of 1,000 CPUs that lose a fifth of all packets is less than 3 MB, with the first and the last 16 to arrive and a band of all others", () => {
    const { film } = hardest;
    assert.isAbove(film.toNs - film.fromNs, 500e6);
    assert.isAbove(film.messages.filter(({ why }) => why === "lost").length, 5_000);
    const text = pageOf(hardest);
    assert.isBelow(text.length, 3_000_000);
    const svg = pictureOf(hardest, "cpus");
    assert.lengthOf([...svg.matchAll(/>cpu \d+<\/text>/g)], 32);
    assert.include(svg, ">968<");
  });

  it("is the same for the same run", () => {
    assert.strictEqual(pageOf(quiet), pageOf(filmed(smallSetup({ cpus: 8 }))));
  });
});
