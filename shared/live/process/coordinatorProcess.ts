// A process that runs one life of the coordinator on the bus.
import { type CpuSet, filter, size } from "../../machine/cpuSet.ts";
import { coordinatorActor } from "../../machine/machine.ts";
import type { Hit } from "../../nemesis/actorFaults.ts";
import { timedMachines } from "../../protocol/machines.ts";
import type { Phase, Stop, Welcome } from "../../protocol/messages.ts";
import type { AnyOutput } from "../../protocol/observer.ts";
import { type Ask, answerOf, encodeAsks } from "../../protocol/wire.ts";
import { type Bus, openBus } from "../bus/bus.ts";
import { sealTurn } from "../bus/codec.ts";
import { type Incoming, listen } from "../bus/incoming.ts";
import { hostsOf } from "../bus/layout.ts";
import { openRegister, type RegisterKey } from "../bus/register.ts";
import { inboxOf, type Speaker, subjectsOf } from "../bus/subjects.ts";
import { ActorProcess, type Living, living } from "./actorProcess.ts";
import type { Order, ProcessSpec } from "./control.ts";
import { failLoudly, listenToDriver, onBusEvent, report } from "./pipe.ts";

/** Runs a coordinator until its driver lets it go. */
export const runCoordinator = (): void => {
  failLoudly();
  let coordinator: Coordinator | undefined;
  listenToDriver(
    (spec) => {
      void Coordinator.open(spec).then((opened) => {
        coordinator = opened;
        report({ report: "ready" });
      });
    },
    (order) => coordinator?.onOrder(order),
  );
};

class Coordinator {
  private readonly spec: ProcessSpec;
  private readonly bus: Bus;
  private readonly process: ActorProcess;
  private readonly register: RegisterKey;
  private readonly ending = new AbortController();
  private readonly one: Living;
  private asks: Ask[] = [];

  static async open(spec: ProcessSpec): Promise<Coordinator> {
    const who: Speaker = { role: "coordinator", number: spec.number };
    const bus = await openBus({ url: spec.url, name: `coordinator-${spec.number}`, inbox: inboxOf(who), onEvent: onBusEvent });
    const coordinator = new Coordinator(spec, bus);
    listen(bus, spec.run, who, spec.layout, (incoming) => coordinator.onIncoming(incoming));
    await bus.flush();
    return coordinator;
  }

  private constructor(spec: ProcessSpec, bus: Bus) {
    this.spec = spec;
    this.bus = bus;
    this.register = openRegister(bus, spec.run, this.ending.signal, () => undefined);
    const machine = timedMachines(spec.setup).coordinator;
    const actor = coordinatorActor(spec.number);
    let state = machine.init(actor);
    this.one = living(actor, machine.timers, (input) => {
      const [next, outputs] = machine.step(state, input as Parameters<typeof machine.step>[1]);
      state = next;
      return outputs;
    });
    this.process = new ActorProcess(spec, {
      send: (_, output) => this.send(output),
      flush: (clock) => this.flush(clock),
      propose: (_, output) => void this.propose(output),
      announced: (_, output) => this.announced(output),
    });
    this.process.bringUp(this.one);
  }

  onOrder(order: Order): void {
    const now = (): number => this.process.nowFor(this.one);
    switch (order.order) {
      case "go":
        this.process.clock.start(order.startedNs);
        this.process.turn(0, (step) => {
          step(this.one, { kind: "start", at: now(), incarnation: this.spec.number });
          for (const [cpu, incarnation] of this.spec.dead) step(this.one, { kind: "died", at: now(), cpu, incarnation });
        });
        return;
      case "died":
        this.process.turn(0, (step) => {
          for (const [cpu, incarnation] of order.lives) step(this.one, { kind: "died", at: now(), cpu, incarnation });
        });
        return;
      case "strike":
        this.process.turn(0, () => this.strike(this.process.hitOf(order.hit)));
        return;
      case "heal":
        this.process.heal();
        return;
      case "quit":
        void this.quit();
    }
  }

  private async quit(): Promise<void> {
    this.ending.abort();
    this.process.close();
    report({ report: "ended", counts: this.process.counts(this.bus.counts.refused) });
    await this.bus.close();
    process.exit(0);
  }

  private onIncoming(incoming: Incoming): void {
    if (incoming.kind !== "answers") return;
    this.process.turn(incoming.clock, (step) => {
      for (const answer of incoming.items) {
        for (let cpu = answer.first; cpu <= answer.last; cpu++) {
          this.process.packets.delivered++;
          step(this.one, { kind: "deliver", at: this.process.nowFor(this.one), from: cpu, msg: answerOf(answer, cpu) });
        }
      }
    });
  }

  private async propose({ revision, record }: AnyOutput & { kind: "propose" }): Promise<void> {
    try {
      const answer = await this.register.propose(revision, record);
      this.process.turn(0, (step) => step(this.one, { kind: "register", at: this.process.nowFor(this.one), ...answer }));
    } catch (error) {
      // Only the end of this process ends the asking; anything else is a defect.
      if (!this.ending.signal.aborted) throw error;
    }
  }

  // ---- what leaves ----

  /** A broadcast stays one packet on the wire, for the CPUs whose copy is not lost or late. */
  private send({ to, msg }: AnyOutput & { kind: "send" }): void {
    if (to === "coordinators") throw new Error("a coordinator speaks to CPUs only");
    const said = msg as Stop | Welcome;
    const phase: Phase | undefined = said.kind === "stop" ? said.ask.do : this.one.phase;
    const reached: CpuSet = this.process.rules.none
      ? to
      : filter(to, (cpu) => this.process.passes(this.one.actor, cpu, msg, phase, () => this.asks.push({ to: [cpu, cpu], msg: said })));
    if (this.process.rules.none) this.process.packets.sent += size(to);
    if (reached.length > 0) this.asks.push({ to: reached, msg: said });
  }

  private flush(clock: number): void {
    if (this.asks.length === 0) return;
    const said = this.asks;
    this.asks = [];
    const subjects = subjectsOf(this.spec.run);
    const hosts = new Set<number>();
    for (const { to } of said) for (const host of hostsOf(this.spec.layout, to)) hosts.add(host);
    const [only] = hosts;
    const subject = hosts.size === 1 && only !== undefined ? subjects.asksTo(this.spec.number, only) : subjects.asks(this.spec.number);
    for (const bytes of sealTurn(said, (items) => encodeAsks(clock, items))) this.bus.publish(subject, bytes);
  }

  // ---- faults and facts ----

  private announced({ fact }: AnyOutput & { kind: "announce" }): void {
    if (!("life" in fact)) return;
    if (fact.fact !== "disregarded") report({ report: "fact", at: this.one.at, fact });
    if (fact.fact !== "asked") return;
    this.one.phase = fact.ask.do;
    for (const hit of this.process.nemesis.onPhase(this.one.actor, fact.ask.do)) this.strike(hit);
  }

  private strike(hit: Hit): void {
    this.process.struck(hit);
    report({ report: "hit", hit: { index: hit.index, actor: hit.actor }, fatal: hit.fault.fault === "crash" });
    if (hit.fault.fault === "pause") this.one.pausedUntil = this.process.clock.now() + hit.fault.forNs;
    else if (hit.fault.fault === "crash") {
      this.process.journal.commit();
      process.kill(process.pid, "SIGKILL");
    }
  }
}
