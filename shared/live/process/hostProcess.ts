// A process that runs 1..k simulated CPUs on the bus.
import { forEach, has, size } from "../../machine/cpuSet.ts";
import { coordinatorActor } from "../../machine/machine.ts";
import type { Hit } from "../../nemesis/actorFaults.ts";
import { timedMachines } from "../../protocol/machines.ts";
import type { Message, Phase, ToCoordinator } from "../../protocol/messages.ts";
import { type CpuCall, encodeAnswers, encodeCalls } from "../../protocol/wire.ts";
import { type Bus, openBus } from "../bus/bus.ts";
import { sealTurn } from "../bus/codec.ts";
import { type Incoming, listen } from "../bus/incoming.ts";
import { cpusOf, hostOf } from "../bus/layout.ts";
import { inboxOf, type Speaker, subjectsOf } from "../bus/subjects.ts";
import { ActorProcess, type Living, living } from "./actorProcess.ts";
import type { CpuLifeId, Order, ProcessSpec } from "./control.ts";
import { failLoudly, listenToDriver, onBusEvent, report } from "./pipe.ts";

/** Runs a host until its driver lets it go. */
export const runHost = (): void => {
  failLoudly();
  let host: Host | undefined;
  listenToDriver(
    (spec) => {
      void Host.open(spec).then((opened) => {
        host = opened;
        report({ report: "ready" });
      });
    },
    (order) => host?.onOrder(order),
  );
};

class Host {
  private readonly spec: ProcessSpec;
  private readonly bus: Bus;
  private readonly process: ActorProcess;
  private readonly machine: ReturnType<typeof timedMachines>["cpu"];
  private readonly incarnations = new Map<number, number>();
  private readonly running = new Set<number>();
  /** What leaves at the end of the turn. */
  private answers: ToCoordinator[] = [];
  private readonly calls = new Map<number, CpuCall[]>();
  private told = "";

  static async open(spec: ProcessSpec): Promise<Host> {
    const who: Speaker = { role: "host", number: spec.number };
    const bus = await openBus({ url: spec.url, name: `host-${spec.number}`, inbox: inboxOf(who), onEvent: onBusEvent });
    const host = new Host(spec, bus);
    listen(bus, spec.run, who, spec.layout, (incoming) => host.onIncoming(incoming));
    await bus.flush();
    return host;
  }

  private constructor(spec: ProcessSpec, bus: Bus) {
    this.spec = spec;
    this.bus = bus;
    this.machine = timedMachines(spec.setup).cpu;
    this.process = new ActorProcess(spec, {
      send: (from, output) => {
        if (output.to === "coordinators") this.answer(from, output.msg);
        else forEach(output.to, (cpu) => this.call(from, cpu, output.msg));
      },
      flush: (clock) => this.flush(clock),
      propose: () => {
        throw new Error("a CPU never asks for the register");
      },
      announced: (from, { fact }) => {
        if (fact.fact === "running") this.running.add(from.actor);
      },
    });
  }

  // ---- orders of the driver ----

  onOrder(order: Order): void {
    switch (order.order) {
      case "go":
        this.process.clock.start(order.startedNs);
        this.powerOn();
        return;
      case "died":
        this.process.turn(0, (step) => {
          for (const [cpu, incarnation] of order.lives) {
            for (const one of this.process.all()) step(one, { kind: "died", at: this.process.nowFor(one), cpu, incarnation });
          }
        });
        return;
      case "strike":
        this.process.turn(0, () => this.strikeAt(this.process.hitOf(order.hit)));
        return;
      case "heal":
        this.process.heal();
        return;
      case "quit":
        void this.quit();
    }
  }

  private powerOn(): void {
    const later = new Map(this.spec.incarnations);
    this.process.turn(0, (step) => {
      forEach(cpusOf(this.spec.layout, this.spec.number), (cpu) => this.start(cpu, later.get(cpu) ?? 1, step));
    });
  }

  private start(cpu: number, incarnation: number, step: (one: Living, input: Parameters<Living["step"]>[0]) => void): void {
    this.incarnations.set(cpu, incarnation);
    let state = this.machine.init(cpu);
    const one = living(cpu, this.machine.timers, (input) => {
      const [next, outputs] = this.machine.step(state, input as Parameters<typeof this.machine.step>[1]);
      state = next;
      return outputs;
    });
    this.process.bringUp(one);
    step(one, { kind: "start", at: this.process.nowFor(one), incarnation });
  }

  private async quit(): Promise<void> {
    this.process.close();
    report({ report: "ended", counts: this.process.counts(this.bus.counts.refused) });
    await this.bus.close();
    process.exit(0);
  }

  // ---- what arrives ----

  private onIncoming(incoming: Incoming): void {
    if (incoming.kind === "asks") this.onAsks(incoming);
    else if (incoming.kind === "calls") this.onCalls(incoming);
  }

  private onAsks({ from, clock, items }: Incoming & { kind: "asks" }): void {
    const mine = cpusOf(this.spec.layout, this.spec.number);
    const sender = coordinatorActor(from);
    this.process.turn(clock, (step) => {
      for (const { to, msg } of items) {
        forEach(mine, (cpu) => {
          if (has(to, cpu)) this.deliver(sender, cpu, msg, step);
        });
      }
    });
  }

  private onCalls({ clock, items }: Incoming & { kind: "calls" }): void {
    const mine = cpusOf(this.spec.layout, this.spec.number);
    this.process.turn(clock, (step) => {
      for (const { from, to, msg } of items) {
        forEach(to, (cpu) => {
          if (has(mine, cpu)) this.deliver(from, cpu, msg, step);
        });
      }
    });
  }

  private deliver(from: number, cpu: number, msg: Message, step: (one: Living, input: Parameters<Living["step"]>[0]) => void): void {
    const one = this.process.find(cpu);
    if (one === undefined) return;
    this.process.packets.delivered++;
    if (msg.kind === "stop") {
      one.phase = msg.ask.do;
      this.strikeAtPhase(one, msg.ask.do);
      if (this.process.find(cpu) !== one) return;
    }
    step(one, { kind: "deliver", at: this.process.nowFor(one), from, msg });
  }

  // ---- what leaves ----

  private answer(from: Living, msg: Message): void {
    const said = msg as ToCoordinator;
    const again = (): void => {
      this.answers.push(said);
    };
    if (this.process.passes(from.actor, coordinatorActor(0), msg, from.phase, again)) again();
  }

  private call(from: Living, to: number, msg: Message): void {
    const host = hostOf(this.spec.layout, to);
    const again = (): void => {
      const calls = this.calls.get(host) ?? [];
      calls.push({ from: from.actor, to: [to, to], msg: msg as CpuCall["msg"] });
      this.calls.set(host, calls);
    };
    if (this.process.passes(from.actor, to, msg, from.phase, again)) again();
  }

  private flush(clock: number): void {
    const subjects = subjectsOf(this.spec.run);
    if (this.answers.length > 0) {
      const said = this.answers;
      this.answers = [];
      for (const bytes of sealTurn(said, (items) => encodeAnswers(clock, items)))
        this.bus.publish(subjects.answers(this.spec.number), bytes);
    }
    for (const [host, calls] of this.calls) {
      for (const bytes of sealTurn(calls, (items) => encodeCalls(clock, items)))
        this.bus.publish(subjects.calls(this.spec.number, host), bytes);
    }
    this.calls.clear();
    this.tellSettled();
  }

  private tellSettled(): void {
    const text = `${this.running.size}/${this.incarnations.size}`;
    if (text === this.told) return;
    // Of the first greetings only the last is worth a line.
    if (this.running.size < this.incarnations.size && this.told !== "" && this.running.size % 64 !== 0) return;
    this.told = text;
    report({ report: "settled", running: this.running.size, alive: this.incarnations.size });
  }

  // ---- faults ----

  private strikeAtPhase(one: Living, phase: Phase): void {
    for (const hit of this.process.nemesis.onPhase(one.actor, phase)) this.strike(hit, one);
  }

  private strikeAt(hit: Hit): void {
    const one = hit.actor === "coordinator" ? undefined : this.process.find(hit.actor);
    if (one !== undefined) this.strike(hit, one);
  }

  private strike(hit: Hit, one: Living): void {
    this.process.struck(hit);
    const { fault } = hit;
    if (fault.fault === "pause") {
      one.pausedUntil = this.process.clock.now() + fault.forNs;
      report({ report: "hit", hit: { index: hit.index, actor: hit.actor }, fatal: false });
    } else if (fault.fault === "crash") this.crash(hit, one, fault.restartAfterNs);
  }

  /** The only CPU of a process dies with its process, as a CPU does; of several, only this one dies. */
  private crash(hit: Hit, one: Living, restartAfterNs: number | undefined): void {
    const fatal = size(cpusOf(this.spec.layout, this.spec.number)) === 1;
    report({ report: "hit", hit: { index: hit.index, actor: hit.actor }, fatal });
    if (fatal) {
      this.process.journal.commit();
      process.kill(process.pid, "SIGKILL");
    }
    const life: CpuLifeId = [one.actor, this.incarnations.get(one.actor) ?? 1];
    this.process.remove(one);
    this.incarnations.delete(one.actor);
    this.running.delete(one.actor);
    report({ report: "died", lives: [life] });
    if (restartAfterNs !== undefined) this.restartLater(life, restartAfterNs);
  }

  private restartLater([cpu, incarnation]: CpuLifeId, afterNs: number): void {
    setTimeout(
      () => {
        this.process.turn(0, (step) => this.start(cpu, incarnation + 1, step));
        report({ report: "up", lives: [[cpu, incarnation + 1]] });
      },
      Math.ceil(afterNs / 1e6),
    );
  }
}
