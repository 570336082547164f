// The closed form of the survival surface, against the protocol itself.
import { assert, describe, it } from "vitest";
import { closedForm, surfacePauseNs } from "../../shared/chaos/surface.ts";
import { takeTrial } from "../../shared/chaos/trial.ts";
import { hybrid } from "../../shared/consistency/hybrid.ts";
import { kpatch } from "../../shared/consistency/kpatch.ts";
import { simple } from "../../shared/consistency/simple.ts";
import { planOf } from "../../shared/nemesis/plan.ts";
import { smallSetup, smallWorkload } from "../fixtures/setup.ts";

const runs = 1000;

/** Nobody to wait for but the network. */
const empty = {
  ...smallWorkload,
  tasksPerCpu: 0,
  kthreads: [],
  crossCalls: { perSecond: 0 },
  irqsOff: { ...smallWorkload.irqsOff, perSecond: 0 },
};

/** Attempts that committed, of one machine whose packets get lost both ways and whose repeats have pauses of one length. */
const committed = (percent: number, pauses: number, cpus: number): number => {
  const model = { ...simple, limitNs: pauses * surfacePauseNs, holdLimitNs: 2 * pauses * surfacePauseNs, attempts: 1 };
  let count = 0;
  for (let seed = 1; seed <= runs; seed++) {
    const setup = smallSetup({ seed, cpus, model, workload: empty, resend: { firstNs: surfacePauseNs, capNs: surfacePauseNs } });
    const { plan } = planOf([`drop ${percent}% of stop`, `drop ${percent}% of ack`], seed);
    if (takeTrial({ setup, plan, timeLimitNs: 1e12, eventLimit: 1e6 }).survival === "committed") count++;
  }
  return count;
};

describe("the closed form of survival", () => {
  for (const [percent, pauses, cpus] of [
    [5, 2, 4],
    [10, 4, 6],
    [30, 8, 4],
    [50, 12, 4],
  ] as const)
    it(`is what runs do, to two in a hundred: ${percent} % loss, ${pauses} pauses, ${cpus} CPUs`, () => {
      const theory = closedForm(simple, cpus, percent / 100, pauses) ?? Number.NaN;
      const hits = committed(percent, pauses, cpus);
      assert.closeTo(hits / runs, theory, 0.02);
    });

  it("is certain without loss, hopeless without anything but loss, and falls with loss and with CPUs", () => {
    assert.strictEqual(closedForm(simple, 16, 0, 1), 1);
    assert.strictEqual(closedForm(simple, 16, 1, 12), 0);
    const at = (loss: number, cpus: number): number => closedForm(simple, cpus, loss, 3) ?? Number.NaN;
    assert.isAbove(at(0.1, 4), at(0.2, 4));
    assert.isAbove(at(0.1, 4), at(0.1, 8));
  });

  it("says nothing of models whose time does not depend on repeats alone", () => {
    assert.isNull(closedForm(kpatch, 4, 0.1, 4));
    assert.isNull(closedForm(hybrid, 4, 0.1, 4));
  });
});
