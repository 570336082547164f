// What the page shows of a live machine: what it is at now, for whoever looks on from the start and for whoever comes late.
import { assert, describe, it } from "vitest";
import type { Incoming } from "../../shared/live/bus/reading.ts";
import type { ViewFrame } from "../../shared/live/bus/viewFrame.ts";
import { firstCpus, fromCpus } from "../../shared/machine/cpuSet.ts";
import { isCoordinator } from "../../shared/machine/machine.ts";
import { planOf } from "../../shared/nemesis/plan.ts";
import { Film } from "../../shared/page/film.ts";
import { leftOutText } from "../../shared/page/leftOut.ts";
import { lossesText } from "../../shared/page/losses.ts";
import { codeOf, type PageState } from "../../shared/page/pageStates.ts";
import { Present, type Snapshot } from "../../shared/page/present.ts";
import { census } from "../../shared/page/recording.ts";
import { isRoundMessage, type Message } from "../../shared/protocol/messages.ts";
import { noPackets } from "../../shared/protocol/observer.ts";
import { runVirtual } from "../../shared/virtual/engine.ts";
import { smallSetup } from "../fixtures/setup.ts";

type Heard = Parameters<Present["hear"]>[0];

const saidBy = (actor: number, to: unknown, msg: Message): Heard | undefined => {
  const cpus = Array.isArray(to) ? to : fromCpus([Number(to)]);
  if (isCoordinator(actor)) return isRoundMessage(msg) || msg.kind === "welcome" ? { kind: "asks", items: [{ to: cpus, msg }] } : undefined;
  if (msg.kind !== "ack" && msg.kind !== "hello" && msg.kind !== "withdraw") return undefined;
  return { kind: "answers", items: [{ from: actor, said: 1, msg }] };
};

const cpus = 5;

/** All that is said in a virtual run in which packets are lost and a CPU dies. */
const said: readonly Heard[] = (() => {
  const all: Heard[] = [];
  const { plan } = planOf(["drop 20% of any", "crash cpu 2 at prepare restart after 1ms"], 3);
  const turn = ({ actor, outputs }: { readonly actor: number; readonly outputs: readonly unknown[] }): void => {
    for (const output of outputs as ReadonlyArray<{ readonly kind: string; readonly to: unknown; readonly msg: Message }>) {
      const heard = output.kind === "send" ? saidBy(actor, output.to, output.msg) : undefined;
      if (heard !== undefined) all.push(heard);
    }
  };
  runVirtual({ setup: smallSetup({ cpus, seed: 3 }), plan, timeLimitNs: 1e9, eventLimit: 1e6, observer: { turn, fault: () => {} } });
  return all;
})();

const hearAll = (present: Present, heard: readonly Heard[], fromNs = 0): Present => {
  for (const [i, one] of heard.entries()) {
    present.pass(fromNs + i);
    present.hear(one);
  }
  return present;
};

/** As it comes through the server's answer. */
const sent = (present: Present): Snapshot => JSON.parse(JSON.stringify(present.snapshot()));

describe("a page that joins late", () => {
  const whole = hearAll(new Present(cpus, "off"), said).snapshot();

  it("given what had been at any moment, it comes to what it would have come to from the start", () => {
    assert.isAbove(said.length, 50);
    for (let cut = 0; cut < said.length; cut++) {
      const late = new Present(cpus, "unknown");
      late.restore(sent(hearAll(new Present(cpus, "off"), said.slice(0, cut))));
      assert.deepStrictEqual(hearAll(late, said.slice(cut), cut).snapshot(), whole, `from message ${cut} on`);
    }
  });

  it("hearing once more what the server had heard as well changes nothing of what CPUs are at or who is waited for", () => {
    for (let cut = 5; cut < said.length; cut++) {
      const late = new Present(cpus, "unknown");
      late.restore(sent(hearAll(new Present(cpus, "off"), said.slice(0, cut))));
      const { states, asked, answered } = hearAll(late, said.slice(cut - 5), cut - 5).snapshot();
      assert.deepStrictEqual({ states, asked, answered }, { states: whole.states, asked: whole.asked, answered: whole.answered });
    }
  });
});

const frame = (number: number, more: Partial<ViewFrame> = {}): ViewFrame => ({
  ...{ number, at: number * 1e6, facts: [], omitted: 0, settled: false },
  ...more,
});

describe("the film of a live machine", () => {
  const inState = (film: Film, state: PageState, at: number): number => census(film.recording(), at)[codeOf(state)] as number;

  it("says of no CPU that it is down of which it has not heard, and keeps that for the time before it joined", () => {
    const film = new Film(cpus);
    film.see(frame(300));
    assert.deepStrictEqual([inState(film, "unknown", film.at), inState(film, "off", film.at)], [cpus, 0]);
    const present = new Present(cpus, "off");
    present.pass(310e6);
    present.restore({ ...present.snapshot(), states: [["resumed", firstCpus(cpus)]] });
    film.join({ run: "r", present: sent(present), faults: [{ text: "drop 20% of any", matched: 9, applied: 3 }], packets: noPackets() });
    assert.deepStrictEqual([inState(film, "resumed", 311e6), inState(film, "unknown", 309e6)], [cpus, cpus]);
    assert.isEmpty(film.news, "what struck before it joined has not struck now");
    film.see(frame(311, { counts: { packets: noPackets(), faults: [{ text: "drop 20% of any", matched: 11, applied: 4 }] } }));
    assert.deepStrictEqual(
      film.news.map(({ text }) => text),
      ["drop 20% of any: struck once"],
    );
  });

  it("tells strikes of one fault that follow one another as one, so that other news can be read", () => {
    const film = new Film(cpus);
    const struck = (number: number, applied: number): ViewFrame =>
      frame(number, { counts: { packets: noPackets(), faults: [{ text: "drop 2% of any", matched: 99, applied }] } });
    const died = { fact: "died", life: 0, term: 1, cpu: 2, incarnation: 1 } as const;
    for (const one of [struck(1, 1), struck(2, 4), struck(3, 9), frame(4, { facts: [[4e6, died]] }), struck(5, 10)]) film.see(one);
    assert.deepStrictEqual(
      film.news.map(({ text }) => text),
      ["drop 2% of any: struck once", "cpu 2 died", "drop 2% of any: struck 9 times"],
    );
  });

  it("marks a strike at the CPU that its fault is of, where it is of one", () => {
    const film = new Film(cpus);
    const texts = ["pause cpu 3 at prepare for 1ms", "drop 1st any from cpu 1 to cpu 2", "nmi cpu 0-2 at run", "drop 2% of any"];
    film.see(frame(1, { counts: { packets: noPackets(), faults: texts.map((text) => ({ text, matched: 1, applied: 1 })) } }));
    assert.deepStrictEqual(
      film.marks.map(({ actor }) => actor),
      [3, undefined, undefined, undefined],
    );
  });

  it("holds so many changes and no more, says so, and takes nothing that it had for what is; what CPUs are at now it knows all the same", () => {
    const film = new Film(cpus, { states: 9, messages: 0, lines: 0, texts: 0, marks: 1, rounds: 1 });
    for (const [i, one] of said.entries()) film.hear(one as Incoming, i);
    const { counts } = film.leftOut;
    assert.isTrue(counts.states > 0 && counts.rounds > 0, leftOutText(film.leftOut));
    assert.strictEqual(inState(film, "unknown", film.at), cpus);
    assert.strictEqual(film.present.counts[codeOf("unknown")], 0);
    assert.match(leftOutText(film.leftOut), /\d+ changes of states and \d+ rounds left out/);
  });

  it("counts frames by the numbers that are missing and facts by what the driver says, since it listens, and says nothing of nothing", () => {
    const film = new Film(cpus);
    film.see(frame(7, { omitted: 12 }));
    film.see(frame(8, { omitted: 12 }));
    assert.strictEqual(lossesText(film.losses), "");
    film.see(frame(10, { omitted: 12 }));
    assert.strictEqual(lossesText(film.losses), "Left out of this view: 1 frame.");
    film.see(frame(13, { omitted: 14 }));
    film.losses.refused++;
    assert.strictEqual(lossesText(film.losses), "Left out of this view: 3 frames and 2 facts. Refused as no message of this run: 1.");
  });
});
