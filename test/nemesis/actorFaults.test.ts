// Actor faults strike whom they name, once in a run each.
import { describe, expect, it } from "vitest";
import { coordinatorActor } from "../../shared/machine/machine.ts";
import { type ActorFaults, actorFaults, type Hit, type Spent } from "../../shared/nemesis/actorFaults.ts";
import { packetRules } from "../../shared/nemesis/packetRules.ts";
import { addCounts, planOf } from "../../shared/nemesis/plan.ts";

const faults = (texts: readonly string[], spent: readonly Spent[] = []): ActorFaults => actorFaults(planOf(texts, 1).plan.faults, spent);
const brief = (hits: readonly Hit[]): string[] => hits.map(({ fault, index, actor }) => `${index} ${fault.fault} ${actor}`);

describe("at a phase", () => {
  it("strikes each CPU that it names the first time that the phase reaches it", () => {
    const of = faults(["crash cpu 2-3 at run", "pause cpu 3 at run for 1ms"]);
    expect(brief(of.onPhase(2, "prepare"))).toEqual([]);
    expect(brief(of.onPhase(1, "run"))).toEqual([]);
    expect(brief(of.onPhase(2, "run"))).toEqual(["0 crash 2"]);
    expect(brief(of.onPhase(2, "run"))).toEqual([]);
    expect(brief(of.onPhase(3, "run"))).toEqual(["0 crash 3", "1 pause 3"]);
  });

  it("strikes the coordinator once in the run, whichever life it is", () => {
    const of = faults(["crash coordinator at run restart after 2ms", "second coordinator at exit"]);
    expect(brief(of.onPhase(coordinatorActor(0), "run"))).toEqual(["0 crash coordinator"]);
    expect(brief(of.onPhase(coordinatorActor(1), "run"))).toEqual([]);
    expect(brief(of.onPhase(coordinatorActor(1), "exit"))).toEqual(["1 second coordinator"]);
  });

  it("does not strike again in a process that is told what was spent before it", () => {
    const texts = ["crash coordinator at run", "crash cpu 0-1 at run"];
    const spent = [...faults(texts).onPhase(coordinatorActor(0), "run"), ...faults(texts).onPhase(0, "run")];
    const again = faults(texts, JSON.parse(JSON.stringify(spent)) as Spent[]);
    expect(brief(again.onPhase(coordinatorActor(1), "run"))).toEqual([]);
    expect(brief(again.onPhase(0, "run"))).toEqual([]);
    expect(brief(again.onPhase(1, "run"))).toEqual(["1 crash 1"]);
  });

  it("does not strike another life of the coordinator that runs beside the one that was struck", () => {
    const texts = ["second coordinator at run", "crash coordinator at run"];
    const [first, beside] = [faults(texts), faults(texts)];
    for (const hit of first.onPhase(coordinatorActor(0), "run")) beside.spend(hit);
    expect(beside.onPhase(coordinatorActor(1), "run")).toEqual([]);
    expect(beside.counts().map(({ matched }) => matched)).toEqual([0, 0]);
  });

  it("strikes nobody any more once healed", () => {
    const of = faults(["crash cpu 2 at run"]);
    of.heal();
    expect(of.onPhase(2, "run")).toEqual([]);
  });
});

describe("at a time", () => {
  it("is handed out once for each actor named", () => {
    const of = faults(["crash cpu 2,4 from 3ms", "crash cpu 2 at run", "second coordinator from 1ms"]);
    expect(brief(of.scheduled())).toEqual(["0 crash 2", "0 crash 4", "2 second coordinator"]);
    expect(of.scheduled()).toEqual([]);
    expect(of.onPhase(4, "run")).toEqual([]);
  });
});

describe("counts", () => {
  it("tells what was handed out from what was carried out", () => {
    const of = faults(["crash cpu 1-2 at run"]);
    for (const hit of of.onPhase(1, "run")) of.applied(hit);
    of.onPhase(2, "run");
    expect(of.counts()).toEqual([{ text: "crash cpu 1-2 at run", matched: 2, applied: 1 }]);
  });

  it("adds up rows of the same plan, packets and actors together", () => {
    const { plan } = planOf(["drop any", "crash cpu 1 at run"], 1);
    const rules = packetRules(plan.faults, plan.seed);
    const of = actorFaults(plan.faults);
    rules.fate({ from: 1, to: 2, kind: "call", phase: undefined, at: 0 });
    of.onPhase(1, "run").forEach(of.applied);
    expect(addCounts(rules.counts(), of.counts())).toEqual([
      { text: "drop any", matched: 1, applied: 1 },
      { text: "crash cpu 1 at run", matched: 1, applied: 1 },
    ]);
  });
});

describe("a plan", () => {
  it("keeps what can be read and names everything that cannot", () => {
    const { plan, problems } = planOf(["drop any", "drop anny", "pause cpu 1"], 7);
    expect(plan).toEqual({ seed: 7, faults: [{ fault: "drop", kind: "any" }] });
    expect(problems.map(({ text, at }) => [text, at])).toEqual([
      ["drop anny", 6],
      ["pause cpu 1", 12],
    ]);
  });
});
