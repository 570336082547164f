// Which message it was that arrived: told from clocks where they can tell, and from time where they cannot.
import { assert, describe, it } from "vitest";
import type { Ack } from "../../shared/protocol/messages.ts";
import type { Setup } from "../../shared/protocol/setup.ts";
import { Exchange, type Trips } from "../../shared/trace/exchange.ts";
import { Lives } from "../../shared/trace/lives.ts";
import type { Moment } from "../../shared/trace/moment.ts";
import { tripsOf } from "../../shared/trace/trips.ts";
import { smallSetup } from "../fixtures/setup.ts";
import { draw, runOf } from "./drawn.ts";

const coordinator = -1;

const ack = (...cpus: readonly number[]): Ack => ({
  kind: "ack",
  term: 1,
  epoch: 1,
  round: 1,
  cpus,
  incarnation: 1,
  report: { kind: "done" },
});

const trips: Trips = { exactClocks: true, shortestNs: 1_000, longestNs: 10_000 };

/** What an exchange shows of three CPUs and a coordinator that all live. */
const exchanged = (tell: (exchange: Exchange, lives: Lives) => void, of: Trips = trips): readonly Moment[] => {
  const shown: Moment[] = [];
  const lives = new Lives();
  for (const actor of [0, 1, 2, coordinator]) lives.starts(actor, 0);
  const exchange = new Exchange(of, lives, (moment) => shown.push(moment));
  tell(exchange, lives);
  exchange.finish(1e9);
  return shown;
};

/** The numbers of messages, in the order in which they were sent, that arrived and that were missed. */
const outcomes = (shown: readonly Moment[]) => ({
  arrived: shown.flatMap((moment) => (moment.is === "arrived" ? [[moment.from, moment.sent?.id ?? null]] : [])),
  missed: shown.flatMap((moment) => (moment.is === "missed" ? [[moment.sent.id, moment.why]] : [])),
});

const toCoordinator = { actor: coordinator, from: 0, msg: ack(0, 0) };

describe("an exchange", () => {
  it("takes what arrives for the last that had time to, so that a resend does not make its first sending late", () => {
    const shown = exchanged((exchange) => {
      exchange.send({ actor: 0, at: 0, clock: 5 }, "coordinators", ack(0, 0), 0);
      exchange.send({ actor: 0, at: 20_000, clock: 6 }, "coordinators", ack(0, 0), 0);
      exchange.arrive({ ...toCoordinator, at: 21_500, clock: 10, clockBefore: 9 });
    });
    assert.deepStrictEqual(outcomes(shown), { arrived: [[0, 2]], missed: [[1, "lost"]] });
  });

  it("does not take it for one that left too late to be there", () => {
    const shown = exchanged((exchange) => {
      exchange.send({ actor: 0, at: 0, clock: 5 }, "coordinators", ack(0, 0), 0);
      exchange.send({ actor: 0, at: 20_000, clock: 6 }, "coordinators", ack(0, 0), 0);
      exchange.arrive({ ...toCoordinator, at: 20_100, clock: 10, clockBefore: 9 });
    });
    assert.deepStrictEqual(outcomes(shown), { arrived: [[0, 1]], missed: [[2, "lost"]] });
  });

  it("believes a clock that has jumped", () => {
    const shown = exchanged((exchange) => {
      exchange.send({ actor: 0, at: 0, clock: 5 }, "coordinators", ack(0, 0), 0);
      exchange.send({ actor: 0, at: 20_000, clock: 6 }, "coordinators", ack(0, 0), 0);
      exchange.arrive({ ...toCoordinator, at: 25_000, clock: 6, clockBefore: 2 });
    });
    assert.deepStrictEqual(outcomes(shown), { arrived: [[0, 1]], missed: [[2, "lost"]] });
  });

  it("lets the clock of what left after its turn be a later one", () => {
    const shown = exchanged((exchange) => {
      exchange.send({ actor: 0, at: 0, clock: 5 }, "coordinators", ack(0, 0), 2_000);
      exchange.arrive({ ...toCoordinator, at: 4_000, clock: 8, clockBefore: 2 });
    });
    assert.deepStrictEqual(outcomes(shown), { arrived: [[0, 1]], missed: [] });
  });

  it("parts what a host has put together of the answers of its CPUs", () => {
    const shown = exchanged(
      (exchange) => {
        for (const cpu of [0, 1, 2]) exchange.send({ actor: cpu, at: 100 * cpu, clock: 5 + cpu }, "coordinators", ack(cpu, cpu), 0);
        exchange.arrive({ ...toCoordinator, msg: ack(0, 0, 2, 2), at: 5_000, clock: 20, clockBefore: 9 });
      },
      { exactClocks: false, shortestNs: 0, longestNs: 10_000 },
    );
    assert.deepStrictEqual(outcomes(shown), {
      arrived: [
        [0, 1],
        [2, 3],
      ],
      missed: [[2, "lost"]],
    });
  });

  it("tells a copy from what was sent again", () => {
    const shown = exchanged((exchange) => {
      exchange.send({ actor: 0, at: 0, clock: 5 }, "coordinators", ack(0, 0), 0);
      for (const at of [2_000, 3_000]) exchange.arrive({ ...toCoordinator, at, clock: at, clockBefore: at - 1 });
    });
    const copies = shown.flatMap((moment) => (moment.is === "arrived" ? [moment.copy] : []));
    assert.deepStrictEqual(copies, [false, true]);
  });

  it("does not call lost what nobody could get, or what may have been on its way at the end", () => {
    const shown = exchanged((exchange, lives) => {
      lives.ends(1, 100);
      exchange.send({ actor: coordinator, at: 500, clock: 5 }, [0, 2], ack(0, 0), 0);
      exchange.arrive({ actor: 0, from: coordinator, msg: ack(0, 0), at: 1_600, clock: 6, clockBefore: 1 });
      exchange.send({ actor: 2, at: 1e9 - 9_000, clock: 7 }, "coordinators", ack(2, 2), 0);
    });
    assert.deepStrictEqual(outcomes(shown).missed, [
      [1, "receiver dead"],
      [1, "lost"],
      [2, "run over"],
    ]);
  });

  it("takes a live machine for as slow as it has shown itself before it calls lost what was never received", () => {
    const sayLast = (exchange: Exchange): void => exchange.send({ actor: 2, at: 1e9 - 90_000, clock: 7 }, "coordinators", ack(2, 2), 0);
    const live: Trips = { ...trips, exactClocks: false };
    const swift = exchanged(sayLast, live);
    assert.deepStrictEqual(outcomes(swift).missed, [[1, "lost"]]);
    const drowned = exchanged((exchange) => {
      exchange.send({ actor: 0, at: 20_000, clock: 5 }, "coordinators", ack(0, 0), 0);
      exchange.arrive({ ...toCoordinator, at: 80_000, clock: 6, clockBefore: 2 });
      sayLast(exchange);
    }, live);
    assert.deepStrictEqual(outcomes(drowned).missed, [[2, "run over"]]);
  });

  it("knows of nobody who could have sent what was never sent", () => {
    const shown = exchanged((exchange) => exchange.arrive({ ...toCoordinator, at: 2_000, clock: 3, clockBefore: 2 }));
    assert.deepStrictEqual(outcomes(shown), { arrived: [[0, null]], missed: [] });
  });

  it("settles what was sent once the epoch after its own is over, if it cannot be on its way any more", () => {
    const shown: Moment[] = [];
    const lives = new Lives();
    lives.starts(coordinator, 0);
    const exchange = new Exchange(trips, lives, (moment) => shown.push(moment));
    exchange.send({ actor: 0, at: 0, clock: 5 }, "coordinators", ack(0, 0), 0);
    for (const at of [5_000, 9_000]) exchange.turnOver(at);
    assert.deepStrictEqual(outcomes(shown).missed, []);
    exchange.turnOver(10_000);
    assert.deepStrictEqual(outcomes(shown).missed, [[1, "lost"]]);
  });

  it("knows a late one again though two epochs have gone by", () => {
    const shown = exchanged((exchange) => {
      exchange.send({ actor: 0, at: 0, clock: 5 }, "coordinators", ack(0, 0), 0);
      for (const at of [5_000, 7_000]) exchange.turnOver(at);
      exchange.arrive({ ...toCoordinator, at: 8_000, clock: 10, clockBefore: 9 });
    });
    assert.deepStrictEqual(outcomes(shown), { arrived: [[0, 1]], missed: [] });
  });
});

describe("a trace of a run", () => {
  const lostIn = (setup: Setup, faults: readonly string[]) => {
    const run = runOf(setup, faults);
    const whys = draw(run, "ftrace").lines.flatMap((line) => / ipi_lost: .* (lost|receiver dead|run over)$/.exec(line)?.[1] ?? []);
    return { drawn: whys.filter((why) => why === "lost").length, dropped: run.packets.filter(({ fate }) => fate.kind === "lost").length };
  };

  it.each([
    "delay 20ms..50ms of ack",
    "reorder 50% within 30ms",
    "duplicate 50% of any after 5ms..30ms",
    "slow cpu 1-4 x50",
    "pause cpu 2 at prepare for 30ms",
    "irqs-off cpu 1-6 every 2ms for 1500us",
  ])("draws nothing as lost where everything is only late: %s", (fault) => {
    assert.deepStrictEqual(lostIn(smallSetup({ cpus: 8, seed: 3 }), [fault]), { drawn: 0, dropped: 0 });
  });

  it("lets a message be on its way for as long as everybody before it is taken up", () => {
    const setup = smallSetup({ cpus: 64, seed: 3, resend: { firstNs: 1_000_000, capNs: 2_000_000 } });
    const busy = { ...setup, profile: { ...setup.profile, receiveNs: 5_000 } };
    const longest = (of: Setup): number => tripsOf(runOf(of).header).longestNs;
    assert.strictEqual(longest(busy) - longest(setup), 64 * 5_000 - 64 * setup.profile.receiveNs);
    assert.deepStrictEqual(lostIn(busy, []), { drawn: 0, dropped: 0 });
  });
});
