// Whatever may be said on the wire, as fast-check draws it.
import fc from "fast-check";
import { type CpuSet, fromCpus, lowest, oneCpu, size, toArray } from "../../shared/machine/cpuSet.ts";
import {
  type Ack,
  type Ask as Asked,
  type Call,
  type CallDone,
  type Register,
  type Reschedule,
  type RoundMessage,
  roundMessage,
  type StopAsk,
  type ToCoordinator,
  type Welcome,
} from "../../shared/protocol/messages.ts";
import { encodeAnswers } from "../../shared/protocol/wire/answers.ts";
import { type Ask, encodeAsks } from "../../shared/protocol/wire/asks.ts";
import { type Wire, wireLimits } from "../../shared/protocol/wire/frame.ts";
import { encodeTold, type Told } from "../../shared/protocol/wire/told.ts";

export const everyCpu: CpuSet = [0, wireLimits.cpus - 1];

export const count = fc.oneof(fc.nat(), fc.maxSafeNat());
const life = count.map((n) => n || 1);
const cpu = fc.nat(wireLimits.cpus - 1);
const cpus = fc.array(cpu, { maxLength: 20 }).map(fromCpus);
const someCpus = fc.array(cpu, { minLength: 1, maxLength: 20 }).map(fromCpus);
const outcome = fc.constantFrom("committed" as const, "aborted" as const);
const name = fc.string({ maxLength: wireLimits.text });

const stopAsk: fc.Arbitrary<StopAsk> = fc.oneof(
  fc.record({ do: fc.constant("gather" as const), pass: fc.constantFrom("sleepers" as const, "all" as const) }),
  fc.record({ do: fc.constant("prepare" as const) }),
  fc.record({ do: fc.constant("disable-irq" as const), walker: cpu }),
  fc.record({ do: fc.constant("run" as const), active: cpu }),
  fc.record({ do: fc.constant("exit" as const), outcome, version: count }),
);
const batch = fc.nat(1_000);
const otherAsk: fc.Arbitrary<Asked> = fc.oneof(
  fc.record({
    do: fc.constantFrom("start" as const, "check" as const, "signal" as const, "reverse" as const, "force" as const),
    target: count,
    from: count,
    caller: cpu,
    batch: fc.option(batch),
  }),
  fc.record({ do: fc.constantFrom("complete" as const, "cancel" as const), version: count }),
  fc.record({
    do: fc.constant("poke" as const),
    batch,
    step: fc.constantFrom(1 as const, 2 as const, 3 as const),
    target: count,
    from: count,
  }),
  fc.record({ do: fc.constant("sync" as const) }),
);
const stop: fc.Arbitrary<RoundMessage> = fc
  .record({ stamp: fc.record({ term: count, epoch: count, round: count }), ask: fc.oneof(stopAsk, otherAsk) })
  .map(({ stamp, ask }) => roundMessage(stamp, ask));
const welcome: fc.Arbitrary<Welcome> = fc.record({
  kind: fc.constant("welcome" as const),
  term: count,
  epoch: count,
  cpu,
  incarnation: life,
  version: count,
});
/** An ask with the tree that goes by its one receiver, the lowest of it. */
const relayed = fc
  .tuple(stop, fc.array(cpu, { minLength: 2, maxLength: 20 }).map(fromCpus), fc.integer({ min: 2, max: 1_000 }))
  .filter(([, subtree]) => size(subtree) > 1)
  .map(([msg, subtree, fanout]) => ({ to: oneCpu(lowest(subtree)), msg: { ...msg, relay: { fanout, subtree } } }));
export const asks: fc.Arbitrary<Ask[]> = fc.array(fc.oneof(fc.record({ to: cpus, msg: fc.oneof(stop, welcome) }), relayed));

const report = fc.oneof(
  fc.record({ kind: fc.constantFrom("done" as const, "wrote" as const, "clear" as const) }),
  fc.record({
    kind: fc.constantFrom("busy" as const, "pending" as const),
    busy: fc.array(fc.record({ task: name, function: name, why: name }), { maxLength: 5 }),
  }),
);
const plainAck: fc.Arbitrary<Ack> = fc.record({
  kind: fc.constant("ack" as const),
  ...{ term: count, epoch: count, round: count, cpus: someCpus, incarnation: life, report },
});
/** Said by each for itself, or brought by the lowest of them or by one below. */
const ack: fc.Arbitrary<Ack> = fc
  .tuple(plainAck, fc.option(fc.nat({ max: 1 }), { nil: undefined }))
  .map(([one, below]) => (below === undefined ? one : { ...one, carrier: Math.max(0, lowest(one.cpus) - below) }));
const answer: fc.Arbitrary<ToCoordinator> = fc.oneof(
  fc.record({ kind: fc.constant("hello" as const), cpu, incarnation: life }),
  fc.record({ kind: fc.constant("withdraw" as const), term: count, epoch: count, cpu, incarnation: life }),
  ack,
);
/** Runs of neighbours that say the same, as a host's turn has them, between all sorts of others. */
export const turn: fc.Arbitrary<ToCoordinator[]> = fc
  .array(fc.tuple(answer, fc.integer({ min: 1, max: 5 })))
  .map((runs) => runs.flatMap(([msg, length]) => Array.from({ length }, (_, i) => shifted(msg, i))));

/** The same, said by the CPUs that come `by` later. */
const shifted = (msg: ToCoordinator, by: number): ToCoordinator => {
  const later = (cpu: number): number => (cpu + by) % wireLimits.cpus;
  if (msg.kind !== "ack") return { ...msg, cpu: later(msg.cpu) };
  const cpus = fromCpus(toArray(msg.cpus).map(later));
  return msg.carrier === undefined ? { ...msg, cpus } : { ...msg, cpus, carrier: Math.min(msg.carrier, lowest(cpus)) };
};

/** What each CPU said, whoever said it for it. */
export const alone = (messages: readonly ToCoordinator[]): ToCoordinator[] =>
  messages.flatMap((msg): ToCoordinator[] =>
    msg.kind === "ack" ? toArray(msg.cpus).map((cpu) => ({ ...msg, cpus: oneCpu(cpu) })) : [msg],
  );

const call: fc.Arbitrary<Call | CallDone | Reschedule> = fc.oneof(
  fc.record({ kind: fc.constantFrom("call" as const, "call-done" as const), id: count, incarnation: life }),
  fc.record({ kind: fc.constant("reschedule" as const), sentNs: count, incarnation: life }),
);
/** Calls go to ranges, asks to those above, and acks to one combiner. */
const calls: fc.Arbitrary<Told[]> = fc.array(
  fc.record({
    from: cpu,
    to: fc.tuple(fc.nat(1_000), fc.nat(9)).map(([first, more]) => [first, first + more]),
    said: fc.constant(1),
    msg: call,
  }),
);
const handedOn: fc.Arbitrary<Told[]> = fc.array(
  fc
    .oneof(fc.record({ to: someCpus, msg: stop }), relayed)
    .filter(({ to }) => lowest(to) > 0)
    .map(({ to, msg }) => ({ from: lowest(to) - 1, to, said: 1, msg })),
);
const answered: fc.Arbitrary<Told[]> = fc.array(
  fc.record({ to: cpu.map(oneCpu), msg: ack }).map(({ to, msg }) => ({ from: msg.carrier ?? lowest(msg.cpus), to, said: 1, msg })),
);
export const told = fc.tuple(calls, handedOn, answered).map((kinds) => kinds.flat());

export const frames: fc.Arbitrary<Wire> = fc.oneof(
  fc.tuple(count, asks).map(([clock, items]) => encodeAsks(clock, items)),
  fc.tuple(count, turn).map(([clock, items]) => encodeAnswers(clock, items)),
  fc.tuple(count, told).map(([clock, items]) => encodeTold(clock, items)),
);

export const register: fc.Arbitrary<Register> = fc.record({
  term: count,
  holder: count,
  epoch: count,
  state: fc.constantFrom("open" as const, "commit" as const, "abort" as const, "done" as const),
  outcome: fc.option(outcome),
  operation: fc.constantFrom("patch" as const, "unpatch" as const),
  patch: name,
  step: count,
  attempt: count,
  version: count,
  target: count,
  participants: cpus,
  incarnations: fc.uniqueArray(cpu).chain((list) => fc.tuple(...list.sort((a, b) => a - b).map((n) => fc.tuple(fc.constant(n), life)))),
});
