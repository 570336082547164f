// A transition of the core carried out by the protocol: what its coordinator announces, told to the core.
import type { Fact } from "../protocol/facts.ts";
import type { Phase } from "../protocol/messages.ts";
import type { SmallMachine } from "./smallMachine.ts";
import type { Operation, Transition, TransitionWatcher, Turned } from "./transition.ts";

/** Rounds without loss take microseconds, and the next check comes no sooner than three quarters of a second later. */
const roundLimitNs = 500_000_000;

type Stage = "none" | "opening" | "bringing" | "reversing" | "completing";

export class ProtocolTransition implements Transition {
  private stage: Stage = "none";
  private operation: Operation = "patch";
  /** The version in force. */
  private version = 0;
  /** Tasks that the last round has found not switched. */
  private pending = 0;
  /** The first round that brings tasks over has ended. */
  private tried = false;
  private forced = false;
  private readonly machine: () => SmallMachine;
  private readonly watcher: TransitionWatcher;

  constructor(machine: () => SmallMachine, watcher: TransitionWatcher) {
    this.machine = machine;
    this.watcher = watcher;
  }

  begin(operation: Operation): void {
    this.operation = operation;
    this.stage = "opening";
    this.tried = false;
    this.machine().control({ kind: "control", do: "operate", operation });
    this.expect(() => this.stage === "none" || (this.tried && this.pending > 0));
  }

  reverse(): Turned {
    // The register holds one decision for each epoch, and the first reversal was that.
    if (this.stage === "reversing") return "refused";
    this.machine().control({ kind: "control", do: "reverse" });
    this.expect(() => this.stage === "reversing" || this.stage === "none");
    return this.stage === "none" ? "over" : "turned";
  }

  force(): void {
    this.forced = false;
    this.machine().control({ kind: "control", do: "force" });
    this.expect(() => this.forced || this.stage === "none");
  }

  isPatched(version: number): boolean {
    return version === (this.operation === "patch" ? this.version + 1 : this.version);
  }

  private expect(holds: () => boolean): void {
    if (!this.machine().runUntil(holds, roundLimitNs)) throw new Error(`the protocol stands still while ${this.stage}`);
  }

  onFact(fact: Fact): void {
    switch (fact.fact) {
      case "asked":
        return this.onAsked(fact.ask.do);
      case "switched":
        this.pending += fact.pending;
        return;
      case "round-ended":
        if (fact.phase === "start") this.tried = true;
        return;
      case "decided":
        if (fact.outcome === "committed") this.complete();
        return;
      case "closed":
        this.stage = "none";
        this.version = fact.version;
        return this.watcher.onClosed();
    }
  }

  private onAsked(phase: Phase): void {
    this.pending = 0;
    switch (phase) {
      case "start":
        this.stage = "bringing";
        return this.watcher.onStarting();
      case "reverse":
        this.stage = "reversing";
        return this.watcher.onReversing();
      case "signal":
        return this.watcher.onSignaling();
      case "force":
        this.forced = true;
        return this.watcher.onForcing();
      // Everyone is back: this is what the end begins with.
      case "poke":
      case "sync":
      case "cancel":
        if (this.stage === "reversing") this.complete();
        return;
    }
  }

  private complete(): void {
    this.stage = "completing";
    this.watcher.onCompleting();
  }
}
