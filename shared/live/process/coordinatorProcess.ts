// A process that runs one life of the coordinator on the bus.
import { type CpuSet, filter, size } from "../../machine/cpuSet.ts";
import { coordinatorActor } from "../../machine/machine.ts";
import { machinesOf } from "../../mutants/machines.ts";
import type { CoordinatorFact } from "../../protocol/facts.ts";
import { lifeOfActor } from "../../protocol/machines.ts";
import type { RoundMessage, Welcome } from "../../protocol/messages.ts";
import type { AnyOutput } from "../../protocol/observer.ts";
import type { Answer } from "../../protocol/wire/answers.ts";
import { type Ask, encodeAsks } from "../../protocol/wire/asks.ts";
import type { Frame, Refusal } from "../../protocol/wire/frame.ts";
import { type Bus, openBus } from "../bus/bus.ts";
import { damage, seal, sealTurn } from "../bus/codec.ts";
import { heard, listen } from "../bus/incoming.ts";
import { hostOf, hostsOf } from "../bus/layout.ts";
import type { Incoming } from "../bus/reading.ts";
import { openRegister, type RegisterKey } from "../bus/register.ts";
import { inboxOf, type Speaker, type Subjects, subjectsOf } from "../bus/subjects.ts";
import { type ContextOf, contextFor } from "../telemetry/traceContext.ts";
import { ActorProcess } from "./actorProcess.ts";
import type { CpuLifeId, ProcessSpec, Report } from "./control.ts";
import { Living } from "./living.ts";
import { obeyDriver, onBusEvent, report } from "./pipe.ts";

/** Runs a coordinator until its driver lets it go. */
export const runCoordinator = (): void =>
  obeyDriver(async (spec) => {
    const who: Speaker = { role: "coordinator", number: spec.number };
    const bus = await openBus({ url: spec.url, name: `coordinator-${spec.number}`, inbox: inboxOf(who), onEvent: onBusEvent });
    const coordinator = new Coordinator(spec, bus);
    listen(bus, spec.run, who, spec.layout, (incoming) => coordinator.onIncoming(incoming));
    await heard(bus);
    return (order) => coordinator.process.obey(order);
  });

/** What facts tell the driver of a coordinator. Only a change is told: a report costs as much as a round of few CPUs. */
const standings: ReadonlyMap<string, string> = new Map([
  ["took", "at work"],
  ["opened", "at work"],
  ["finished", "finished"],
  ["stood-down", "stood down"],
]);

class Coordinator {
  readonly process: ActorProcess;
  private readonly spec: ProcessSpec;
  private readonly bus: Bus;
  private readonly register: RegisterKey;
  private readonly subjects: Subjects;
  private readonly context: ContextOf;
  private readonly ending = new AbortController();
  private readonly one: Living;
  private asks: Ask[] = [];
  private readonly untold: Report[] = [];
  private standing = "";
  private inbox: Array<Frame<Answer>> = [];
  private readonly toldRetries = new Set<string>();

  constructor(spec: ProcessSpec, bus: Bus) {
    this.spec = spec;
    this.bus = bus;
    this.subjects = subjectsOf(spec.run);
    this.context = contextFor(spec.run, process.env);
    this.register = openRegister(bus, spec.run, this.ending.signal, (why) => this.tellRetry(why), spec.copies);
    this.one = new Living(spec.number, lifeOfActor(machinesOf(spec.setup), coordinatorActor(spec.number)));
    this.process = new ActorProcess(spec, bus, true, {
      powerOn: () => {
        this.process.bringUp(this.one);
        this.died([...this.process.dead]);
      },
      died: (lives) => this.died(lives),
      send: (_, { output }) => this.send(output),
      flush: (clock) => this.flush(clock),
      propose: (_, output) => void this.propose(output),
      announced: (_, fact) => {
        if ("life" in fact && (this.isNews(fact) || spec.watched)) this.untold.push({ report: "fact", at: this.one.at, fact });
      },
      tell: () => {
        if (this.untold.length > 0) for (const one of this.untold.splice(0)) report(one);
      },
      crashed: () => {
        throw new Error("a coordinator is alone in its process");
      },
      close: () => this.ending.abort(),
    });
  }

  private isNews({ fact }: CoordinatorFact): boolean {
    const standing = standings.get(fact);
    if (standing === undefined || standing === this.standing) return false;
    this.standing = standing;
    return true;
  }

  private died(lives: readonly CpuLifeId[]): void {
    for (const life of lives) this.process.tellDeath(this.one, life);
  }

  onIncoming(incoming: Incoming): Refusal | undefined {
    if (incoming.kind !== "answers") return "not for a coordinator";
    // What comes before power-on will be said again.
    const one = this.process.alone(this.one.actor);
    if (one === undefined) return undefined;
    if (!this.process.admits(incoming.clock)) return "a clock from the future";
    // What one read of the connection brings is one turn, with one write of the journal: with a process per CPU, many frames.
    if (this.inbox.push(incoming) > 1) return undefined;
    if (this.spec.layout.hosts === 1) this.takeAnswers(one);
    else queueMicrotask(() => this.takeAnswers(one));
    return undefined;
  }

  private takeAnswers(one: Living): void {
    const frames = this.inbox;
    this.inbox = [];
    const heard = frames.reduce((latest, { clock }) => Math.max(latest, clock), 0);
    this.process.turn(heard, () => {
      for (const { items } of frames) {
        for (const { from, said, msg } of items) {
          this.process.packets.counts.delivered += said - 1;
          this.process.deliver(one, from, msg);
        }
      }
    });
  }

  private async propose({ revision, record }: AnyOutput & { kind: "propose" }): Promise<void> {
    try {
      const answer = await this.register.propose(revision, record);
      this.process.turn(0, () => this.process.step(this.one, { kind: "register", at: this.process.nowFor(this.one), ...answer }));
    } catch (error) {
      // Only the end of this process ends the asking; anything else is a defect.
      if (!this.ending.signal.aborted) throw error;
    }
  }

  /** Once for each reason: it asks again for as long as the run lasts. */
  private tellRetry(why: string): void {
    if (this.toldRetries.has(why)) return;
    this.toldRetries.add(why);
    report({ report: "notice", text: `the register is asked again: ${why}` });
  }

  /** A broadcast stays one packet on the wire, for the CPUs whose copy is not lost or late. */
  private send({ to, msg }: AnyOutput & { kind: "send" }): void {
    if (to === "coordinators") throw new Error("a coordinator speaks to CPUs only");
    const said = msg as RoundMessage | Welcome;
    let reached: CpuSet = to;
    if (this.process.packets.rules.none) this.process.packets.counts.sent += size(to);
    else {
      reached = filter(to, (cpu) => {
        const ask: Ask = { to: [cpu, cpu], msg: said };
        return this.process.passes(this.one, cpu, msg, {
          late: () => this.asks.push(ask),
          damaged: (clock) => this.sendDamaged(clock, cpu, ask),
        });
      });
    }
    if (reached.length > 0) this.asks.push({ to: reached, msg: said });
  }

  private sendDamaged(clock: number, cpu: number, ask: Ask): void {
    const subject = this.subjects.asksTo(this.spec.number, hostOf(this.spec.layout, cpu));
    this.bus.publish(subject, damage(seal(encodeAsks(clock, [ask]))));
  }

  private flush(clock: number): void {
    if (this.asks.length === 0) return;
    const said = this.asks;
    this.asks = [];
    const { subjects } = this;
    const hosts = new Set<number>();
    for (const { to } of said) for (const host of hostsOf(this.spec.layout, to)) hosts.add(host);
    const [only] = hosts;
    const subject = hosts.size === 1 && only !== undefined ? subjects.asksTo(this.spec.number, only) : subjects.asks(this.spec.number);
    for (const bytes of sealTurn(said, (items) => encodeAsks(clock, items))) this.bus.publish(subject, bytes, this.context(said));
  }
}
